"""Everything at once: duplicates, wrong order, slow and lost answers, gateways killed again and again."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine, text

from channels.durable.model import Terms
from channels.durable.worker import Worker
from channels.storage import now
from tests.channels.durable import child
from tests.channels.durable.conftest import CHANNEL, Carrier, Scene, Scribe, arrival
from tests.simulators.channel import ChannelSimulator, Faults, Push, Pusher

pytestmark = pytest.mark.anyio

LONG = pytest.mark.skipif(os.environ.get("MOTCUA_LONG") != "1", reason="takes minutes of all processors: MOTCUA_LONG=1")
ALL = Faults(duplicate=0.2, reorder=0.15, drop=0.1, swallow=0.05, slow=0.1, slow_s=0.2, bot_fails=0.05, bot_s=0.05)
TERMS = Terms(
    window=timedelta(milliseconds=700),
    lease=timedelta(seconds=3),
    # A gateway that is killed every few seconds counts as tries at what it had in hand.
    attempts=60,
    first_wait=timedelta(milliseconds=100),
    longest_wait=timedelta(seconds=1),
    settle_after=timedelta(seconds=1),
    settles=20,
    at_once=64,
)


@pytest.fixture
def channel() -> Iterator[ChannelSimulator]:
    simulator = ChannelSimulator()
    with simulator.server:
        yield simulator


class Fleet:
    """Gateways that are processes, each behind a port of its own; a killed one is started again."""

    def __init__(self, url: str, channel: ChannelSimulator, note: Path, gateways: int, terms: Terms) -> None:
        self._args, self._terms = (url, channel.server.url), terms
        self._note = str(note)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.channels.durable.child"])
        self.ports = [_free_port() for _ in range(gateways)]
        self._processes: dict[int, Any] = {}
        self.killed = 0

    def start(self, port: int) -> None:
        args = (*self._args, port, self._note, self._terms, True)
        self._processes[port] = self._context.Process(target=child.serve, args=args)
        self._processes[port].start()

    def kill(self, port: int) -> None:
        self._processes[port].kill()
        self._processes[port].join(30)
        self.killed += 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[httpx.AsyncClient]:
        for port in self.ports:
            self.start(port)
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False, verify=False) as http:
                for port in self.ports:
                    await _answers(http, port)
                yield http
        finally:
            for port in self.ports:
                self.kill(port)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


async def _answers(http: httpx.AsyncClient, port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await http.get(f"http://127.0.0.1:{port}/hook")
                return
            except httpx.HTTPError:
                await asyncio.sleep(0.05)


def _undone(url: str) -> int:
    engine = create_engine(url)
    counted = "SELECT (SELECT count(*) FROM durable_event WHERE done_at IS NULL)"
    with engine.connect() as connection:
        found = connection.execute(
            text(f"{counted} + (SELECT count(*) FROM durable_message WHERE done_at IS NULL)")
        ).scalar_one()
    engine.dispose()
    return int(found)


async def storm(
    url: str, channel: ChannelSimulator, note: Path, *, people: int, each: int, gateways: int, every: float
) -> dict[str, int]:
    """Has people write while gateways are killed every so many seconds; gives what came of it."""
    channel.faults, choose = ALL, random.Random(6)
    fleet = Fleet(url, channel, note, gateways, TERMS)
    async with fleet.running() as http:

        async def push(one: Push) -> bool:
            port = choose.choice(fleet.ports)
            try:
                answer = await http.post(f"http://127.0.0.1:{port}/hook", json=one.body)
            except httpx.HTTPError:
                return False
            return answer.status_code == 200

        async def kill() -> None:
            while True:
                await asyncio.sleep(every * choose.uniform(0.5, 1.5))
                port = choose.choice(fleet.ports)
                await asyncio.to_thread(fleet.kill, port)
                fleet.start(port)
                await _answers(http, port)

        killing = asyncio.create_task(kill())
        pusher = Pusher(push, ALL)
        names = [f"person {n}" for n in range(people)]
        await asyncio.gather(*(pusher.deliver(name, range(each), pause=0.2) for name in names))
        while await asyncio.to_thread(_undone, url):
            await asyncio.sleep(0.2)
        killing.cancel()
    said = {name: [text for text in channel.seen[name]] for name in names}
    expected = {name: [f"re {name}/{n} 0" for n in range(each)] for name in names}
    return {
        "lost": sum(len(set(expected[name]) - set(said[name])) for name in names),
        "doubled": sum(len(said[name]) - len(set(said[name])) for name in names),
        "unasked": sum(len(set(said[name]) - set(expected[name])) for name in names),
        "disordered": sum(_wrong(pusher, name, one, other) for name in names for one, other in _neighbours(said[name])),
        "pushed": pusher.pushed,
        "killed": fleet.killed - gateways,
        "asked": sum(channel.asked.values()),
    }


def _neighbours(said: list[str]) -> list[tuple[int, int]]:
    numbers = [int(re.sub(r".*/(\d+) .*", r"\1", one)) for one in said]
    return list(pairwise(numbers))


def _wrong(pusher: Pusher, name: str, first: int, second: int) -> bool:
    """Whether a later event was answered first although the earlier one was there within the later one's window."""
    if first < second:
        return False
    late = pusher.acknowledged[Push(name, second)] - pusher.tried[Push(name, first)]
    return late <= TERMS.window.total_seconds()


def _is_perfect(came: dict[str, int]) -> bool:
    return not (came["lost"] or came["doubled"] or came["unasked"] or came["disordered"])


@LONG
@pytest.mark.long
async def test_500_events_with_every_fault_are_each_answered_once_and_in_order(
    url: str, channel: ChannelSimulator, tmp_path: Path
) -> None:
    gateways = 1 if url.startswith("sqlite") else 2
    came = await storm(url, channel, tmp_path / "note", people=50, each=10, gateways=gateways, every=2.0)
    assert _is_perfect(came), came
    assert came["pushed"] > 550 and came["killed"] >= 1, came


@LONG
@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("gateways", [1, 3])
async def test_10000_events_with_every_fault_are_each_answered_once_and_in_order(
    url: str, channel: ChannelSimulator, tmp_path: Path, gateways: int
) -> None:
    came = await storm(url, channel, tmp_path / "note", people=200, each=50, gateways=gateways, every=4.0)
    print(url.split(":")[0], gateways, came)
    assert _is_perfect(came), came


@LONG
@pytest.mark.long
async def test_50_events_a_second_are_stored_at_once_while_answers_take_5_s(engine: Engine) -> None:
    scene, waits = Scene(engine, now, Terms(at_once=400)), []
    handlers, senders = {CHANNEL: Scribe(delay=5)}, {CHANNEL: Carrier()}
    worker = Worker(scene.ground, scene.inbox, scene.outbox, handlers, senders, scene.terms, scene.counts, keep_days=14)
    working = asyncio.create_task(worker.run())

    async def push(number: int) -> None:
        began = time.perf_counter()
        assert await scene.inbox.store(arrival(str(number), f"person {number % 997}", ms=number)) == 1
        waits.append(time.perf_counter() - began)

    pushes = []
    for number in range(1500):
        pushes.append(asyncio.create_task(push(number)))
        await asyncio.sleep(0.02)
    await asyncio.gather(*pushes)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    scene.ground.close()
    waits.sort()
    p50, p95 = waits[len(waits) // 2] * 1000, waits[len(waits) * 95 // 100] * 1000
    print(f"{engine.dialect.name}: stored within {p50:.0f} ms (median), {p95:.0f} ms (p95), {waits[-1] * 1000:.0f} ms")
    assert p95 < 100
