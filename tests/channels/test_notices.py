"""Notices in web conversations: once, in the history, gone with it, and given to open pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text, update

from channels.notices import WebNotices
from channels.storage import now
from channels.tables import ChatSession
from motcua.database import open_database
from motcua.notice import Notice, Outcome
from motcua.reply import Reply
from tests.channels.conftest import Visitor, come_in
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.anyio


def notice(visitor: Visitor, number: int = 1) -> Notice:
    reply = Reply(kind="status_result", text=f"Hồ sơ có số cuối 000{number} đã xử lý xong.")
    return Notice(f"{number:032x}", visitor.session_id, reply)


@pytest.fixture
async def visitor(live: tuple[LoopbackServer, FastAPI]) -> AsyncIterator[Visitor]:
    async with httpx.AsyncClient(base_url=live[0].url, timeout=5, trust_env=False) as http:
        yield await come_in(http)


@pytest.fixture
def engine(live: tuple[LoopbackServer, FastAPI]) -> Engine:
    """The gateway's database as another process sees it."""
    return open_database(live[1].state.desk.settings.database)


@pytest.fixture
def notices(engine: Engine) -> WebNotices:
    return WebNotices(engine)


async def listen(visitor: Visitor, enough: int, last: str = "", patience: float = 6.0) -> list[str]:
    """Gives the ids of the events that come until there are enough, or patience is over."""
    ids: list[str] = []
    headers = visitor.headers | ({"Last-Event-ID": last} if last else {})
    try:
        async with (
            asyncio.timeout(patience),
            visitor.http.stream("GET", "/api/v1/chat/events", headers=headers) as stream,
        ):
            async for line in stream.aiter_lines():
                if line.startswith("id:"):
                    ids.append(line.removeprefix("id:").strip())
                elif not line and len(ids) >= enough:
                    return ids
    except TimeoutError:
        pass
    return ids


async def test_given_twice_it_stands_in_the_history_once(visitor: Visitor, notices: WebNotices) -> None:
    assert [notices.deliver(notice(visitor)) for _ in range(3)] == [Outcome.SENT] * 3
    (message,) = (await visitor.history()).json()["messages"]
    assert (message["message_id"], message["text"]) == (notice(visitor).id, "")
    assert message["replies"][0]["text"].endswith("đã xử lý xong.")


async def test_an_open_page_gets_it_at_once_and_once(visitor: Visitor, notices: WebNotices) -> None:
    stream = asyncio.create_task(listen(visitor, enough=2, patience=6))
    await asyncio.sleep(0.5)
    notices.deliver(notice(visitor))
    assert await stream == [notice(visitor).id]


async def test_it_waits_for_the_next_page_and_is_not_given_again(visitor: Visitor, notices: WebNotices) -> None:
    for number in (1, 2):
        notices.deliver(notice(visitor, number))
    assert await listen(visitor, enough=3, patience=1) == [notice(visitor, 1).id, notice(visitor, 2).id]
    assert await listen(visitor, enough=1, patience=3) == []


async def test_a_page_that_lost_its_stream_gets_what_came_after_what_it_saw(
    visitor: Visitor, notices: WebNotices
) -> None:
    for number in (1, 2, 3):
        notices.deliver(notice(visitor, number))
    assert len(await listen(visitor, enough=3)) == 3
    after = await listen(visitor, enough=2, last=notice(visitor, 1).id)
    assert after == [notice(visitor, 2).id, notice(visitor, 3).id]
    assert await listen(visitor, enough=1, last="f" * 32, patience=1) == []


async def test_nobody_else_gets_it(visitor: Visitor, notices: WebNotices) -> None:
    other = await come_in(visitor.http)
    notices.deliver(notice(visitor))
    assert await listen(other, enough=1, last=notice(visitor).id, patience=3) == []
    assert (await other.history()).json()["messages"] == []


async def test_who_erased_the_conversation_or_let_it_end_cannot_be_reached(
    visitor: Visitor, notices: WebNotices, engine: Engine
) -> None:
    ended, erased = await come_in(visitor.http), await come_in(visitor.http)
    for one in (visitor, ended, erased):
        notices.deliver(notice(one, int(one.session_id[:8], 16)))
    await erased.http.delete("/api/v1/chat/sessions/current", headers=erased.headers)
    with engine.begin() as connection:
        expired = now() - timedelta(seconds=1)
        connection.execute(update(ChatSession).where(ChatSession.id == ended.session_id).values(expires_at=expired))
        left = connection.execute(text("SELECT count(*) FROM chat_notice")).scalar()
    assert left == 2, "an erased conversation leaves no notice"
    people = [visitor.session_id, ended.session_id, erased.session_id]
    assert notices.gone(people) == {ended.session_id, erased.session_id}
    assert [notices.deliver(notice(one, 9)) for one in (ended, erased, visitor)] == [
        Outcome.UNREACHABLE,
        Outcome.UNREACHABLE,
        Outcome.SENT,
    ]


async def test_a_broken_database_means_later_and_that_nobody_is_gone(
    visitor: Visitor, notices: WebNotices, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE chat_notice")
        connection.exec_driver_sql("DROP TABLE chat_message")
    assert notices.deliver(notice(visitor)) is Outcome.LATER
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE chat_session")
    assert notices.gone([visitor.session_id]) == set()


async def test_a_visitor_cannot_take_a_notices_place(visitor: Visitor, notices: WebNotices) -> None:
    refused = await visitor.send(f"notice:{notice(visitor).id}", text="chào")
    assert refused.status_code == 422
