"""What happens when the database is away, locked, or the program dies in the middle of a write."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import IntegrityError

import motcua.database
from knowledge.errors import StoreUnavailable
from knowledge.store import Catalogue, Change
from motcua.database import open_database, upgrade
from tests.knowledge.samples import CODE, portal_record

READS: dict[str, Callable[[Catalogue], object]] = {
    "version": lambda c: c.version(),
    "digest": lambda c: c.digest(),
    "codes": lambda c: c.codes(),
    "get": lambda c: c.get(CODE),
    "procedures": lambda c: list(c.procedures()),
    "portal_records": lambda c: list(c.portal_records()),
    "history": lambda c: c.history(CODE),
    "part_at": lambda c: c.part_at(CODE, "portal", 1),
    "counts": lambda c: c.counts(),
}


def write(catalogue: Catalogue, count: int, result: str = "Thẻ") -> Change:
    records = [portal_record(f"9.{number:06}", result=result) for number in range(count)]
    return catalogue.write(records, origin="portal", reason="a test")


@pytest.fixture
def without_tables(empty_database: str) -> Iterator[Catalogue]:
    engine = open_database(empty_database)
    yield Catalogue(engine)
    engine.dispose()


@pytest.mark.parametrize("read", READS)
def test_every_read_of_a_broken_database_says_so(without_tables: Catalogue, read: str) -> None:
    with pytest.raises(
        StoreUnavailable, match=r"^the catalogue cannot be read: .*(part_version|catalogue_version)"
    ):
        READS[read](without_tables)


def test_a_write_to_a_broken_database_says_so(without_tables: Catalogue) -> None:
    with pytest.raises(
        StoreUnavailable, match=r"^the catalogue cannot be written: .*(part_version|catalogue_version)"
    ):
        write(without_tables, 1)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://nobody@127.0.0.1:9/none?connect_timeout=2", id="postgres"),
        pytest.param("sqlite:////proc/none.db", id="sqlite"),
    ],
)
def test_a_database_that_is_not_there_says_so_in_one_line(url: str) -> None:
    engine = open_database(url)
    for attempt in (lambda: Catalogue(engine).version(), lambda: write(Catalogue(engine), 1)):
        with pytest.raises(StoreUnavailable) as raised:
            attempt()
        assert "\n" not in str(raised.value)
    engine.dispose()


def test_no_two_versions_of_a_part_can_be_in_force(catalogue: Catalogue, engine: Engine) -> None:
    write(catalogue, 1)
    again = (
        "INSERT INTO part_version (code, part, origin, digest, payload, since) "
        "SELECT code, part, origin, digest, payload, since FROM part_version"
    )
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(again))


def _die_while_writing(url: str) -> None:
    engine = open_database(url)
    batches = 0

    @event.listens_for(engine, "after_cursor_execute")
    def _die(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        nonlocal batches
        batches += statement.startswith("INSERT INTO part_version")
        if batches == 2:
            os._exit(9)

    write(Catalogue(engine), 1600, result="Mới")


def test_a_program_that_dies_half_way_leaves_what_was(catalogue: Catalogue, database: str) -> None:
    write(catalogue, 3)
    before = (catalogue.version(), catalogue.digest())
    dying = multiprocessing.get_context("spawn").Process(target=_die_while_writing, args=(database,))
    dying.start()
    dying.join(60)
    assert dying.exitcode == 9
    assert (catalogue.version(), catalogue.digest()) == before
    assert write(catalogue, 3, result="Mới").changed == 3


def _write_in_thread(url: str, result: str, done: list[Change | Exception]) -> threading.Thread:
    def work() -> None:
        engine = open_database(url)
        try:
            done.append(write(Catalogue(engine), 300, result))
        except Exception as failure:
            done.append(failure)
        finally:
            engine.dispose()

    return threading.Thread(target=work)


def test_imports_at_the_same_time_come_one_after_the_other(catalogue: Catalogue, database: str) -> None:
    done: list[Change | Exception] = []
    threads = [_write_in_thread(database, f"Thẻ {n}", done) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    changes = [change for change in done if isinstance(change, Change)]
    assert len(changes) == 4, done
    assert sorted(change.version for change in changes) == [1, 2, 3, 4]
    assert sorted((change.new, change.changed) for change in changes) == [(0, 300)] * 3 + [(300, 0)]
    assert len(list(catalogue.procedures())) == 300
    assert [version.is_current for version in catalogue.history("9.000000")] == [False] * 3 + [True]


def test_readers_go_on_while_somebody_writes(catalogue: Catalogue, engine: Engine) -> None:
    write(catalogue, 2)
    with engine.connect() as writer:
        _take_the_lock(writer)
        assert (catalogue.version(), len(list(catalogue.procedures()))) == (1, 2)


def test_a_writer_that_waits_too_long_is_told_why(
    catalogue: Catalogue, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motcua.database, "_LOCK_TIMEOUT_S", 1)
    engine = open_database(database)
    other = open_database(database)

    @event.listens_for(other, "connect")
    def _impatient(connection: object, _: object) -> None:
        if other.dialect.name == "sqlite":
            connection.execute("PRAGMA busy_timeout = 500")  # type: ignore[attr-defined]

    with engine.connect() as writer:
        _take_the_lock(writer)
        with pytest.raises(StoreUnavailable, match="being written by somebody else: try again"):
            write(Catalogue(other), 1)
    assert write(Catalogue(other), 1).new == 1
    engine.dispose()
    other.dispose()


def _take_the_lock(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("LOCK TABLE catalogue_version IN SHARE ROW EXCLUSIVE MODE")


def test_a_read_only_file_says_so(tmp_path: Path) -> None:
    file = tmp_path / "motcua.db"
    upgrade(f"sqlite:///{file}")
    engine = create_engine(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(StoreUnavailable, match="cannot be written: attempt to write a readonly database"):
        write(Catalogue(engine), 1)
    engine.dispose()
