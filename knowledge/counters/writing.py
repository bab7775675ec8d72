"""Each change is one transaction that has its counter's day to itself; who comes at the same moment waits."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Row, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError

from knowledge.counters.errors import CountersBusy
from knowledge.counters.tables import CounterDay
from motcua.database import Base, is_locked

_T = TypeVar("_T")
_PATIENCE_S: Final = 20.0
_MOST_COLLISIONS: Final = 20
_DAYS: Table = Base.metadata.tables[CounterDay.__tablename__]


def write(engine: Engine, work: Callable[[Connection], _T]) -> _T:
    """Does a piece of work in one transaction, again where somebody else's came in between.

    Args:
        engine: the database.
        work: reads and writes; may be called several times, each time with everything before undone.

    Raises:
        CountersBusy: there was no way through for 20 seconds.
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read or written.
    """
    deadline = time.monotonic() + _PATIENCE_S
    collisions = 0
    for tries in count(1):
        try:
            with engine.begin() as connection:
                if connection.dialect.name == "sqlite":
                    # The driver would begin at the first write, after what was read may have changed.
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                else:
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(_PATIENCE_S)}s'")
                return work(connection)
        except IntegrityError as cause:
            # A constraint stopped what somebody did in the same moment elsewhere; what is read now tells it.
            collisions += 1
            if collisions >= _MOST_COLLISIONS:
                raise CountersBusy("a change at a counter collided with others too often") from cause
        except OperationalError as cause:
            if not is_locked(cause):
                raise
            if time.monotonic() > deadline:
                raise CountersBusy("the counters are being written to by somebody else") from cause
        time.sleep(random.uniform(0.002, 0.02) * min(tries, 10))
    raise AssertionError("counting has no end")


def put_once(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Inserts a row unless one of its unique keys is there; says whether it went in."""
    insert: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return bool(connection.execute(insert(table).values(**values).on_conflict_do_nothing()).rowcount)


def lock_day(connection: Connection, counter: int, day: date) -> Row[Any]:
    """Gives the row of a counter's day, made if there is none, to this transaction alone."""
    fresh = {"counter_id": counter, "day": day, "last_number": 0, "last_position": 0, "closed_at": None}
    put_once(connection, _DAYS, fresh)
    this = (CounterDay.counter_id == counter) & (CounterDay.day == day)
    return connection.execute(select(_DAYS).where(this).with_for_update()).one()
