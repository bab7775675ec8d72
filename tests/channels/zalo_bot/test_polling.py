from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from channels.zalo.errors import TokenRefused
from channels.zalo_bot.client import BotClient
from channels.zalo_bot.polling import Polling
from channels.zalo_bot.updates import TextSaid, Update
from tests.simulators.zalo import Fault, Modes, ZaloSimulator
from tests.simulators.zalo.bot import Bot, BotPerson

pytestmark = pytest.mark.anyio


class Shelf:
    """Stores updates by their keys, as a database would; fails when it is told to."""

    def __init__(self) -> None:
        self.kept: dict[str, Update] = {}
        self.fails = 0
        self.handed = 0

    async def take(self, updates: tuple[Update, ...]) -> int:
        self.handed += len(updates)
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full of số 0912345678")
        new = {update.key: update for update in updates if update.key not in self.kept}
        self.kept |= new
        return len(new)

    @property
    def texts(self) -> list[str]:
        return [update.text for update in self.kept.values() if isinstance(update, TextSaid) and not update.from_bot]


class Pauses:
    """Sleeps a little whatever is asked for, and writes it down."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await asyncio.sleep(0.001)


async def until(condition: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not come to that in time"
        await asyncio.sleep(0.005)


async def polled(client: BotClient, shelf: Shelf, pauses: Pauses, script: Callable[[], Awaitable[None]]) -> None:
    """Polls while the script runs."""
    task = asyncio.create_task(Polling(client, shelf.take, wait_s=1, sleep=pauses).run())
    try:
        await script()
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_everything_written_is_kept_once_whether_zalo_replays_or_not(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient
) -> None:
    shelf, pauses = Shelf(), Pauses()

    async def script() -> None:
        for number in range(12):
            zalo.bots.says(bot, person, f"câu {number}")
        await until(lambda: len(shelf.texts) == 12)

    await polled(client, shelf, pauses, script)
    assert shelf.texts == [f"câu {number}" for number in range(12)]


async def test_replayed_updates_are_polled_for_once_a_second_and_no_more(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient
) -> None:
    zalo.modes.bot_updates = "replay"
    shelf, pauses = Shelf(), Pauses()

    async def script() -> None:
        zalo.bots.says(bot, person, "xin chào")
        await until(lambda: shelf.handed >= 5)

    await polled(client, shelf, pauses, script)
    # Every poll that gave nothing new was followed by a pause up to a whole second after it began.
    assert len(pauses.asked) >= 4 and all(0 <= pause <= 1 for pause in pauses.asked)
    assert len(zalo.journal.of("/getUpdates")) <= len(pauses.asked) + 2


async def test_an_idle_poll_costs_one_request_for_each_wait(zalo: ZaloSimulator, bot: Bot, client: BotClient) -> None:
    shelf, pauses = Shelf(), Pauses()

    async def script() -> None:
        await until(lambda: len(zalo.journal.of("/getUpdates")) >= 4)

    await polled(client, shelf, pauses, script)
    assert shelf.handed == 0 and len(zalo.journal.of("/deleteWebhook")) == 1


async def test_a_webhook_that_is_still_set_is_taken_away(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient
) -> None:
    await client.set_webhook("https://motcua.example.vn/zalo/bot", "secret-of-ours")
    shelf, pauses = Shelf(), Pauses()

    async def script() -> None:
        await until(lambda: bot.webhook_url == "")
        zalo.bots.says(bot, person, "một")
        await until(lambda: shelf.texts == ["một"])
        bot.webhook_url = "https://somebody.example"
        await until(lambda: bot.webhook_url == "")
        zalo.bots.says(bot, person, "hai")
        await until(lambda: shelf.texts == ["một", "hai"])

    await polled(client, shelf, pauses, script)


async def test_every_fault_is_survived_and_pauses_grow(
    zalo: ZaloSimulator, modes: Modes, bot: Bot, person: BotPerson, client: BotClient, caplog: pytest.LogCaptureFixture
) -> None:
    shelf, pauses = Shelf(), Pauses()
    faults = [Fault.DROPPED_BEFORE, Fault.RESET, Fault.BAD_GATEWAY, Fault.NOT_JSON, Fault.TOO_MANY, Fault.ERROR_500]
    zalo.faults.plan("/getUpdates", *faults)

    async def script() -> None:
        await until(lambda: len(zalo.journal.of("/getUpdates")) > len(faults))
        zalo.bots.says(bot, person, "xin chào")
        await until(lambda: shelf.texts == ["xin chào"])

    await polled(client, shelf, pauses, script)
    grown = pauses.asked[: len(faults)]
    assert grown[0] == 1 and max(grown) > 8 and max(grown) <= 60
    assert bot.secret not in caplog.text


async def test_an_update_that_could_not_be_stored_is_asked_for_again_where_zalo_gives_it(
    zalo: ZaloSimulator, bot: Bot, person: BotPerson, client: BotClient, caplog: pytest.LogCaptureFixture
) -> None:
    zalo.modes.bot_updates = "replay"
    shelf, pauses = Shelf(), Pauses()
    shelf.fails = 2

    async def script() -> None:
        zalo.bots.says(bot, person, "xin chào")
        await until(lambda: shelf.texts == ["xin chào"])

    await polled(client, shelf, pauses, script)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("channels")]
    assert ours and not any("0912345678" in line for line in ours)


async def test_a_token_that_is_none_ends_it(zalo: ZaloSimulator, bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    stranger = BotClient(zalo.bot_url, f"{bot.id}:another-secret")
    with pytest.raises(TokenRefused):
        await Polling(stranger, Shelf().take, wait_s=1).run()
    assert any(record.levelno == logging.ERROR for record in caplog.records if record.name.startswith("channels"))
    await stranger.close()
