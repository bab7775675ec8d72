"""What was told under a receipt: by command, on the console's page, and however the code is typed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, inspect, update
from typer.testing import CliRunner

from actions.receipts import ReceiptBook
from actions.tables import ReceiptRow
from channels.handover.receipts import _RECEIPT, find_receipts
from knowledge.store.tables import CatalogueVersion, PartVersion
from motcua.cli import app
from motcua.database import open_database
from motcua.reply import Reply
from motcua.settings import settings
from tests.channels.console.conftest import Staff, open_staff, password_hash, quick_hashing, staff

__all__ = ["open_staff", "password_hash", "quick_hashing", "staff"]

TOLD = Reply(kind="answer", text="Mất 25.000 đồng.", procedure="1.001193", aspect="fee")
AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def write_version(connection: Connection, number: int, **parts: str | None) -> None:
    """Writes a catalogue version in which parts of the procedure change; None takes one away."""
    connection.execute(
        insert(CatalogueVersion).values(number=number, made_at=AT, reason=f"import {number}", changed=len(parts))
    )
    for part, payload in parts.items():
        this = (PartVersion.code == "1.001193") & (PartVersion.part == part) & PartVersion.until.is_(None)
        connection.execute(update(PartVersion).where(this).values(until=number))
        if payload is not None:
            row = {"code": "1.001193", "part": part, "origin": "portal", "digest": payload, "payload": payload}
            connection.execute(insert(PartVersion).values(**row, since=number))


def issue(url: str, version: int = 1) -> str:
    engine = open_database(url)
    with engine.begin() as connection:
        write_version(connection, 1, portal="a", curated="b")
    code = ReceiptBook(engine).issue(TOLD, version)
    engine.dispose()
    return code


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home folder of the command line."""
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def url(home: Path, new_database: Path) -> str:
    shutil.copy(new_database, home)
    return settings().database


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["receipt", *words])


def test_the_command_shows_what_was_told_and_from_which_catalogue(url: str) -> None:
    code = issue(url)
    shown = run(code)
    assert shown.exit_code == 0
    assert TOLD.text in shown.output and "version 1 of 2026-11-20 09:00 (import 1)" in shown.output
    assert "1.001193, fee" in shown.output and "since then: unchanged" in shown.output


def test_it_says_what_of_the_record_has_changed_since(url: str) -> None:
    code = issue(url)
    engine = open_database(url)
    with engine.begin() as connection:
        write_version(connection, 2, portal="c")
        write_version(connection, 3, curated=None)
    engine.dispose()
    shown = run(code).output
    assert "portal changed with version 2" in shown and "curated withdrawn with version 3" in shown
    [told] = json.loads(run(code, "--json").output)
    assert told["shown"]["text"] == TOLD.text and told["code"] == code
    assert told["changes"] == [
        {"part": "portal", "version": 2, "withdrawn": False},
        {"part": "curated", "version": 3, "withdrawn": True},
    ]


def test_a_change_before_it_is_none_since(url: str) -> None:
    code = issue(url)
    engine = open_database(url)
    with engine.begin() as connection:
        write_version(connection, 2, portal="c")
    later = ReceiptBook(engine).issue(TOLD, 2)
    engine.dispose()
    assert later != code and "since then: unchanged" in run(later).output


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda c: c.replace("-", ""),
        lambda c: f"  {c[:2]} {c[2:4]} – {c[5:]} ",
        lambda c: c.replace("D", "O"),
    ],
)
def test_it_is_found_however_it_is_typed(url: str, typed: Callable[[str], str]) -> None:
    code = issue(url)
    assert run(typed(code)).exit_code == 0


@pytest.mark.parametrize("letter", ["0", "O", "o"])
def test_a_nought_stands_for_what_looks_like_it(url: str, letter: str) -> None:
    engine = open_database(url)
    row = {"catalogue_version": 1, "procedure": "", "aspect": "", "shown": TOLD.model_dump_json(), "made_at": AT}
    with engine.begin() as connection:
        connection.execute(insert(ReceiptRow).values(code="A7KD-QW3E", **row))
        [found] = find_receipts(connection, f"a7k{letter} {letter}w3e")
    engine.dispose()
    assert (found.code, found.changes) == ("A7KD-QW3E", ())


@pytest.mark.parametrize("typed", ["", "A7K2", "A7K2-QW3E", "'; DROP TABLE receipt; --", "🙂" * 50])
def test_a_code_that_was_never_issued_is_told(url: str, typed: str) -> None:
    shown = run("--", typed)
    assert shown.exit_code == 1 and "no answer was given" in shown.output
    assert json.loads(run("--json", "--", typed).output) == []


def test_an_answer_of_another_shape_is_shown_as_it_was_stored(url: str) -> None:
    engine = open_database(url)
    row = {"catalogue_version": 9, "procedure": "", "aspect": "", "shown": '{"text": "xưa"}', "made_at": AT}
    with engine.begin() as connection:
        connection.execute(insert(ReceiptRow).values(code="A7KD-QW3E", **row))
    engine.dispose()
    assert "xưa" in run("A7KD-QW3E").output


def test_the_columns_read_are_those_that_are_written() -> None:
    written = inspect(ReceiptRow).local_table
    assert written.name == _RECEIPT.name
    assert {c.name for c in _RECEIPT.columns} == {c.name for c in written.columns}


@pytest.mark.anyio
async def test_the_page_shows_the_same(staff: Staff) -> None:
    code = issue(staff.settings.database)
    analyst = await staff.sign_in("analyst")
    page = await analyst.get("/receipts", params={"code": code.lower().replace("-", " ")})
    assert page.status_code == 200
    assert TOLD.text in page.text and "Lệ phí" in page.text and "chưa thay đổi" in page.text
    with staff.engine.begin() as connection:
        write_version(connection, 2, portal="c")
    page = await analyst.get("/receipts", params={"code": code})
    assert "Dữ liệu Cổng dịch vụ công đã thay đổi ở phiên bản 2" in page.text
    assert "Không có câu trả lời nào" in (await analyst.get("/receipts", params={"code": "<b>x</b>"})).text
