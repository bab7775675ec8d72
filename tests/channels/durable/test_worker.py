"""The worker answers and sends, side by side, and survives whatever handlers, senders and databases do."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from channels.durable.errors import NotNow
from channels.durable.model import Event, Handled, Never, NotSent, Outcome, Sent, Terms, Unknown
from channels.durable.outbox import Outbox
from channels.durable.worker import Worker
from channels.storage import now
from tests.channels.durable.conftest import CHANNEL, Carrier, Scene, Scribe, arrival, outgoing, until

pytestmark = pytest.mark.anyio

QUICK = Terms(
    window=timedelta(milliseconds=1),
    lease=timedelta(seconds=20),
    first_wait=timedelta(milliseconds=10),
    settle_after=timedelta(milliseconds=10),
    look_every=timedelta(milliseconds=50),
    attempts=3,
    grace=timedelta(milliseconds=200),
)


def worker_of(scene: Scene, scribe: Any, carrier: Any) -> Worker:
    return Worker(
        scene.ground, scene.inbox, scene.outbox, {CHANNEL: scribe}, {CHANNEL: carrier}, scene.terms, scene.counts, 14
    )


@asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def quick(engine: Engine) -> Any:
    made = Scene(engine, now, QUICK)
    yield made
    made.ground.close()


async def everything_sent(scene: Scene) -> bool:
    undone = "SELECT 1 FROM {} WHERE done_at IS NULL LIMIT 1"
    return not any(scene.rows(undone.format(table)) for table in ("durable_event", "durable_message"))


async def test_what_is_stored_is_answered_in_order(quick: Scene) -> None:
    scribe, carrier = Scribe(), Carrier()
    async with at_work(worker_of(quick, scribe, carrier)):
        for who in ("ann", "bob"):
            await quick.inbox.store(*(arrival(str(n), who, ms=n) for n in range(5)))
        await until(lambda: len(carrier.sent) == 10)
    assert carrier.told("ann") == carrier.told("bob") == [f"re {n}" for n in range(5)]


async def test_slow_answers_of_many_people_are_waited_for_side_by_side(quick: Scene) -> None:
    at_once, most = 0, 0

    class Slow(Scribe):
        async def handle(self, event: Event) -> Handled:
            nonlocal at_once, most
            at_once, most = at_once + 1, max(most, at_once + 1)
            await until(lambda: most == 20)
            at_once -= 1
            return []

    for n in range(20):
        await quick.inbox.store(arrival("x", f"person {n}"))
    async with at_work(worker_of(quick, Slow(), Carrier())):
        await until(lambda: everything_sent(quick))
    assert most == 20


async def test_a_handler_that_breaks_is_tried_again_and_given_up_with_a_word(quick: Scene) -> None:
    tries = []

    def breaks(event: Event) -> Handled:
        tries.append(event.attempt)
        raise ValueError(event.body["text"])

    scribe, carrier = Scribe({"bad": breaks}), Carrier()
    await quick.inbox.store(arrival("bad"), arrival("good", ms=1))
    async with at_work(worker_of(quick, scribe, carrier)):
        await until(lambda: carrier.told() == ["sorry bad", "re good"])
    assert tries == [1, 2, 3]
    assert quick.rows("SELECT kind, problem FROM durable_alert") == [("event_dead", "ValueError")]


async def test_a_bot_that_is_down_makes_the_person_wait_and_says_so_once(quick: Scene) -> None:
    moments = iter([True, True, False])

    def down(event: Event) -> Handled:
        if next(moments):
            raise NotNow("RasaUnavailable", meanwhile=[outgoing("one moment")])
        return [outgoing("here it is")]

    carrier = Carrier()
    await quick.inbox.store(arrival("a"))
    async with at_work(worker_of(quick, Scribe({"a": down}), carrier)):
        await until(lambda: carrier.told() == ["one moment", "here it is"])


async def test_every_outcome_of_a_call_ends_in_order_without_doubles(quick: Scene) -> None:
    carrier = Carrier(
        does={
            "1": [NotSent("503"), NotSent("429")],
            "2": [Never("-201")],
            "3": [Unknown("ReadTimeout")],
            "4": [OSError("not said")],
        },
        settles=[Unknown("busy"), Sent("found"), NotSent("not there")],
    )
    await quick.outbox.send("c" * 32, [outgoing(str(n)) for n in range(6)])
    async with at_work(worker_of(quick, Scribe(), carrier)):
        await until(lambda: everything_sent(quick))
    assert carrier.told() == ["0", "1", "4", "5"]
    assert quick.states("durable_message") == ["sent", "sent", "failed", "sent", "sent", "sent"]
    assert (len(carrier.asked), quick.counts.all()["settled"]) == (3, 2)


async def test_two_workers_on_one_database_answer_once(quick: Scene, engine: Engine) -> None:
    other = Scene(engine, now, QUICK)
    scribe, carrier = Scribe(delay=0.01), Carrier()
    async with at_work(worker_of(quick, scribe, carrier)), at_work(worker_of(other, scribe, carrier)):
        for n in range(60):
            await (quick, other)[n % 2].inbox.store(arrival(str(n), f"person {n % 7}", ms=n))
        await until(lambda: everything_sent(quick))
    assert sorted(said for _, said in carrier.sent) == sorted(f"re {n}" for n in range(60))
    for person in range(7):
        assert len(carrier.told(f"person {person}")) == len(range(person, 60, 7))
    other.ground.close()


async def test_who_is_told_to_stop_puts_back_what_it_has_in_hand(quick: Scene) -> None:
    scribe = Scribe(delay=60)
    await quick.inbox.store(arrival("a"))
    async with at_work(worker_of(quick, scribe, Carrier())):
        await until(lambda: scribe.heard == ["a"])
    assert quick.rows("SELECT state, attempts FROM durable_event") == [("waiting", 0)]
    assert quick.rows("SELECT lease FROM durable_lane") == [("",)]


async def test_a_call_that_is_cut_off_by_the_stop_is_unknown(quick: Scene) -> None:
    calling = asyncio.Event()

    class Slow(Carrier):
        async def send(self, message: Any) -> Outcome:
            calling.set()
            await asyncio.sleep(60)
            return Sent("never")

    await quick.outbox.send("c" * 32, [outgoing("a")])
    async with at_work(worker_of(quick, Scribe(), Slow())):
        await asyncio.wait_for(calling.wait(), 30)
    assert quick.rows("SELECT state, problem FROM durable_message") == [("unknown", "Cancelled")]


async def test_long_work_keeps_its_lease(engine: Engine) -> None:
    scene = Scene(engine, now, Terms(window=timedelta(0), lease=timedelta(seconds=2)))
    scribe, carrier = Scribe(delay=4.5), Carrier()
    await scene.inbox.store(arrival("a"))
    async with at_work(worker_of(scene, scribe, carrier)), at_work(worker_of(scene, scribe, carrier)):
        await until(lambda: carrier.told() == ["re a"])
    assert scribe.heard == ["a"]
    scene.ground.close()


async def test_who_cannot_renew_a_lease_lets_the_work_go_before_it_ends(engine: Engine) -> None:
    scene = Scene(engine, now, Terms(window=timedelta(0), lease=timedelta(seconds=1)))
    scribe = Scribe(delay=60)
    await scene.inbox.store(arrival("a"))
    gone: list[bool] = []

    class Watched(Scribe):
        async def handle(self, event: Event) -> Handled:
            try:
                return await scribe.handle(event)
            except asyncio.CancelledError:
                gone.append(True)
                raise

    def fail(*_: object) -> None:
        raise engine.dialect.dbapi.OperationalError("the disk is gone")  # type: ignore[union-attr]

    async with at_work(worker_of(scene, Watched(), Carrier())):
        await until(lambda: scribe.heard == ["a"])
        event.listen(engine, "before_cursor_execute", fail)
        try:
            await until(lambda: bool(gone))
        finally:
            event.remove(engine, "before_cursor_execute", fail)
    scene.ground.close()


async def test_a_database_that_fails_for_a_while_loses_nothing(quick: Scene, engine: Engine) -> None:
    failing = iter(range(10**6))

    def fail(*_: object) -> None:
        if next(failing) % 11 == 10:
            raise engine.dialect.dbapi.OperationalError("now and then")  # type: ignore[union-attr]

    carrier = Carrier()
    await quick.inbox.store(*(arrival(str(n), ms=n) for n in range(5)))
    quick.terms = QUICK
    async with at_work(worker_of(quick, Scribe(), carrier)):
        event.listen(engine, "before_cursor_execute", fail)
        await asyncio.sleep(0.5)
        event.remove(engine, "before_cursor_execute", fail)
        await until(lambda: carrier.told() == [f"re {n}" for n in range(5)], 60)


async def test_health_and_the_line_of_the_minute_tell_counts_and_no_names(
    quick: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    worker = worker_of(quick, Scribe(), Carrier())
    assert not worker.health().works
    await quick.inbox.store(arrival("my secret", "0912345678"))
    async with at_work(worker):
        await until(lambda: worker.health().works)
        await until(lambda: everything_sent(quick))
    assert "1 events and 0 messages wait" in caplog.text and "stored 1" in caplog.text
    assert "my secret" not in caplog.text and "0912345678" not in caplog.text


async def test_a_side_that_no_longer_looks_is_not_healthy(quick: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*_: object) -> list[Any]:
        await asyncio.sleep(600)
        return []

    monkeypatch.setattr(Outbox, "claim", hangs)
    worker = worker_of(quick, Scribe(), Carrier())
    async with at_work(worker):
        await until(lambda: "in" in worker._looked)
        assert not worker.health().works
