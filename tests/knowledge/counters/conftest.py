"""Counters in an empty database, on SQLite and on PostgreSQL alike, and a clock that is moved by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Table

from knowledge.counters import tables
from knowledge.counters.appointments import Appointments
from knowledge.counters.book import CounterBook
from knowledge.counters.due import DueNotices
from knowledge.counters.hours import Timetable, moment
from knowledge.counters.limits import Limits
from knowledge.counters.model import VIETNAM, Counter, Person
from knowledge.counters.tickets import Queues
from motcua.database import Base, open_database

BOTH = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
]
MONDAY = date(2026, 11, 23)
WEEKDAYS = {day: ((450, 690), (810, 1020)) for day in range(5)}
TABLES: list[Table] = [
    Base.metadata.tables[row.__tablename__]
    for row in (tables.CounterRow, tables.CounterDay, tables.TicketRow, tables.AppointmentRow, tables.CounterNotice)
]
ROOMY = Limits(tickets=50, tickets_a_day=500, appointments=50, bookings_a_day=500)


@dataclass
class Clock:
    """A time that stands still until it is moved; a Monday, eight o'clock in Vietnam."""

    at: datetime = field(default_factory=lambda: moment(MONDAY, 480))

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)

    def set(self, hour: int, minute: int = 0, day: date = MONDAY) -> None:
        self.at = moment(day, hour * 60 + minute)


@dataclass
class Holidays:
    """A calendar that says what it is told."""

    decided: dict[date, str] = field(default_factory=dict)

    def exception(self, day: date) -> str | None:
        return self.decided.get(day)


def person(number: int | str = 0) -> Person:
    return Person(f"person-{number}")


def at(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    return moment(day, hour * 60 + minute).astimezone(VIETNAM)


def counter(name: str = "Quầy 1", **values: Any) -> Counter:
    usual: dict[str, Any] = {"centre": "Trung tâm Mây", "name": name, "week": WEEKDAYS}
    return Counter(**(usual | values))


def make_empty_file(path: Path) -> Path:
    """Makes an SQLite file with the tables of counters."""
    engine = open_database(f"sqlite:///{path}")
    Base.metadata.create_all(engine, tables=TABLES)
    engine.dispose()
    return path


class Hall:
    """A centre with its counters, their queues and appointments over one database."""

    def __init__(self, engine: Engine, *counters: Counter, limits: Limits | None = None) -> None:
        self.engine, self.clock, self.holidays = engine, Clock(), Holidays()
        self.book = CounterBook(engine)
        self.timetable = Timetable(self.holidays)
        self.queues = Queues(engine, self.timetable, limits=limits, now=self.clock)
        self.appointments = Appointments(engine, self.timetable, limits=limits, now=self.clock)
        self.due = DueNotices(engine)
        self.book.replace(counters or [counter(), counter("Quầy 2")])

    @property
    def first(self) -> int:
        return self.book.counters()[0].id

    @property
    def second(self) -> int:
        return self.book.counters()[1].id

    def take(self, *people: int | str, counter: int = 0) -> list[int]:
        return [self.queues.take(person(one), counter or self.first).ticket.number for one in people]


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables of counters, to be copied."""
    return make_empty_file(tmp_path_factory.mktemp("counters") / "empty.db")


@pytest.fixture(scope="session")
def emptied(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Gives the URL of a PostgreSQL database whose tables of counters have just been emptied."""
    made: list[str] = []

    def one() -> str:
        if not made:
            made.append(request.getfixturevalue("postgres").new_database())
            engine = open_database(made[0])
            Base.metadata.create_all(engine, tables=TABLES)
            engine.dispose()
        engine = open_database(made[0])
        with engine.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(table.name for table in TABLES)} RESTART IDENTITY")
        engine.dispose()
        return made[0]

    return one


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path, empty_file: Path) -> str:
    """A database with the tables of counters and no rows."""
    if request.param == "postgres":
        emptied: Callable[[], str] = request.getfixturevalue("emptied")
        return emptied()
    shutil.copy(empty_file, tmp_path / "motcua.db")
    return f"sqlite:///{tmp_path / 'motcua.db'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def hall(engine: Engine) -> Hall:
    return Hall(engine)
