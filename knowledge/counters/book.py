"""The counters as staff keep them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, insert, select, update

from knowledge.counters.errors import NoSuchCounter
from knowledge.counters.model import Counter
from knowledge.counters.tables import CounterRow
from knowledge.counters.writing import write
from motcua.database import Base

_COUNTERS: Table = Base.metadata.tables[CounterRow.__tablename__]


@dataclass(frozen=True, slots=True)
class Replaced:
    """What an import did: counters that are new, changed, as they were, and no longer in use."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0


class CounterBook:
    """Keeps the counters. Reads what is there each time, so that an import holds at once in every process."""

    def __init__(self, engine: Engine) -> None:
        """Takes the database, brought up to date."""
        self._engine = engine

    def counters(self) -> list[Counter]:
        """Gives the counters in use, centre by centre, in the order of the staff's table."""
        with self._engine.connect() as connection:
            return in_use(connection)

    def everyone(self) -> list[Counter]:
        """Gives every counter that there ever was, for numbers and appointments of before."""
        with self._engine.connect() as connection:
            return all_ever(connection)

    def replace(self, counters: Sequence[Counter], *, is_sample: bool = False) -> Replaced:
        """Puts a table of counters in the place of the one before, in one transaction.

        A counter that keeps its centre and name keeps its queue and appointments, whatever else changed.

        Raises:
            CountersBusy: somebody else is writing.
        """
        return write(self._engine, lambda connection: _replace(connection, counters, is_sample))

    def fill_if_empty(self, counters: Sequence[Counter]) -> bool:
        """Puts counters to try in where there has never been any; says whether it did.

        Raises:
            CountersBusy: somebody else is writing.
        """

        def work(connection: Connection) -> bool:
            if connection.scalar(select(CounterRow.id).limit(1)) is not None:
                return False
            _replace(connection, counters, True)
            return True

        with self._engine.connect() as connection:
            if connection.scalar(select(CounterRow.id).limit(1)) is not None:
                return False
        return write(self._engine, work)


def in_use(connection: Connection) -> list[Counter]:
    """Gives the counters in use, in the order of the staff's table."""
    rows = connection.execute(select(_COUNTERS).where(CounterRow.in_use).order_by(CounterRow.place)).all()
    return [_counter(row) for row in rows]


def all_ever(connection: Connection) -> list[Counter]:
    """Gives every counter that there ever was."""
    return [_counter(row) for row in connection.execute(select(_COUNTERS).order_by(CounterRow.id)).all()]


def find(connection: Connection, number: int) -> Counter:
    """Gives one counter, whether or not it is still in use.

    Raises:
        NoSuchCounter: there is none of that number.
    """
    row = connection.execute(select(_COUNTERS).where(CounterRow.id == number)).one_or_none()
    if row is None:
        raise NoSuchCounter(f"there is no counter {number}: see 'motcua counters list'")
    return _counter(row)


def find_in_use(connection: Connection, number: int) -> Counter:
    """Gives one counter of the staff's table.

    Raises:
        NoSuchCounter: there is none of that number, or it is no longer in use.
    """
    if not connection.scalar(select(CounterRow.in_use).where(CounterRow.id == number)):
        raise NoSuchCounter(f"there is no counter {number} in use: see 'motcua counters list'")
    return find(connection, number)


def _replace(connection: Connection, counters: Sequence[Counter], is_sample: bool) -> Replaced:
    rows = connection.execute(select(_COUNTERS)).all()
    known = {(row.centre, row.name): row for row in rows}
    new = changed = unchanged = 0
    for place, counter in enumerate(counters):
        values = {**_values(counter), "place": place, "is_sample": is_sample, "in_use": True}
        row = known.pop((counter.centre, counter.name), None)
        if row is None:
            connection.execute(insert(_COUNTERS).values(**values))
            new += 1
        elif all(getattr(row, name) == value for name, value in values.items()):
            unchanged += 1
        else:
            connection.execute(update(_COUNTERS).where(_COUNTERS.c.id == row.id).values(**values))
            changed += 1
    gone = [row.id for row in known.values() if row.in_use]
    connection.execute(update(_COUNTERS).where(_COUNTERS.c.id.in_(gone)).values(in_use=False))
    return Replaced(new, changed, unchanged, len(gone))


def _values(counter: Counter) -> dict[str, Any]:
    return {
        "centre": counter.centre,
        "name": counter.name,
        "address": counter.address,
        "serves": json.dumps(counter.serves, ensure_ascii=False),
        "capacity": counter.capacity,
        "week": json.dumps({str(day): spans for day, spans in sorted(counter.week.items())}),
        "slot_minutes": counter.slot_minutes,
        "slot_places": counter.slot_places,
        "days_off": json.dumps(sorted(day.isoformat() for day in counter.days_off)),
    }


def _counter(row: Row[Any]) -> Counter:
    week = {int(day): tuple((a, b) for a, b in spans) for day, spans in json.loads(row.week).items()}
    return Counter(
        centre=row.centre,
        name=row.name,
        serves=tuple(json.loads(row.serves)),
        capacity=row.capacity,
        week=week,
        slot_minutes=row.slot_minutes,
        slot_places=row.slot_places,
        days_off=frozenset(map(date.fromisoformat, json.loads(row.days_off))),
        address=row.address,
        id=row.id,
        is_sample=row.is_sample,
    )
