"""The audit log: it only grows, and whatever is done to it otherwise is found."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from channels.console.audit import GENESIS, NOBODY, audit, verify
from channels.console.errors import AuditUnfit
from channels.console.showing import audit_words, words
from motcua.database import open_database, upgrade
from motcua.settings import ROOT
from tests.channels.console.conftest import Staff
from tests.simulators.postgres import PostgresServer


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'motcua.db'}"
    upgrade(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_log(postgres: PostgresServer) -> Iterator[Engine]:
    url = postgres.new_database()
    upgrade(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


def write(engine: Engine, rows: int = 5) -> None:
    for number in range(rows):
        with engine.begin() as connection:
            audit(connection, "lan", "record.published", f"procedure:1.{number:06}", {"version": number})


def tamper(engine: Engine, *statements: str) -> None:
    """Changes rows as somebody would who has the database to himself."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for change in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER audit_row_no_{change}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_row DISABLE TRIGGER audit_row_no_change")
        for statement in statements:
            connection.exec_driver_sql(statement)


def faults(engine: Engine, noted: tuple[int, str] | None = None) -> list[tuple[int, str]]:
    with engine.connect() as connection:
        return [(fault.number, fault.kind) for fault in verify(connection, noted).faults]


def test_an_empty_log_has_nothing_wrong(log: Engine) -> None:
    with log.connect() as connection:
        verdict = verify(connection)
    assert (verdict.rows, verdict.number, verdict.digest, verdict.faults) == (0, 0, GENESIS, [])


def test_rows_are_numbered_chained_and_found_in_order(log: Engine) -> None:
    write(log, 20)
    with log.connect() as connection:
        verdict = verify(connection)
        rows = connection.exec_driver_sql("SELECT number, previous, digest FROM audit_row ORDER BY number").all()
    assert (verdict.rows, verdict.number, verdict.faults) == (20, 20, [])
    assert [row.number for row in rows] == list(range(1, 21))
    assert [row.previous for row in rows] == [GENESIS, *(row.digest for row in rows[:-1])]
    assert verdict.digest == rows[-1].digest


def test_a_digest_can_be_computed_by_anybody_from_the_row(log: Engine) -> None:
    write(log, 1)
    with log.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM audit_row").mappings().one()
    at = datetime.fromisoformat(row["at"]).replace(tzinfo=UTC).isoformat(timespec="microseconds")
    covered = [row["number"], at, *(row[name] for name in ("who", "what", "about", "details", "previous"))]
    text = json.dumps(covered, ensure_ascii=False, separators=(",", ":"))
    assert row["digest"] == hashlib.sha256(text.encode()).hexdigest()


FORBIDDEN = ["UPDATE audit_row SET who = 'hoa'", "DELETE FROM audit_row", "DELETE FROM audit_row WHERE number = 5"]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_database_refuses_changes(log: Engine, statement: str) -> None:
    write(log)
    with pytest.raises(DBAPIError, match="only grows"), log.begin() as connection:
        connection.exec_driver_sql(statement)
    assert faults(log) == []


@pytest.mark.postgres
def test_postgresql_refuses_changes(postgres_log: Engine) -> None:
    write(postgres_log)
    for statement in (*FORBIDDEN, "TRUNCATE audit_row"):
        with pytest.raises(DBAPIError, match="only grows"), postgres_log.begin() as connection:
            connection.exec_driver_sql(statement)
    assert faults(postgres_log) == []


@pytest.mark.parametrize("column", ["at", "who", "what", "about", "details", "digest", "previous"])
def test_a_changed_row_is_found(log: Engine, column: str) -> None:
    write(log)
    value = "2020-01-01 00:00:00.000000" if column == "at" else "x"
    tamper(log, f"UPDATE audit_row SET {column} = '{value}' WHERE number = 3")
    assert (3, "changed") in faults(log)
    assert not {number for number, _ in faults(log)} - {3, 4}


def test_a_row_changed_with_its_digest_is_found_by_the_next(log: Engine) -> None:
    write(log)
    with log.connect() as connection:
        row = dict(connection.exec_driver_sql("SELECT * FROM audit_row WHERE number = 3").mappings().one())
    at = datetime.fromisoformat(row["at"]).replace(tzinfo=UTC).isoformat(timespec="microseconds")
    covered = [3, at, "hoa", row["what"], row["about"], row["details"], row["previous"]]
    text = json.dumps(covered, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    tamper(log, f"UPDATE audit_row SET who = 'hoa', digest = '{digest}' WHERE number = 3")
    assert faults(log) == [(4, "reordered")]


@pytest.mark.parametrize(("number", "found"), [(1, (2, "removed")), (3, (4, "removed")), (5, (4, "end"))])
def test_a_removed_row_is_found(log: Engine, number: int, found: tuple[int, str]) -> None:
    write(log)
    tamper(log, f"DELETE FROM audit_row WHERE number = {number}")
    assert faults(log) == [found]


def test_rows_that_changed_places_are_found(log: Engine) -> None:
    write(log)
    tamper(
        log,
        "UPDATE audit_row SET number = 99 WHERE number = 2",
        "UPDATE audit_row SET number = 2 WHERE number = 3",
        "UPDATE audit_row SET number = 3 WHERE number = 99",
    )
    kinds = dict(faults(log))
    assert kinds and set(kinds) <= {2, 3, 4}


def test_an_end_that_was_cut_off_with_its_mark_is_found_by_what_was_noted(log: Engine) -> None:
    write(log)
    with log.connect() as connection:
        noted = verify(connection)
        fourth = connection.exec_driver_sql("SELECT digest FROM audit_row WHERE number = 4").scalar_one()
    tamper(log, "DELETE FROM audit_row WHERE number = 5", f"UPDATE audit_head SET number = 4, digest = '{fourth}'")
    assert faults(log) == []
    assert faults(log, (noted.number, noted.digest)) == [(5, "removed")]
    write(log, 1)
    assert faults(log, (noted.number, noted.digest[:12])) == [(5, "changed")]
    assert faults(log, (4, fourth)) == []


@pytest.mark.postgres
def test_everything_is_found_on_postgresql_too(postgres_log: Engine) -> None:
    write(postgres_log)
    assert faults(postgres_log) == []
    tamper(postgres_log, "UPDATE audit_row SET who = 'hoa' WHERE number = 2", "DELETE FROM audit_row WHERE number = 4")
    assert faults(postgres_log) == [(2, "changed"), (5, "removed")]


def test_what_is_rolled_back_is_not_in_the_log(log: Engine) -> None:
    write(log, 2)
    with pytest.raises(ZeroDivisionError), log.begin() as connection:
        audit(connection, "lan", "record.published", "procedure:1.000001")
        _ = 1 / 0
    write(log, 1)
    assert faults(log) == []


def _all_at_once(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: write(engine, 5), range(6)))
    with engine.connect() as connection:
        verdict = verify(connection)
    assert (verdict.rows, verdict.faults) == (30, [])


def test_many_who_write_at_once_make_one_chain(log: Engine) -> None:
    _all_at_once(log)


@pytest.mark.postgres
def test_many_who_write_at_once_make_one_chain_on_postgresql(postgres_log: Engine) -> None:
    _all_at_once(postgres_log)


def test_numbers_of_persons_are_masked(log: Engine) -> None:
    with log.begin() as connection:
        audit(connection, NOBODY, "case.noted", "conversation:7", {"why": "gọi 0912 345 678", "all": ["001099012345"]})
    with log.connect() as connection:
        kept = connection.exec_driver_sql("SELECT details FROM audit_row").scalar_one()
    assert json.loads(kept) == {"why": "gọi ••••••••78", "all": ["••••••••••45"]}


@pytest.mark.parametrize(
    ("who", "what", "about"),
    [
        ("Nguyễn Lan", "record.published", "procedure:1"),
        ("lan", "Công bố", "procedure:1"),
        ("lan", "published", "procedure:1"),
        ("lan", "record.published", "thủ tục khai sinh"),
        ("lan", "record.published", "procedure"),
        ("", "record.published", "procedure:1"),
    ],
)
def test_names_and_sentences_do_not_get_in(log: Engine, who: str, what: str, about: str) -> None:
    with pytest.raises(AuditUnfit), log.begin() as connection:
        audit(connection, who, what, about)
    assert faults(log) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(details=st.dictionaries(st.text(max_size=8), st.text(max_size=30) | st.integers() | st.none(), max_size=3))
def test_any_details_are_kept_and_proved(log: Engine, details: dict[str, Any]) -> None:
    with log.begin() as connection:
        audit(connection, "lan", "record.published", "procedure:1", details)
    assert faults(log) == []


class TestThePage:
    pytestmark = pytest.mark.anyio

    async def test_shows_the_newest_first_page_by_page(self, staff: Staff) -> None:
        write(staff.engine, 60)
        administrator = await staff.sign_in("administrator")
        first = await administrator.get("/audit")
        numbers = self.numbers(first.text)
        assert len(numbers) == 50 and numbers == sorted(numbers, reverse=True)
        older = first.text.partition('href="/console/audit?before=')[2].partition('"')[0]
        second = self.numbers((await administrator.get(f"/audit?before={older}")).text)
        assert [*numbers, *second] == list(range(len(numbers) + len(second), 0, -1))

    async def test_is_filtered(self, staff: Staff) -> None:
        write(staff.engine, 3)
        administrator = await staff.sign_in("administrator")
        asked = {
            "who=lan": 3,
            "who=nobody": 0,
            "what=record.published": 3,
            "about=procedure:1.000001": 1,
            "since=2999-01-01": 0,
            "until=2000-01-01": 0,
            "since=2000-01-01&until=2999-01-01&who=lan": 3,
            "since=no+day&until=9999-12-31&before=no+number&who=lan": 3,
            "since=0001-01-01&who=lan": 3,
            "who=%00lan": 3,
            "who=' OR 1=1 --": 0,
        }
        for query, rows in asked.items():
            answer = await administrator.get(f"/audit?{query}")
            assert answer.status_code == 200, query
            assert len(self.numbers(answer.text)) == rows, query
            assert f"<p>{rows} dòng</p>" in answer.text, query

    @staticmethod
    def numbers(text: str) -> list[int]:
        return [int(found) for found in re.findall(r'<td class="figure">(\d+)</td>', text)]


def test_everything_that_the_code_writes_down_has_words() -> None:
    called = re.compile(r'\b(?:audit\((?:[^()"]|\([^()]*\))*|_failed\([^"]*|what=)"([a-z_]+\.[a-z_.]+)"')
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "channels").rglob("*.py"))
    written = set(called.findall(code))
    assert len(written) >= 15
    assert written <= set(audit_words())


def test_nothing_is_told_twice_in_different_words() -> None:
    told: dict[str, str] = {}
    for section in words().values():
        for what, text in section.get("audit", {}).items() if isinstance(section, dict) else ():
            if isinstance(text, str) and "." in what:
                assert told.setdefault(what, text) == text
