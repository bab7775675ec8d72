"""The worker: answers stored events and sends stored messages, one conversation at a time and many side by side.

Any number of workers, in one process or several, may work on one database. What a worker has in hand it holds by a
lease that it renews; when it is killed, the lease runs out and another takes the work up where its last transaction
left it. A worker that cannot renew a lease drops the work before the lease ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from channels.durable import alerts, inbox, lanes, outbox
from channels.durable.counts import Counts
from channels.durable.errors import LeaseLost, NotNow
from channels.durable.ground import Bell, Ground
from channels.durable.inbox import DurableInbox, Work
from channels.durable.lanes import Lease, Side
from channels.durable.model import Handler, Outcome, Sender, Terms, Unknown
from channels.durable.outbox import Call, Outbox
from channels.durable.sweep import sweep
from channels.errors import StorageUnavailable
from channels.storage import now

logger = logging.getLogger(__name__)

_TELL_S, _SWEEP_S = 60.0, 3600.0
_AFTER_TROUBLE_S = 1.0
_GATHER_S = 0.02
# What was learnt from the bot or the channel is worth several tries at keeping it.
_INSIST = (0.05, 0.2, 0.5, 1.0, 2.0)
_RENEWALS, _DROP_AT = 4, 0.7
# After so many seconds without a look at the database a direction counts as stuck.
_STUCK_S = 30.0

_Job = TypeVar("_Job", Work, Call)


class _Box(Protocol[_Job]):
    bell: Bell

    async def claim(self, channels: list[str], limit: int) -> list[_Job]: ...

    async def next_look(self, channels: list[str]) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Health:
    """How it stands.

    Attributes:
        works: both directions have looked at the database lately.
        events: events that wait for an answer; of the last count, at most a minute old.
        messages: messages that are not finished.
        oldest_s: seconds that the oldest of them has waited.
        alerts: alerts that nobody has closed.
    """

    works: bool
    events: int = 0
    messages: int = 0
    oldest_s: float = 0.0
    alerts: int = 0


class Worker:
    """Works through the inbox and the outbox of the channels that it knows."""

    def __init__(
        self,
        ground: Ground,
        inbox: DurableInbox,
        outbox: Outbox,
        handlers: Mapping[str, Handler],
        senders: Mapping[str, Sender],
        terms: Terms,
        counts: Counts,
        keep_days: int,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Takes what it works with.

        Args:
            ground: the database.
            inbox: where events come from.
            outbox: where messages come from.
            handlers: who answers the events of a channel, by its name.
            senders: who makes the calls of a channel, by its name.
            terms: leases, tries and waits.
            counts: where it counts.
            keep_days: after so many days what is finished is deleted.
            clock: gives the time, with its zone.
        """
        self._ground, self._inbox, self._outbox = ground, inbox, outbox
        self._handlers, self._senders = dict(handlers), dict(senders)
        self._terms, self._counts, self._keep_days, self._clock = terms, counts, keep_days, clock
        self._held: dict[asyncio.Task[None], tuple[Lease, float]] = {}
        self._looked: dict[Side, float] = {}
        self._health = Health(works=False)

    async def run(self) -> None:
        """Works until it is cancelled; what it has in hand then is given a moment, and put back."""
        loops: list[Coroutine[Any, Any, None]] = [
            self._serve("in", self._inbox, sorted(self._handlers), self._answer),
            self._serve("out", self._outbox, sorted(self._senders), self._post),
            self._keep_leases(),
            self._every(_TELL_S, self._tell),
            self._every(_SWEEP_S, self._sweep),
        ]
        tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await self._put_down()
            await asyncio.gather(*tasks, return_exceptions=True)

    def health(self) -> Health:
        """Says how it stands, without asking the database."""
        clock = asyncio.get_running_loop().time()
        looks = [self._looked.get(side) for side in ("in", "out")]
        works = all(look is not None and clock - look < _STUCK_S for look in looks)
        known = self._health
        return Health(works, known.events, known.messages, known.oldest_s, known.alerts)

    async def _serve(
        self,
        side: Side,
        box: _Box[_Job],
        channels: list[str],
        do: Callable[[_Job], Awaitable[None]],
    ) -> None:
        clock, busy = asyncio.get_running_loop(), set[asyncio.Task[None]]()

        def put_away(task: asyncio.Task[None]) -> None:
            busy.discard(task)
            self._held.pop(task, None)
            box.bell.ring()

        while True:
            wait = self._terms.look_every.total_seconds()
            try:
                free = self._terms.at_once - len(busy)
                began = clock.time()
                jobs = await box.claim(channels, free) if free else []
                self._looked[side] = clock.time()
                for job in jobs:
                    task = asyncio.create_task(self._safely(do, job))
                    busy.add(task)
                    self._held[task] = (job.lease, began)
                    task.add_done_callback(put_away)
                if jobs and len(busy) < self._terms.at_once:
                    continue
                due = await box.next_look(channels) if len(busy) < self._terms.at_once else None
                if due is not None:
                    wait = min(wait, max((due - self._clock()).total_seconds(), 0.005))
            except StorageUnavailable as cause:
                self._counts.add("storage_errors")
                logger.warning("the %s side cannot look: %s", side, cause)
                wait = _AFTER_TROUBLE_S
            except Exception:
                # Without the text of the error, which may quote a message.
                logger.error("the %s side met something unforeseen", side)
                wait = _AFTER_TROUBLE_S
            await box.bell.wait(wait)
            # What comes at about the same time is taken in one transaction.
            await asyncio.sleep(_GATHER_S)

    async def _safely(self, do: Callable[[_Job], Awaitable[None]], job: _Job) -> None:
        try:
            await do(job)
        except LeaseLost:
            self._counts.add("lost_leases")
        except StorageUnavailable as cause:
            # What is in hand is taken up again when its lease has run out.
            self._counts.add("storage_errors")
            logger.warning("what was done could not be kept: %s", cause)

    async def _answer(self, work: Work) -> None:
        handler = self._handlers[work.event.address.channel]
        if work.is_over:
            await self._give_up(handler, work, "WorkerDied")
            return
        try:
            async with asyncio.timeout(self._terms.handle_within.total_seconds()):
                handled = await handler.handle(work.event)
            await self._insist(lambda: self._inbox.finish(work, handled))
        except (LeaseLost, StorageUnavailable):
            raise
        except asyncio.CancelledError:
            await self._inbox.give_back(work)
            raise
        except Exception as cause:
            wish = cause if isinstance(cause, NotNow) else NotNow(type(cause).__name__)
            if work.event.attempt >= self._terms.attempts:
                await self._give_up(handler, work, str(wish))
            else:
                await self._insist(partial(self._inbox.put_off, work, str(wish), wish.after, wish.meanwhile))
        self._outbox.bell.ring()

    async def _give_up(self, handler: Handler, work: Work, problem: str) -> None:
        try:
            said = handler.give_up(work.event)
        except Exception as cause:
            logger.error("nothing could be said about an event that was given up: %s", type(cause).__name__)
            said = ()
        await self._insist(lambda: self._inbox.bury(work, problem, said))
        self._outbox.bell.ring()

    async def _post(self, call: Call) -> None:
        sender = self._senders[call.message.address.channel]
        outcome: Outcome | None
        try:
            async with asyncio.timeout(self._terms.send_within.total_seconds()):
                if call.is_settling:
                    outcome = await sender.settle(call.message)
                else:
                    outcome = await sender.send(call.message)
        except asyncio.CancelledError:
            await self._outbox.note(call, Unknown("Cancelled"))
            raise
        except Exception as cause:
            outcome = Unknown(type(cause).__name__)
        await self._insist(lambda: self._outbox.note(call, outcome))

    async def _insist(self, keep: Callable[[], Awaitable[None]]) -> None:
        for wait in _INSIST:
            try:
                return await keep()
            except StorageUnavailable:
                self._counts.add("storage_errors")
                await asyncio.sleep(wait)
        await keep()

    async def _keep_leases(self) -> None:
        clock, lease = asyncio.get_running_loop(), self._terms.lease.total_seconds()
        while True:
            await asyncio.sleep(lease / _RENEWALS)
            began, held = clock.time(), dict(self._held)
            tokens = sorted({lease.token for lease, _ in held.values()})
            try:
                if tokens:
                    until = self._clock() + self._terms.lease
                    await self._ground.run(partial(lanes.renew, tokens=tokens, until=until))
                for task, (kept, _) in held.items():
                    if task in self._held:
                        self._held[task] = (kept, began)
            except StorageUnavailable:
                self._counts.add("storage_errors")
            for task, (_, since) in list(self._held.items()):
                if clock.time() - since > _DROP_AT * lease:
                    task.cancel()

    async def _put_down(self) -> None:
        held = list(self._held)
        if not held:
            return
        _, late = await asyncio.wait(held, timeout=self._terms.grace.total_seconds())
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=self._terms.grace.total_seconds())

    async def _every(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await do()
            except StorageUnavailable as cause:
                self._counts.add("storage_errors")
                logger.warning("the inbox cannot be looked after: %s", cause)
            await asyncio.sleep(seconds)

    async def _tell(self) -> None:
        def look(connection: Connection) -> tuple[int, int, datetime | None, int]:
            events, messages = inbox.waiting(connection), outbox.waiting(connection)
            oldest = min((since for _, since in (events, messages) if since is not None), default=None)
            return events[0], messages[0], oldest, alerts.count_open(connection)

        events, messages, oldest, raised = await self._ground.run(look)
        waited = 0.0 if oldest is None else max((self._clock() - oldest).total_seconds(), 0.0)
        self._health = Health(True, events, messages, waited, raised)
        happened = ", ".join(f"{name} {count}" for name, count in self._counts.all().items() if count)
        line = "%d events and %d messages wait, the oldest for %.0f s; %d alerts; since the start: %s"
        logger.info(line, events, messages, waited, raised, happened or "nothing")

    async def _sweep(self) -> None:
        await self._ground.run(lambda connection: sweep(connection, self._clock(), self._keep_days))
