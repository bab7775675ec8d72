"""The chain: live, then last known with its age; absence and silence are never taken for each other."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from actions.dossiers.chain import DossierChain, Standing
from actions.dossiers.codes import Tail
from actions.dossiers.errors import SourceDown
from actions.dossiers.model import DossierState
from actions.dossiers.sql_source import SqlDossiers
from actions.dossiers.system_map import load_system_map
from motcua import logs
from motcua.database import open_database, upgrade
from tests.actions.dossiers.conftest import CODE, KEY, KEYS, NOBODYS, OTHER, WRONG, Ask, Write, dossier
from tests.simulators.dossier_system import RECORD, DossierSystemSimulator, Fault

TRUTH = DossierState.PROCESSING
HARMLESS = {Fault.NONE, Fault.STALE, Fault.UNKNOWN_STATE}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """One kind of database: the sources' own tests see to the other."""
    url = f"sqlite:///{tmp_path / 'motcua.db'}"
    upgrade(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def chain(ask: Ask, known: SqlDossiers) -> DossierChain:
    return DossierChain(KEYS, live=ask(patience=0.5), known=known)


def test_a_live_answer_is_live_and_is_remembered(chain: DossierChain, known: SqlDossiers) -> None:
    found = chain.look_up(CODE)
    assert (found.standing, found.is_stale, found.problem) == (Standing.LIVE, False, "")
    assert found.dossier and found.dossier.state is TRUTH
    assert known.find(CODE) == found.dossier


def test_what_the_live_system_does_not_have_does_not_exist(chain: DossierChain) -> None:
    assert chain.look_up(NOBODYS).standing is Standing.ABSENT


@pytest.mark.parametrize("fault", sorted(set(Fault) - HARMLESS, key=lambda f: f.value), ids=lambda f: f.name.lower())
def test_under_any_fault_the_last_known_is_told_with_its_age_and_the_unknown_is_not_absent(
    system: DossierSystemSimulator, chain: DossierChain, fault: Fault
) -> None:
    before = chain.look_up(CODE).as_of
    system.fault = fault
    system.expire_tokens()
    found = chain.look_up(CODE)
    assert (found.standing, found.as_of) == (Standing.LAST_KNOWN, before)
    assert found.dossier and found.dossier.state is TRUTH and found.problem
    unknown = chain.look_up(OTHER)
    if fault in (Fault.WITHOUT_STATE, Fault.BAD_DATE, Fault.SOMEBODY_ELSE):
        assert unknown.standing is Standing.ABSENT
    else:
        assert (unknown.standing, unknown.dossier) == (Standing.UNAVAILABLE, None)


def test_a_state_nobody_knows_is_told_as_unknown_and_never_as_the_one_before(
    system: DossierSystemSimulator, chain: DossierChain
) -> None:
    chain.look_up(CODE)
    system.fault = Fault.UNKNOWN_STATE
    found = chain.look_up(CODE)
    assert (found.standing, found.problem) == (Standing.LIVE, "StateUnknown")
    assert found.dossier and found.dossier.state is DossierState.UNKNOWN
    system.fault = Fault.ERROR
    later = chain.look_up(CODE)
    assert later.dossier and later.dossier.state is DossierState.UNKNOWN


def test_stale_live_data_is_no_live_answer(system: DossierSystemSimulator, chain: DossierChain) -> None:
    system.fault = Fault.STALE
    found = chain.look_up(CODE)
    assert (found.standing, found.is_stale, found.problem) == (Standing.LAST_KNOWN, True, "SourceStale")
    assert found.as_of and datetime.now(UTC) - found.as_of > timedelta(days=2)


def test_stale_live_data_does_not_beat_a_newer_export(
    system: DossierSystemSimulator, chain: DossierChain, write: Write
) -> None:
    write(dossier(state=DossierState.FINISHED))
    system.fault = Fault.STALE
    found = chain.look_up(CODE)
    assert found.dossier and found.dossier.state is DossierState.FINISHED and not found.is_stale


def test_what_was_known_long_ago_is_called_stale(
    system: DossierSystemSimulator, chain: DossierChain, write: Write
) -> None:
    write(dossier(as_of=datetime.now(UTC) - timedelta(days=9)))
    system.fault = Fault.ERROR
    assert chain.look_up(CODE).is_stale


def test_with_exports_alone_an_answer_is_last_known(known: SqlDossiers, write: Write) -> None:
    chain = DossierChain(KEYS, known=known)
    assert chain.look_up(CODE).standing is Standing.UNAVAILABLE
    write(dossier())
    assert chain.look_up(CODE).standing is Standing.LAST_KNOWN
    assert chain.look_up(NOBODYS).standing is Standing.ABSENT


def test_without_a_table_nothing_is_known_in_an_outage(system: DossierSystemSimulator, ask: Ask) -> None:
    chain = DossierChain(KEYS, live=ask(patience=0.5))
    assert chain.look_up(CODE).standing is Standing.LIVE
    system.fault = Fault.HTML
    assert chain.look_up(CODE).standing is Standing.UNAVAILABLE
    with pytest.raises(SourceDown):
        chain.find(CODE)
    with pytest.raises(SourceDown):
        chain.find_by_tail(Tail("0001"), KEY)


def test_a_tail_is_searched_live_and_then_in_what_is_known(
    system: DossierSystemSimulator, chain: DossierChain, ask: Ask, known: SqlDossiers, write: Write
) -> None:
    assert chain.search(Tail("0001"), KEY).standing is Standing.LIVE
    assert chain.search(Tail("0001"), WRONG) == chain.search(Tail("4321"), KEY)
    write(dossier())
    system.fault = Fault.ERROR
    found = chain.search(Tail("0001"), KEY)
    assert (found.standing, found.problem) == (Standing.LAST_KNOWN, "SourceDown")
    assert chain.search(Tail("0001"), WRONG).standing is Standing.UNAVAILABLE
    system.fault = Fault.NONE
    cannot = DossierChain(KEYS, live=ask(how=load_system_map()), known=known)
    assert [d.code for d in cannot.find_by_tail(Tail("0001"), KEY)] == [CODE]
    assert cannot.search(Tail("0001"), WRONG).standing is Standing.ABSENT


def test_a_poller_follows_the_live_system_through_the_table(
    system: DossierSystemSimulator, chain: DossierChain, write: Write
) -> None:
    begun = chain.changed_since("")
    later = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    system.records[CODE.value] = RECORD | {"state": "Đã xử lý xong", "state_changed_at": later}
    told = chain.changed_since(begun.cursor)
    assert [(d.code, d.state) for d in told.dossiers] == [(CODE, DossierState.FINISHED)]
    again = chain.changed_since(told.cursor)
    assert again.dossiers == ()
    write(dossier(OTHER))
    system.fault = Fault.ERROR
    during = chain.changed_since(again.cursor)
    assert ([d.code for d in during.dossiers], during.problem) == ([OTHER], "SourceDown")


def test_a_look_up_is_a_change_for_the_poller(chain: DossierChain, known: SqlDossiers, ask: Ask) -> None:
    without_list = DossierChain(KEYS, live=ask(how=load_system_map()), known=known)
    begun = without_list.changed_since("")
    without_list.look_up(CODE)
    assert [d.code for d in without_list.changed_since(begun.cursor).dossiers] == [CODE]


def test_nothing_personal_is_logged_whatever_happens(
    system: DossierSystemSimulator, chain: DossierChain, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.set_up("DEBUG", "test")
        for fault in Fault:
            system.fault = fault
            system.expire_tokens()
            chain.look_up(CODE)
            chain.look_up(NOBODYS)
            chain.search(Tail("0001", "261105"), KEY)
            chain.changed_since("")
        logging.getLogger("test").info("%r %r %r", chain.look_up(CODE), CODE, KEY)
    finally:
        root.handlers[:], root.level = before, level
    written = capfd.readouterr().err
    assert "the dossier source cannot say" in written
    secrets = ("261105", "261111", "0001", "4567", "9876", "Nguyễn", "An'", "secret-of", "token-")
    own = "\n".join(line for line in written.splitlines() if "actions" in line or "httpx" in line or " test:" in line)
    assert not [part for part in secrets if part in own]
