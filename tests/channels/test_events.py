from __future__ import annotations

from datetime import timedelta

import pytest

from channels.events import Event, LocalHub

pytestmark = pytest.mark.anyio

LONG = timedelta(minutes=1)
ERASED = Event("erased", "{}")


async def test_each_stream_of_a_session_gets_its_events_and_no_others() -> None:
    hub = LocalHub()
    async with hub.listen("ann") as one, hub.listen("ann") as two, hub.listen("bob") as other:
        await hub.publish("ann", Event("replies", "1"))
        await hub.publish("bob", ERASED)
        await hub.publish("ann", ERASED)
        assert [e.data for e in [e async for e in one.until(LONG)]] == ["1", "{}"]
        assert [e.data for e in [e async for e in two.until(LONG)]] == ["1", "{}"]
        assert [e async for e in other.until(LONG)] == [ERASED]


async def test_a_stream_ends_with_its_time() -> None:
    async with LocalHub().listen("ann") as listener:
        assert [e async for e in listener.until(timedelta(seconds=0.01))] == []


async def test_a_stream_that_is_not_read_keeps_the_newest() -> None:
    hub = LocalHub()
    async with hub.listen("ann") as listener:
        for n in range(300):
            await hub.publish("ann", Event("replies", str(n)))
        await hub.publish("ann", ERASED)
        kept = [e.data async for e in listener.until(LONG)]
    assert len(kept) == 100
    assert kept[-2:] == ["299", "{}"]


async def test_closed_streams_make_room() -> None:
    hub = LocalHub()
    async with hub.listen("ann"), hub.listen("ann"), hub.listen("ann"), hub.listen("ann"):
        assert hub.is_crowded("ann")
        assert not hub.is_crowded("bob")
    assert not hub.is_crowded("ann")
