from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.app import create_app
from channels.errors import CannotStart
from channels.sheet import qr
from channels.sheet.facts import ActionsFacts, ProcedureFacts
from tests.channels.conftest import door_of
from tests.channels.sheet import samples as s

pytestmark = pytest.mark.anyio
ADDRESS = f"/phieu/{s.RECEIPT}"


class SimulatedFacts:
    """What the actions server would tell; None when it is down."""

    def __init__(self, told: ProcedureFacts | None) -> None:
        self.told = told
        self.asked: list[str] = []

    async def facts(self, procedure_code: str) -> ProcedureFacts | None:
        self.asked.append(procedure_code)
        return self.told


@pytest.fixture
async def open_sheets(make_settings: Callable[..., Any], tmp_path: Path) -> Any:
    """Opens a gateway with an answer under the sample receipt, and says what today's facts are."""
    opened: list[Any] = []

    async def open_one(
        answer: Any = s.DOCUMENTS, facts: ProcedureFacts | None = s.FACTS, **changes: Any
    ) -> httpx.AsyncClient:
        app = create_app(make_settings(**changes))
        app.state.sheets._facts = SimulatedFacts(facts)
        store_once(tmp_path, answer)
        door = door_of(app)
        opened.append(door)
        client: httpx.AsyncClient = await door.__aenter__()
        return client

    yield open_one
    for door in reversed(opened):
        await door.__aexit__(None, None, None)


def store_once(folder: Path, answer: Any) -> None:
    s.store(folder / "motcua.db", answer)


async def test_the_page_shows_the_whole_sheet(open_sheets: Any) -> None:
    answer = await (await open_sheets()).get("/phieu/a7k2m4qx")
    page = unescape(answer.text)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    for wanted in (
        s.NAME,
        "Giấy ủy quyền",
        "2 bản sao",
        "25.000 đồng/thuyền",
        "3 ngày làm việc",
        "Nhận giấy chứng nhận",
    ):
        assert wanted in page
    assert page.count('type="checkbox"') == 4
    assert f"http://gateway{ADDRESS}" in page


async def test_nothing_of_a_sheet_stays_in_a_cache(open_sheets: Any) -> None:
    http = await open_sheets()
    for address in (ADDRESS, f"{ADDRESS}.pdf", f"{ADDRESS}/qr.svg", "/phieu/wrong"):
        answer = await http.get(address)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_page_needs_nothing_that_its_policy_forbids(open_sheets: Any) -> None:
    http = await open_sheets()
    page = (await http.get(ADDRESS)).text
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", page)
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        assert (await http.get(address)).status_code == 200, address


async def test_the_file_is_a_pdf_with_a_name(open_sheets: Any) -> None:
    answer = await (await open_sheets()).get("/phieu/a7k2-m4qx.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="phieu-A7K2-M4QX.pdf"'
    assert answer.content.startswith(b"%PDF-")


async def test_the_code_leads_to_the_page(open_sheets: Any) -> None:
    http = await open_sheets(public_url="https://motcua.example.vn/")
    answer = await http.get(f"{ADDRESS}/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.content == qr.svg(f"https://motcua.example.vn{ADDRESS}")


async def test_text_is_shown_as_text(open_sheets: Any) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{ 7*7 }}'
    told = s.reply("documents", evil, s.section(evil, evil), source=s.SOURCE.model_copy(update={"url": "javascript:1"}))
    http = await open_sheets(told, ProcedureFacts(name=evil, replies=()))
    page = (await http.get(ADDRESS)).text
    assert "<script>alert" not in page and "<img src=x" not in page and 'href="javascript' not in page
    assert "{{ 7*7 }}" in page
    assert (await http.get(f"{ADDRESS}.pdf")).status_code == 200


@pytest.mark.parametrize("host", ['evil"><script>', "a b", "x" * 3000, "[::1"])
async def test_a_strange_host_is_not_believed(open_sheets: Any, host: str) -> None:
    http = await open_sheets()
    answer = await http.get(ADDRESS, headers={"Host": host})
    assert answer.status_code == 200
    assert f"http://127.0.0.1:8080{ADDRESS}" in answer.text


@pytest.mark.parametrize("typed", ["ZZZZ-ZZZZ", "x", "%00", "..%2f..%2fetc%2fpasswd", "%F0%9F%99%82", "a" * 5000])
async def test_an_unknown_receipt_is_told_with_a_next_step(open_sheets: Any, typed: str) -> None:
    http = await open_sheets()
    for form in ("", ".pdf", "/qr.svg"):
        answer = await http.get(f"/phieu/{typed}{form}")
        assert answer.status_code == 404
        if "%2f" not in typed:
            assert "Không tìm thấy phiếu" in answer.text and 'href="/"' in answer.text


async def test_the_bare_address_says_what_belongs_there(open_sheets: Any) -> None:
    answer = await (await open_sheets()).get("/phieu")
    assert answer.status_code == 404 and "Không tìm thấy phiếu" in answer.text


async def test_sheets_are_counted_like_every_other_request(open_sheets: Any) -> None:
    http = await open_sheets(rate_per_address="2/minute")
    statuses = [(await http.get(f"{ADDRESS}{form}")).status_code for form in ("", "/qr.svg", "")]
    assert statuses == [200, 200, 429]
    answer = await http.get(ADDRESS)
    assert int(answer.headers["retry-after"]) > 0 and "hơi nhanh" in answer.text


async def test_a_database_that_fails_is_told_without_its_error(open_sheets: Any, tmp_path: Path) -> None:
    http = await open_sheets()
    (tmp_path / "motcua.db").write_bytes(b"this is no database" * 200)
    answer = await http.get(ADDRESS)
    assert answer.status_code == 503 and "tạm thời" in answer.text


async def test_without_the_actions_server_the_sheet_shows_what_was_told(open_sheets: Any) -> None:
    page = unescape((await (await open_sheets(facts=None)).get(ADDRESS)).text)
    assert "Giấy tờ mua bán" in page and "Lúc này chưa lấy được các phần khác" in page


async def test_a_public_address_that_is_none_is_refused_at_the_start(make_settings: Callable[..., Any]) -> None:
    for wrong in ("motcua.example.vn", "ftp://motcua.example.vn", "https://a b.vn", "https://motcua.example.vn/?x=1"):
        with pytest.raises(CannotStart, match="MOTCUA_PUBLIC_URL"):
            create_app(make_settings(public_url=wrong))


async def test_facts_are_asked_for_with_the_token() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=s.FACTS.model_dump_json())

    client = ActionsFacts("http://actions", "secret", 5.0, httpx.MockTransport(answer))
    assert await client.facts(s.CODE) == s.FACTS
    assert asked[0].url.path == f"/sheet/{s.CODE}"
    assert asked[0].headers["authorization"] == "Bearer secret"
    assert await client.facts("../health") is None and len(asked) == 1
    await client.close()


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(500),
        httpx.Response(404, json={"error": "unknown"}),
        httpx.Response(200, text="no JSON"),
        httpx.Response(200, json={"name": 3}),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
    ],
)
async def test_facts_that_cannot_be_had_are_none_and_nothing_is_quoted(fault: Any, caplog: Any) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        if isinstance(fault, Exception):
            raise fault
        assert isinstance(fault, httpx.Response)
        return fault

    client = ActionsFacts("http://actions", "secret", 5.0, httpx.MockTransport(answer))
    with caplog.at_level(logging.WARNING):
        assert await client.facts(s.CODE) is None
    assert "secret" not in caplog.text and "refused" not in caplog.text
    await client.close()


def test_facts_are_a_plain_json_contract() -> None:
    assert set(json.loads(s.FACTS.model_dump_json())) == {"name", "replies"}
