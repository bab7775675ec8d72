from __future__ import annotations

import asyncio

import pytest

from channels.turns import Turns

pytestmark = pytest.mark.anyio


async def test_one_conversation_goes_in_order_and_others_do_not_wait() -> None:
    turns, log = Turns(), []

    async def take(conversation: str, number: int) -> None:
        async with turns.of(conversation):
            log.append((conversation, number, "in"))
            await asyncio.sleep(0.01)
            log.append((conversation, number, "out"))

    await asyncio.gather(*(take("ann", n) for n in range(3)), take("bob", 0))
    assert [entry for entry in log if entry[0] == "ann"] == [
        ("ann", n, way) for n in range(3) for way in ("in", "out")
    ]
    assert log.index(("bob", 0, "in")) < log.index(("ann", 0, "out"))


async def test_who_gives_up_waiting_does_not_block_the_next() -> None:
    turns = Turns()
    async with turns.of("ann"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), turns.of("ann"):
                pytest.fail("the turn was taken")
    async with asyncio.timeout(1), turns.of("ann"):
        pass
    assert turns._locks == {}
