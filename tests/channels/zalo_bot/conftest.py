"""A bot in front of a simulated Zalo; both profiles of what is not known of the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from channels.zalo_bot.client import BotClient
from tests.simulators.zalo import Board, Modes, ZaloSimulator, documented, observed
from tests.simulators.zalo.bot import Bot, BotPerson


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
        simulator.bots.poll_scale = 0.05
        yield simulator


@pytest.fixture
def bot(zalo: ZaloSimulator) -> Bot:
    return zalo.bots.bot()


@pytest.fixture
def person(zalo: ZaloSimulator, bot: Bot) -> BotPerson:
    """Somebody whom the bot may answer."""
    one = zalo.bots.person()
    bot.chats.add(one.id)
    return one


@pytest.fixture
async def client(zalo: ZaloSimulator, bot: Bot) -> AsyncIterator[BotClient]:
    made = BotClient(zalo.bot_url, bot.token)
    yield made
    await made.close()
