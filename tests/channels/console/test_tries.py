"""Pauses after wrong passwords and codes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from channels.console import tries
from channels.console.errors import TooManyTries
from motcua.database import open_database, upgrade
from tests.simulators.postgres import PostgresServer

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@pytest.fixture
def counts(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'motcua.db'}"
    upgrade(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


def attempt(engine: Engine, at: datetime, name: str = "lan", address: str = "10.0.0.1") -> int:
    """Gives the seconds to wait, 0 when the try is taken."""
    try:
        with engine.begin() as connection:
            tries.begin(connection, name, address, at)
    except TooManyTries as refused:
        return refused.seconds
    return 0


def test_the_pause_doubles_after_each_try_up_to_an_hour(counts: Engine) -> None:
    at, pauses = NOON, []
    for _ in range(15):
        wait = attempt(counts, at)
        if wait:
            pauses.append(wait)
            at += timedelta(seconds=wait)
            assert attempt(counts, at) == 0
    assert pauses[:7] == [30, 60, 120, 240, 480, 960, 1920]
    assert max(pauses) == 3600


def test_a_try_during_the_pause_does_not_make_it_longer(counts: Engine) -> None:
    for _ in range(5):
        attempt(counts, NOON)
    waits = [attempt(counts, NOON + timedelta(seconds=s)) for s in (0, 10, 20, 29)]
    assert waits == [30, 20, 10, 1]
    assert attempt(counts, NOON + timedelta(seconds=30)) == 0


def test_many_addresses_at_one_name_meet_the_pause_of_the_name(counts: Engine) -> None:
    waits = [attempt(counts, NOON, address=f"10.0.0.{n}") for n in range(21)]
    assert waits[:20] == [0] * 20 and waits[20] == 60
    assert attempt(counts, NOON, name="hoa", address="10.0.0.1") == 0


def test_the_pause_of_a_name_stays_short_because_strangers_can_bring_it_about(counts: Engine) -> None:
    at = NOON
    for n in range(40):
        at += timedelta(seconds=attempt(counts, at, address=f"10.0.1.{n}"))
        attempt(counts, at, address=f"10.0.2.{n}")
    assert attempt(counts, at, address="10.9.9.9") <= 15 * 60


def test_many_names_from_one_address_meet_the_pause_of_the_address(counts: Engine) -> None:
    waits = [attempt(counts, NOON, name=f"n{n}") for n in range(31)]
    assert waits[:30] == [0] * 30 and waits[30] == 60
    assert attempt(counts, NOON, name="n0", address="10.0.0.2") == 0


def test_a_day_later_all_is_forgotten(counts: Engine) -> None:
    for _ in range(5):
        attempt(counts, NOON)
    later = NOON + timedelta(hours=24, seconds=1)
    assert [attempt(counts, later) for _ in range(6)] == [0, 0, 0, 0, 0, 30]


def test_a_right_try_forgives_the_slips_of_the_same_person_and_no_others(counts: Engine) -> None:
    for n in range(4):
        attempt(counts, NOON, address=f"10.0.1.{n}")
        attempt(counts, NOON)
    with counts.begin() as connection:
        mark = tries.begin(connection, "lan", "10.0.0.1", NOON)
    with counts.begin() as connection:
        tries.forgive(connection, mark, "lan", "10.0.0.1")
    assert [attempt(counts, NOON) for _ in range(6)] == [0] * 5 + [30]


def test_the_name_counts_in_any_case(counts: Engine) -> None:
    waits = [attempt(counts, NOON, name=name) for name in ("lan", "LAN", " Lan", "lAn", "laN ", "lan")]
    assert waits == [0] * 5 + [30]


def test_neither_names_nor_addresses_are_kept(counts: Engine) -> None:
    attempt(counts, NOON, name="nguyen.thi.lan", address="203.0.113.77")
    with counts.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM staff_try").all())
    assert "lan" not in kept and "203.0.113" not in kept


def _at_once(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as threads:
        waits = list(threads.map(lambda _: attempt(engine, NOON), range(12)))
    assert sorted(waits) == [0] * 5 + [30] * 7


def test_tries_made_at_once_count_as_well(counts: Engine) -> None:
    _at_once(counts)


@pytest.mark.postgres
def test_tries_made_at_once_count_as_well_on_postgresql(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    upgrade(url)
    engine = open_database(url)
    _at_once(engine)
    engine.dispose()
