from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from channels.errors import RasaUnavailable, SessionUnknown, StorageUnavailable
from channels.sessions import Sessions
from channels.storage import Storage, now
from channels.tables import ChatSession
from motcua.database import open_database, upgrade

pytestmark = pytest.mark.anyio


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    upgrade(url)
    return open_database(url)


class Bot:
    """Keeps a note of every conversation it was told to forget; cannot while it is away."""

    def __init__(self) -> None:
        self.away = False
        self.forgotten: list[str] = []

    async def forget(self, sender: str) -> None:
        if self.away:
            raise RasaUnavailable("away")
        self.forgotten.append(sender)


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
async def sessions(engine: Engine, bot: Bot) -> AsyncIterator[Sessions]:
    storage = Storage(engine)
    yield Sessions(storage, hours=24, memory=bot)
    storage.close()


async def test_erasing_has_the_bot_forget_the_conversation(sessions: Sessions, bot: Bot) -> None:
    ours, other = await sessions.open(), await sessions.open()
    await sessions.erase(ours.id)
    assert bot.forgotten == [ours.id]
    assert (await sessions.find(other.token)).id == other.id


async def test_a_conversation_the_bot_cannot_forget_now_is_forgotten_at_the_next_start(
    sessions: Sessions, bot: Bot
) -> None:
    ours = await sessions.open()
    bot.away = True
    await sessions.erase(ours.id)
    with pytest.raises(SessionUnknown):
        await sessions.find(ours.token)
    bot.away = False
    await sessions.finish_erasures()
    await sessions.finish_erasures()
    assert bot.forgotten == [ours.id]


async def test_the_token_opens_its_session_and_no_other(sessions: Sessions) -> None:
    ours, other = await sessions.open(), await sessions.open()
    assert (await sessions.find(ours.token)).id == ours.id
    for wrong in (
        "",
        ".",
        ours.id,
        f"{ours.id}.",
        f"{ours.id}.{other.token.partition('.')[2]}",
        ours.token + "x",
        ours.token.upper(),
        "ệ" * 32 + ".x",
        "0" * 32 + ".x",
    ):
        with pytest.raises(SessionUnknown):
            await sessions.find(wrong)


async def test_a_token_is_good_for_the_site_it_was_given_to_and_no_other(sessions: Sessions) -> None:
    portal, other = "https://portal.example.gov.vn", "https://khac.example.gov.vn"
    here, at_home = await sessions.open(portal), await sessions.open()
    # Asked twice, because a proved token is not looked up again.
    for _ in range(2):
        assert (await sessions.find(here.token, portal)).id == here.id
        assert (await sessions.find(at_home.token)).id == at_home.id
        for token, origin in ((here.token, ""), (here.token, other), (at_home.token, portal)):
            with pytest.raises(SessionUnknown):
                await sessions.find(token, origin)


async def test_the_database_does_not_hold_the_token(sessions: Sessions, engine: Engine) -> None:
    secret = (await sessions.open()).token.partition(".")[2]
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM chat_session").all()
    assert secret not in repr(rows)


@pytest.mark.parametrize("column", ["expires_at", "erased_at"])
async def test_an_expired_or_erased_session_is_unknown(
    sessions: Sessions, engine: Engine, column: str
) -> None:
    session = await sessions.open()
    with engine.begin() as connection:
        connection.execute(update(ChatSession).values({column: now()}))
    with pytest.raises(SessionUnknown):
        await sessions.find(session.token)


async def test_an_erasure_that_was_cut_short_is_finished(sessions: Sessions, engine: Engine) -> None:
    await sessions.open()
    with engine.begin() as connection:
        connection.execute(update(ChatSession).values(erased_at=now()))
    kept = await sessions.open()
    await sessions.finish_erasures()
    with engine.connect() as connection:
        left = connection.exec_driver_sql("SELECT id FROM chat_session").scalars().all()
    assert left == [kept.id]


async def test_a_broken_database_is_told_without_its_values(sessions: Sessions, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE chat_message")
        connection.exec_driver_sql("DROP TABLE chat_session")
    with pytest.raises(StorageUnavailable, match=r"^OperationalError$"):
        await sessions.open()


async def test_slow_storage_does_not_hold_up_the_event_loop(engine: Engine) -> None:
    storage = Storage(engine)
    slow = asyncio.create_task(storage.run(lambda _: time.sleep(1)))
    begun = time.monotonic()
    for _ in range(10):
        await asyncio.sleep(0.005)
    assert time.monotonic() - begun < 0.6
    await slow
    storage.close()
