from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

import channels.web
from tests.simulators.rasa import Fault, RasaSimulator

pytestmark = pytest.mark.anyio

STATIC = Path(channels.web.__file__).parent / "static"


async def test_the_page_holds_no_script_and_no_style_of_its_own(http: httpx.AsyncClient) -> None:
    page = (await http.get("/")).text
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        assert (await http.get(address)).status_code == 200


async def test_the_script_is_given_every_word_it_uses(open_gateway: Callable[..., Any]) -> None:
    http: httpx.AsyncClient = await open_gateway(link_domains="gov.vn, example.vn", message_length=321)
    page = (await http.get("/")).text
    given = json.loads(unescape(re.search(r"data-words='([^']*)'", page)[1]))  # type: ignore[index]
    used = {
        word
        for file in STATIC.glob("*.js")
        for word in re.findall(r"\bwords\.(\w+)", file.read_text("utf-8"))
    }
    assert used == set(given)
    assert json.loads(unescape(re.search(r"data-link-domains='([^']*)'", page)[1])) == [
        "gov.vn",
        "example.vn",
    ]  # type: ignore[index]
    assert 'maxlength="321"' in page


def test_the_script_never_makes_markup_of_text() -> None:
    for file in STATIC.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", file.read_text("utf-8")
        )


async def test_a_process_that_runs_is_up(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "up"}


async def test_readiness_names_the_part_that_fails(http: httpx.AsyncClient, rasa: RasaSimulator) -> None:
    assert (await http.get("/readyz")).json() == {"status": "ready", "database": "ok", "rasa": "ok"}
    rasa.fault = Fault.NO_MODEL
    answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "database": "ok", "rasa": "unavailable"}
