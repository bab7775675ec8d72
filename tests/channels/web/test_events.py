"""The event stream, over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from channels.events import Event
from tests.channels.conftest import Visitor, come_in
from tests.simulators.server import LoopbackServer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def visitor(live: tuple[LoopbackServer, FastAPI]) -> AsyncIterator[Visitor]:
    async with httpx.AsyncClient(base_url=live[0].url, timeout=5, trust_env=False) as http:
        yield await come_in(http)


async def read_until(lines: AsyncIterator[str], wanted: str) -> list[str]:
    seen = []
    async with asyncio.timeout(5):
        async for line in lines:
            seen.append(line)
            if line.startswith(wanted):
                return seen
    raise AssertionError(f"{wanted!r} not in {seen}")


async def test_later_replies_arrive_and_erasing_ends_the_stream(
    visitor: Visitor, live: tuple[LoopbackServer, FastAPI]
) -> None:
    hub = live[1].state.desk.hub
    async with visitor.http.stream("GET", "/api/v1/chat/events", headers=visitor.headers) as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        assert "content-security-policy" in stream.headers
        lines = stream.aiter_lines()
        await read_until(lines, ": listening")
        await hub.publish(visitor.session_id, Event("replies", '{"replies":[]}'))
        assert await read_until(lines, "data:") == ["", "event: replies", 'data: {"replies":[]}']
        await visitor.http.delete("/api/v1/chat/sessions/current", headers=visitor.headers)
        assert "event: erased" in await read_until(lines, "data:")
        assert [line async for line in lines if line] == []


async def test_a_silent_stream_shows_signs_of_life(visitor: Visitor) -> None:
    async with visitor.http.stream("GET", "/api/v1/chat/events", headers=visitor.headers) as stream:
        await read_until(stream.aiter_lines(), ": ping")


async def test_streams_of_a_session_are_few(visitor: Visitor) -> None:
    def open_stream() -> AsyncIterator[str]:
        return visitor.http.stream("GET", "/api/v1/chat/events", headers=visitor.headers)  # type: ignore[return-value]

    async with open_stream(), open_stream(), open_stream(), open_stream():  # type: ignore[attr-defined]
        refused = await visitor.http.get("/api/v1/chat/events", headers=visitor.headers)
    assert refused.status_code == 429
