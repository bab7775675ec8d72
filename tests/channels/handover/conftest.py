"""A gateway with an officer on its staff, whose hours are what the test says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, insert

from channels.app import create_app
from channels.console.tables import StaffAccount, StaffRole
from channels.desk import Desk
from channels.handover import cases
from channels.handover.cases import Case, Conversation
from channels.handover.hours import VIETNAM, write_week
from channels.storage import now
from motcua.database import open_database
from motcua.settings import Settings
from tests.channels.conftest import Visitor, come_in, door_of

ALWAYS = {day: [(time(0), time.max)] for day in range(7)}
NEVER: dict[int, list[tuple[time, time]]] = {}


def add_officer(connection: Connection, name: str = "lan", role: str = "officer") -> None:
    account = {"name": name, "display": name, "password_hash": "-", "must_change": False, "made_at": now()}
    number = connection.scalar(insert(StaffAccount).values(account).returning(StaffAccount.id))
    connection.execute(insert(StaffRole).values(staff_id=number, role=role))


@dataclass
class Gateway:
    """A running gateway: its door, its parts and its database as another process sees it."""

    http: httpx.AsyncClient
    app: FastAPI
    engine: Engine

    @property
    def desk(self) -> Desk:
        desk: Desk = self.app.state.desk
        return desk

    def open_hours(self) -> None:
        with self.engine.begin() as connection:
            write_week(connection, ALWAYS)

    def closed_hours(self) -> None:
        with self.engine.begin() as connection:
            write_week(connection, NEVER)

    def case_of(self, visitor: Visitor) -> Case | None:
        with self.engine.connect() as connection:
            return cases.open_case_of(connection, Conversation("web", visitor.session_id, visitor.session_id))

    def open_case(self, visitor: Visitor) -> Case:
        case = self.case_of(visitor)
        assert case is not None
        return case

    def rows(self, table: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def worked_always(home: Path) -> Path:
    """A table of days off by which no day near today is one, whatever day the tests run on."""
    today = now().astimezone(VIETNAM).date()
    days: dict[date, str] = {today + timedelta(days=n): "Trực" for n in range(-1, 3)}
    table = home / "days-off.yaml"
    table.write_text(yaml.safe_dump({"working": days}, allow_unicode=True), encoding="utf-8")
    return table


@asynccontextmanager
async def gateway_of(settings: Settings) -> AsyncIterator[Gateway]:
    """A gateway within working hours, with one officer."""
    worked_always(settings.home)
    app = create_app(settings)
    engine = open_database(settings.database)
    with engine.begin() as connection:
        add_officer(connection)
        write_week(connection, ALWAYS)
    async with door_of(app) as http:
        yield Gateway(http, app, engine)
    engine.dispose()


@pytest.fixture
async def gateway(make_settings: Callable[..., Settings]) -> AsyncIterator[Gateway]:
    """The gateway of most tests, on SQLite."""
    async with gateway_of(make_settings()) as made:
        yield made


@pytest.fixture
async def visitor(gateway: Gateway) -> Visitor:
    return await come_in(gateway.http)


def texts(answer: httpx.Response) -> str:
    """Everything that an answer says."""
    assert answer.status_code == 200, answer.text
    said: list[dict[str, Any]] = answer.json()["replies"]
    return "\n".join(reply["text"] for reply in said)


async def told(visitor: Visitor) -> list[str]:
    """What came by itself, as it stands in the history."""
    messages = (await visitor.history(limit=200)).json()["messages"]
    return [reply["text"] for m in messages if not m["text"] for reply in m["replies"]]
