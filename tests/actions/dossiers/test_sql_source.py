"""The table as a source: look-ups, tails with their key, changes, and what the live system said last."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from actions.dossiers.codes import DossierCode, Tail
from actions.dossiers.errors import SourceDown, SourceStale
from actions.dossiers.model import DossierState
from actions.dossiers.sql_source import SqlDossiers
from actions.dossiers.tables import DossierRow
from motcua.database import lock_for_writing, open_database
from tests.actions.dossiers.conftest import CODE, KEY, KEYS, NOBODYS, OTHER, WRONG, Write, dossier


def test_what_was_written_is_found_as_it_was(known: SqlDossiers, write: Write) -> None:
    whole = dossier(
        missing=("Tờ khai", "Ảnh"),
        amount_due=150_000,
        received_at=datetime(2026, 11, 5, 1, 40, tzinfo=UTC),
        appointment_on=datetime(2026, 11, 27).date(),
        collect_at="Quầy 5",
    )
    write(whole)
    assert known.find(CODE) == whole
    assert known.find(NOBODYS) is None


def test_nothing_imported_is_no_absence(known: SqlDossiers) -> None:
    with pytest.raises(SourceDown):
        known.find(CODE)
    with pytest.raises(SourceDown):
        known.find_by_tail(Tail("0001"), KEY)
    assert known.known_until() is None and known.is_empty()


def test_a_no_of_an_old_import_is_not_believed_but_what_it_has_is(engine: Engine, write: Write) -> None:
    old = datetime.now(UTC) - timedelta(days=3)
    write(dossier(as_of=old), as_of=old)
    source = SqlDossiers(engine, KEYS, stale_after=timedelta(hours=30))
    assert source.find(CODE) is not None
    with pytest.raises(SourceStale):
        source.find(NOBODYS)
    assert source.known_until() == old


def test_a_tail_opens_to_its_key_alone(known: SqlDossiers, write: Write) -> None:
    same_end = DossierCode("H12.01-261106-0001")
    write(dossier(), dossier(same_end), dossier(OTHER))
    assert [d.code for d in known.find_by_tail(Tail("0001"), KEY)] == [same_end, CODE]
    assert [d.code for d in known.find_by_tail(Tail("0001", "261105"), KEY)] == [CODE]
    assert known.find_by_tail(Tail("0001"), WRONG) == known.find_by_tail(Tail("9999"), KEY) == ()


def test_no_tail_gives_more_than_a_handful(known: SqlDossiers, write: Write) -> None:
    write(*(dossier(DossierCode(f"H49.{unit:02d}-261105-0001")) for unit in range(1, 20)))
    assert len(known.find_by_tail(Tail("0001"), KEY)) == 5


def test_a_dossier_without_a_key_is_found_by_no_tail(known: SqlDossiers, write: Write) -> None:
    write(dossier(phone_key=""))
    assert known.find_by_tail(Tail("0001"), KEY) == ()


# --- changes


def test_a_poller_gets_each_change_once_and_nothing_from_before(known: SqlDossiers, write: Write) -> None:
    write(dossier(), dossier(OTHER))
    begun = known.changed_since("")
    assert begun.dossiers == ()
    assert known.changed_since(begun.cursor).dossiers == ()
    write(dossier(), dossier(OTHER, DossierState.FINISHED))
    told = known.changed_since(begun.cursor)
    assert [(d.code, d.state) for d in told.dossiers] == [(OTHER, DossierState.FINISHED)]
    assert known.changed_since(told.cursor).dossiers == ()
    known.remember(dossier(state=DossierState.RETURNED))
    assert [d.code for d in known.changed_since(told.cursor).dossiers] == [CODE]


def test_changes_come_in_pages(known: SqlDossiers, write: Write) -> None:
    begun = known.changed_since("")
    codes = [DossierCode(f"H49.{unit:02d}-261105-0001") for unit in range(1, 8)]
    write(*map(dossier, codes))
    found, cursor, more = [], begun.cursor, True
    while more:
        page = known.changed_since(cursor, limit=3)
        found += [d.code for d in page.dossiers]
        cursor, more = page.cursor, page.more
    assert sorted(found) == codes


def test_a_cursor_of_somebody_else_is_an_error(known: SqlDossiers, write: Write) -> None:
    with pytest.raises(SourceDown):
        known.changed_since("yesterday")


# --- remembering


def test_the_newer_word_stays(known: SqlDossiers, write: Write) -> None:
    now = datetime.now(UTC)
    write(dossier(as_of=now))
    assert known.remember(dossier(state=DossierState.RETURNED, as_of=now - timedelta(hours=1)))
    assert (found := known.find(CODE)) and found.state is DossierState.PROCESSING
    assert known.remember(dossier(state=DossierState.RETURNED, as_of=now + timedelta(seconds=1)))
    assert (found := known.find(CODE)) and found.state is DossierState.RETURNED


def test_the_same_word_again_is_no_change_but_newer(known: SqlDossiers, write: Write) -> None:
    write(dossier(as_of=datetime.now(UTC) - timedelta(hours=5)))
    begun = known.changed_since("")
    later = datetime.now(UTC)
    known.remember(dossier(as_of=later))
    assert (found := known.find(CODE)) and found.as_of == later
    assert known.changed_since(begun.cursor).dossiers == ()


def test_a_table_that_is_being_written_costs_the_memory_and_not_the_answer(
    engine: Engine, known: SqlDossiers, write: Write
) -> None:
    write(dossier())
    with Session(engine) as importing:
        lock_for_writing(importing, DossierRow.__tablename__)
        kept: list[bool] = []
        thread = threading.Thread(target=lambda: kept.append(known.remember(dossier(state=DossierState.RETURNED))))
        thread.start()
        thread.join(3)
        assert kept == [False]
        assert (found := known.find(CODE)) and found.state is DossierState.PROCESSING
    assert known.remember(dossier(state=DossierState.RETURNED))


def test_a_database_that_is_gone_is_down(tmp_path: Path) -> None:
    source = SqlDossiers(open_database(f"sqlite:///{tmp_path / 'empty.db'}"), KEYS)
    with pytest.raises(SourceDown):
        source.find(CODE)
    with pytest.raises(SourceDown):
        source.changed_since("1:")
    assert not source.remember(dossier())


def test_no_error_of_the_database_quotes_a_code(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'odd.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE dossier (code TEXT)"))
    source = SqlDossiers(engine, KEYS)
    with pytest.raises(SourceDown) as down:
        source.find(CODE)
    source.remember(dossier())
    engine.dispose()
    assert down.value.__cause__ is None
    assert "261105" not in f"{down.value} {caplog.text}"
