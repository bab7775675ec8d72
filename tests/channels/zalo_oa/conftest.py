"""An account with tokens, in front of a simulated Zalo; both profiles of what is not known of the real one."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.storage import Storage
from channels.zalo_oa.client import Hosts, OaClient
from channels.zalo_oa.consent import Consents
from channels.zalo_oa.oauth import App, OAuth, Pair
from channels.zalo_oa.sealing import TokenSeal
from channels.zalo_oa.tokens import Tokens
from motcua.database import open_database
from tests.simulators.zalo import Board, Modes, ZaloSimulator, documented, observed

SEAL = TokenSeal(b"a secret of the tests")
CALLBACK = "https://motcua.example.vn/zalo/callback"


@pytest.fixture(params=[documented, observed], ids=["documented", "observed"])
def modes(request: pytest.FixtureRequest) -> Modes:
    made: Modes = request.param()
    return made


@pytest.fixture(scope="session")
def board() -> Iterator[Board]:
    made = Board()
    yield made
    made.stop()


@pytest.fixture
def zalo(modes: Modes, board: Board) -> Iterator[ZaloSimulator]:
    with ZaloSimulator(modes, board) as simulator:
        yield simulator


@pytest.fixture
def database(tmp_path: Path, new_database: Path) -> str:
    shutil.copy(new_database, tmp_path / "motcua.db")
    return f"sqlite:///{tmp_path / 'motcua.db'}"


@dataclass
class House:
    """One process of ours."""

    storage: Storage
    oauth: OAuth
    tokens: Tokens
    client: OaClient
    consents: Consents

    async def close(self) -> None:
        await self.tokens.finish()
        await self.client.close()
        await self.oauth.close()
        self.storage.close()


def make_house(zalo: ZaloSimulator, database: str, *, verifier: str = "") -> House:
    """A process with its own connections and its own memory; Zalo's clock is ours too."""

    def clock() -> datetime:
        return datetime.fromtimestamp(zalo.clock.now(), UTC)

    storage = Storage(open_database(database))
    oauth = OAuth(zalo.oauth_url, App(zalo.oauth.app.id, zalo.oauth.app.secret, verifier))
    tokens = Tokens(storage, oauth, SEAL, zalo.account.id, clock=clock)
    client = OaClient(tokens, Hosts(zalo.api_url, zalo.templates_url))
    consents = Consents(storage, oauth, tokens, zalo.account.id, CALLBACK, clock=clock)
    return House(storage, oauth, tokens, client, consents)


@pytest.fixture
async def house(zalo: ZaloSimulator, database: str) -> AsyncIterator[House]:
    """A process that has consent."""
    made = make_house(zalo, database)
    access, refresh = zalo.oauth.pair()
    await made.tokens.store(Pair(access, refresh, 90_000))
    yield made
    await made.close()
