"""A durable inbox and outbox over a database of their own, with a clock that stands still until it is moved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, StaticPool, create_engine, text

from channels.durable.counts import Counts
from channels.durable.ground import Ground
from channels.durable.inbox import DurableInbox
from channels.durable.model import Address, Arrival, Event, Handled, Message, Outcome, Outgoing, Sent, Terms
from channels.durable.outbox import Outbox
from channels.durable.seal import Seal
from motcua.database import Base, open_database, upgrade
from tests.simulators.postgres import PostgresServer

T = TypeVar("T")

START = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SECRET = b"a secret of the tests"
CHANNEL = "pigeon"
TABLES = ("durable_event", "durable_message", "durable_lane", "durable_alert")



@dataclass
class Clock:
    """A time that stands still until it is moved."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


def address(conversation: str = "ann", channel: str = CHANNEL) -> Address:
    return Address(channel, "loft", conversation)


def arrival(said: str, conversation: str = "ann", ms: int = 0, key: str = "") -> Arrival:
    """An event with a text, `ms` milliseconds after the start by the channel's clock."""
    sent_at = START + timedelta(milliseconds=ms)
    return Arrival(address(conversation), key or f"{conversation}/{said}", sent_at, {"text": said})


def outgoing(said: str, conversation: str = "ann") -> Outgoing:
    return Outgoing(address(conversation), {"text": said})


@dataclass
class Scribe:
    """A handler that answers "re <text>", or does what it is told for a text."""

    does: dict[str, Callable[[Event], Handled]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    delay: float = 0.0

    async def handle(self, event: Event) -> Handled:
        said = event.body["text"]
        self.heard.append(said)
        await asyncio.sleep(self.delay)
        return self.does[said](event) if said in self.does else [Outgoing(event.address, {"text": f"re {said}"})]

    def give_up(self, event: Event) -> Sequence[Outgoing]:
        return [Outgoing(event.address, {"text": f"sorry {event.body['text']}"})]


@dataclass
class Carrier:
    """A sender that keeps what it is given, or does what it is told for a text."""

    does: dict[str, list[Any]] = field(default_factory=dict)
    settles: list[Outcome | None] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def send(self, message: Message) -> Outcome:
        outcome = self.does.get(message.body["text"], [])
        told = outcome.pop(0) if outcome else Sent(f"m{len(self.sent)}")
        if isinstance(told, BaseException):
            raise told
        if isinstance(told, Sent):
            self.sent.append((message.address.conversation, message.body["text"]))
        return told

    async def settle(self, message: Message) -> Outcome | None:
        self.asked.append(message.id)
        return self.settles.pop(0) if self.settles else None

    def told(self, conversation: str = "ann") -> list[str]:
        return [said for who, said in self.sent if who == conversation]


class Scene:
    """Inbox and outbox over one database."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], terms: Terms | None = None) -> None:
        self.engine, self.clock = engine, clock
        self.terms = terms or Terms(window=timedelta(seconds=1))
        self.seal, self.counts, self.ground = Seal(SECRET), Counts(), Ground(engine)
        self.inbox = DurableInbox(self.ground, self.seal, self.terms, self.counts, clock)
        self.outbox = Outbox(self.ground, self.seal, self.terms, self.counts, clock)

    def rows(self, asked: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(asked)).all())

    def states(self, table: str) -> list[str]:
        return [row.state for row in self.rows(f"SELECT state FROM {table} ORDER BY number")]


def in_memory() -> Engine:
    """A database that is gone with its engine."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    tables = [Base.metadata.tables[name] for name in TABLES]
    Base.metadata.create_all(engine, tables=tables)
    return engine


@pytest.fixture(scope="session")
def postgres_url(postgres: PostgresServer) -> str:
    new = postgres.new_database()
    upgrade(new)
    return new


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path, new_database: Path) -> str:
    """A database of each kind in its newest shape, with nothing in it."""
    if request.param == "sqlite":
        (tmp_path / "motcua.db").write_bytes(new_database.read_bytes())
        return f"sqlite:///{tmp_path / 'motcua.db'}"
    there: str = request.getfixturevalue("postgres_url")
    empty(there)
    return there


def empty(url: str) -> None:
    """Deletes everything of ours."""
    engine = open_database(url)
    with engine.begin() as connection:
        for table in TABLES:
            connection.execute(text(f"DELETE FROM {table}"))
    engine.dispose()


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_database(url)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def scene(engine: Engine, clock: Clock) -> Iterator[Scene]:
    made = Scene(engine, clock)
    yield made
    made.ground.close()


async def until(done: Callable[[], Awaitable[bool] | bool], seconds: float = 30.0) -> None:
    """Waits until something is so."""
    async with asyncio.timeout(seconds):
        while True:
            answer = done()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.01)
