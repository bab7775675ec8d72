from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha384
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from tests.simulators.rasa import Fault, RasaSimulator

pytestmark = pytest.mark.anyio


class Scripts(HTMLParser):
    """Collects the attributes of the scripts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.found.append(dict(attrs))

    @property
    def widget(self) -> dict[str, str | None]:
        [widget] = [one for one in self.found if "integrity" in one]
        return widget


@pytest.mark.parametrize("path", ["/", "/kiosk", "/chat", "/chat/xoa"])
async def test_a_page_holds_no_script_and_no_style_of_its_own(http: httpx.AsyncClient, path: str) -> None:
    page = (await http.get(path)).text
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    for address in re.findall(r'(?:src|href)="(/[^"#]+)"', page):
        assert (await http.get(address)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/kiosk"])
async def test_a_page_loads_the_widget_by_a_version_that_agrees_with_its_digest(
    http: httpx.AsyncClient, path: str
) -> None:
    widget = Scripts((await http.get(path)).text).widget
    assert widget["crossorigin"] == "anonymous"
    answer = await http.get(str(widget["src"]))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert widget["integrity"] == f"sha384-{b64encode(sha384(answer.content).digest()).decode()}"


async def test_the_line_to_copy_is_the_line_that_the_page_itself_uses(open_gateway: Callable[..., Any]) -> None:
    http: httpx.AsyncClient = await open_gateway(province='Hà "Giang" <b>')
    page = (await http.get("/")).text
    [shown] = re.findall(r'<code id="snippet">(.*?)</code>', page, re.DOTALL)
    line = unescape(shown)
    assert page.count(line) == 1 and line.startswith("<script src=") and line.endswith("</script>")
    assert Scripts(line).widget["data-province"] == 'Hà "Giang" <b>'
    assert Scripts(page).widget == Scripts(line).widget


@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({"Host": "tro-ly.example.gov.vn"}, "http://tro-ly.example.gov.vn"),
        ({"Host": "tro-ly.example.gov.vn", "X-Forwarded-Proto": "https"}, "https://tro-ly.example.gov.vn"),
        ({"Host": "tro-ly.example.gov.vn", "X-Forwarded-Proto": "javascript"}, "http://tro-ly.example.gov.vn"),
        ({"Host": "chung.example.gov.vn:8443"}, "https://chung.example.gov.vn:8443"),
        ({"Host": '"><script>'}, "https://chung.example.gov.vn:8443"),
    ],
)
async def test_the_line_names_the_address_that_the_visitor_used(
    open_gateway: Callable[..., Any], headers: dict[str, str], root: str
) -> None:
    http: httpx.AsyncClient = await open_gateway(public_url="https://chung.example.gov.vn:8443/")
    widget = Scripts((await http.get("/", headers=headers)).text).widget
    assert str(widget["src"]).startswith(f"{root}/widget/")


async def test_pages_are_compressed_where_the_browser_takes_it(http: httpx.AsyncClient) -> None:
    plain = await http.get("/", headers={"Accept-Encoding": "identity"})
    small = await http.get("/", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.text == plain.text
    assert int(small.headers["content-length"]) < len(plain.content) / 2


async def test_a_kiosk_is_kept_in_no_cache(http: httpx.AsyncClient) -> None:
    answer = await http.get("/kiosk")
    assert answer.headers["cache-control"] == "no-store"
    assert Scripts(answer.text).widget["data-mode"] == "kiosk"


async def test_a_process_that_runs_is_up(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "up"}


async def test_readiness_names_the_part_that_fails(http: httpx.AsyncClient, rasa: RasaSimulator) -> None:
    assert (await http.get("/readyz")).json() == {"status": "ready", "database": "ok", "rasa": "ok"}
    rasa.fault = Fault.NO_MODEL
    answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "database": "ok", "rasa": "unavailable"}
