"""A console over a database of its own, and members of the staff who are signed in."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr
from sqlalchemy import Engine, update

from channels.app import create_app
from channels.console import accounts, passwords, sessions
from channels.console.access import SESSION_COOKIE
from channels.console.csrf import form_token
from channels.console.permissions import Role
from channels.console.tables import StaffAccount
from channels.storage import now
from motcua.database import open_database
from motcua.settings import Settings
from tests.channels.conftest import door_of
from tests.simulators.rasa import TOKEN

PASSWORD = "nước chảy đá mòn 7"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes with the least work: hashing is meant to be slow, and most tests are not about that."""
    monkeypatch.setattr(passwords, "_ARGON2", QUICK)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of `PASSWORD`."""
    return QUICK.hash(unicodedata.normalize("NFKC", PASSWORD))


@dataclass
class Browser:
    """A browser at the console; it remembers cookies and follows nothing by itself."""

    http: httpx.AsyncClient
    name: str = ""
    csrf: str = ""

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.get(f"/console{path}", **more)

    async def send(self, path: str, page: str = "", **fields: Any) -> httpx.Response:
        """Posts a form with the token that stands on a page: by default the one that is posted to, or the home page."""
        shown = await self.get(page or path)
        if shown.status_code != 200:
            shown = await self.get("/me")
        return await self.http.post(f"/console{path}", data={"csrf": token_in(shown), **fields})

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Posts a form as it is, without a token."""
        return await self.http.post(f"/console{path}", data=fields)


def token_in(answer: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
    assert found, f"no form token on {answer.url} ({answer.status_code})"
    return found.group(1)


def code_in(answer: httpx.Response) -> str:
    found = re.search(r"<code>([A-Z2-9]{4}(?:-[A-Z2-9]{4}){3})</code>", answer.text)
    assert found, answer.text
    return found.group(1)


@dataclass
class Staff:
    """The people of a service centre, with a gateway of their own."""

    settings: Settings
    engine: Engine
    password_hash: str
    opened: AsyncExitStack
    app: Any = None

    async def start(self) -> None:
        self.app = create_app(self.settings)
        await self.opened.enter_async_context(door_of(self.app))

    def hire(self, name: str, *roles: str, **changes: Any) -> int:
        """Makes an account with `PASSWORD`, and gives its number."""
        with self.engine.begin() as connection:
            accounts.add(connection, "motcua", name, "", [Role(r) for r in roles], first_hash=self.password_hash)
        with self.engine.begin() as connection:
            account = accounts.find(connection, name)
            assert account is not None
            values = {"must_change": False, **changes}
            connection.execute(update(StaffAccount).where(StaffAccount.id == account.id).values(**values))
        return account.id

    def browser(self, address: str = "127.0.0.1") -> Browser:
        transport = httpx.ASGITransport(app=self.app, client=(address, 4000))
        return Browser(httpx.AsyncClient(transport=transport, base_url="http://console.test", timeout=60))

    async def sign_in(self, *roles: str, name: str = "", **changes: Any) -> Browser:
        """Gives the browser of a member with these roles, signed in."""
        name = name or "-".join(roles)[:30].strip("-")
        with self.engine.begin() as connection:
            known = accounts.find(connection, name)
        number = known.id if known else self.hire(name, *roles, **changes)
        with self.engine.begin() as connection:
            token = sessions.begin(connection, number, 10, now())
        browser = self.browser()
        browser.name, browser.csrf = name, form_token(token)
        browser.http.cookies.set(SESSION_COOKIE, token, domain="console.test", path="/console")
        return browser

    def audit(self) -> list[tuple[str, str, str]]:
        with self.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT who, what, about FROM audit_row ORDER BY number")
            return [(row[0], row[1], row[2]) for row in rows]


@pytest.fixture
async def open_staff(tmp_path: Path, new_database: Path, password_hash: str) -> AsyncIterator[Callable[..., Any]]:
    """Opens consoles with settings of the test's choice; the second one on the same database."""
    async with AsyncExitStack() as opened:

        async def open_one(**changes: Any) -> Staff:
            if not (tmp_path / new_database.name).exists():
                shutil.copy(new_database, tmp_path)
            settings = Settings(home=tmp_path, internal_token=SecretStr(TOKEN), **changes)
            engine = open_database(settings.database)
            opened.callback(engine.dispose)
            staff = Staff(settings, engine, password_hash, opened)
            await staff.start()
            return staff

        yield open_one


@pytest.fixture
async def staff(open_staff: Callable[..., Any]) -> Staff:
    """The staff of a console with ordinary settings."""
    made: Staff = await open_staff()
    return made
