"""A gateway over a database of its own, in front of a simulated bot."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from channels.app import create_app
from motcua.database import upgrade
from motcua.settings import Settings
from tests.simulators.rasa import TOKEN, Fault, RasaSimulator
from tests.simulators.server import LoopbackServer


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def rasa_process() -> Iterator[RasaSimulator]:
    simulator = RasaSimulator()
    with simulator.server:
        yield simulator


@pytest.fixture
def rasa(rasa_process: RasaSimulator) -> RasaSimulator:
    """The simulated bot, in good health and with nothing heard yet."""
    rasa_process.fault, rasa_process.delay, rasa_process.overlaps = Fault.NONE, 0.0, 0
    rasa_process.cannot_forget = rasa_process.is_mute = False
    rasa_process.heard.clear()
    rasa_process.forgotten.clear()
    return rasa_process


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in its newest shape, with nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("database") / "motcua.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def make_settings(tmp_path: Path, rasa: RasaSimulator, new_database: Path) -> Callable[..., Settings]:
    def make(**changes: Any) -> Settings:
        defaults: dict[str, Any] = {
            "home": tmp_path,
            "rasa_port": rasa.server.port,
            "internal_token": SecretStr(TOKEN),
            "rate_per_session": "1000/minute",
            "rate_per_address": "10000/minute",
        }
        if not (tmp_path / new_database.name).exists():
            shutil.copy(new_database, tmp_path)
        return Settings(**(defaults | changes))

    return make


@dataclass
class Visitor:
    """A person with a session, at the gateway's door."""

    http: httpx.AsyncClient
    session_id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def send(self, client_message_id: str, **said: Any) -> httpx.Response:
        body = {"client_message_id": client_message_id, **said}
        return await self.http.post("/api/v1/chat/messages", json=body, headers=self.headers)

    async def history(self, **query: Any) -> httpx.Response:
        return await self.http.get("/api/v1/chat/messages", params=query, headers=self.headers)


async def come_in(http: httpx.AsyncClient) -> Visitor:
    """Opens a session."""
    answer = await http.post("/api/v1/chat/sessions")
    assert answer.status_code == 201, answer.text
    return Visitor(http, answer.json()["session_id"], answer.json()["token"])


@asynccontextmanager
async def door_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that reaches an application directly, with its start and its end."""
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://gateway") as http,
    ):
        yield http


@pytest.fixture
async def open_gateway(make_settings: Callable[..., Settings]) -> AsyncIterator[Callable[..., Any]]:
    """Opens gateways with settings of the test's choice."""
    async with AsyncExitStack() as opened:

        async def open_one(**changes: Any) -> httpx.AsyncClient:
            return await opened.enter_async_context(door_of(create_app(make_settings(**changes))))

        yield open_one


@pytest.fixture
async def http(open_gateway: Callable[..., Any]) -> httpx.AsyncClient:
    """The door of a gateway with ordinary settings."""
    client: httpx.AsyncClient = await open_gateway()
    return client


@pytest.fixture
async def visitor(http: httpx.AsyncClient) -> Visitor:
    """A person with a session at that gateway."""
    return await come_in(http)


@pytest.fixture
def live(make_settings: Callable[..., Settings]) -> Iterator[tuple[LoopbackServer, FastAPI]]:
    """A gateway on a real port, for streams and for clients that are processes of their own."""
    app = create_app(make_settings(event_heartbeat=1))
    with LoopbackServer(app) as server:
        yield server, app
