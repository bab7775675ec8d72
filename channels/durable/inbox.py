"""The durable inbox: events are stored before they are acknowledged, and answered in order, once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from channels.durable import alerts, lanes, outbox
from channels.durable.counts import Counts
from channels.durable.ground import Bell, Ground
from channels.durable.lanes import Lease
from channels.durable.model import Address, Arrival, Event, Handled, Outgoing, Terms
from channels.durable.seal import Seal
from channels.durable.tables import DurableEvent
from channels.rows import insert_unless_there
from channels.storage import in_utc, now
from motcua.errors import CannotSeal

_PROBLEM_CHARS = 64
# An event that ends the process even while it is being given up is left alone after this many more tries.
_LAST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Work:
    """An event in our hands.

    Attributes:
        event: what is to be answered.
        lease: of its conversation.
        is_over: it has been tried often enough; workers have died at it, for otherwise it would not be here.
    """

    event: Event
    lease: Lease
    is_over: bool


class DurableInbox:
    """Keeps events of all pushing channels."""

    def __init__(
        self,
        ground: Ground,
        seal: Seal,
        terms: Terms,
        counts: Counts,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Takes what it works with.

        Args:
            ground: the database.
            seal: hides what people wrote.
            terms: window, leases, tries.
            counts: where it counts.
            clock: gives the time, with its zone.
        """
        self._ground, self._seal, self._terms, self._counts, self._clock = ground, seal, terms, counts, clock
        self.bell = Bell()

    async def store(self, *arrivals: Arrival) -> int:
        """Stores events for good; after this they may be acknowledged.

        An event that is there already, answered or not, is left as it is.

        Returns:
            How many of them were new.

        Raises:
            StorageUnavailable: none of them was stored; the channel must not be told that they were.
        """

        def write(connection: Connection) -> int:
            return sum([self._put(connection, arrival) for arrival in self._in_lock_order(arrivals)])

        new = await self._ground.run(write, is_urgent=True)
        self._counts.add("stored", new)
        self._counts.add("duplicates", len(arrivals) - new)
        if new:
            self.bell.ring()
        return new

    def _in_lock_order(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        return sorted(arrivals, key=lambda arrival: self._seal.mark_of(arrival.address))

    def _put(self, connection: Connection, arrival: Arrival) -> bool:
        moment, mark = self._clock(), self._seal.mark_of(arrival.address)
        due = moment + self._terms.window
        values = {
            "id": secrets.token_hex(16),
            "channel": arrival.address.channel,
            "account": arrival.address.account,
            "conversation": mark,
            "key_mark": self._seal.mark_of_key(arrival.address, arrival.key),
            "sealed": self._seal.close([arrival.address.conversation, dict(arrival.body)]),
            "sent_at": round(arrival.sent_at.timestamp() * 1000),
            "received_at": moment,
            "state": "waiting",
            "attempts": 0,
            "next_at": due,
            "problem": "",
        }
        if not insert_unless_there(connection, DurableEvent, values):
            return False
        lanes.touch(connection, mark, "in", arrival.address.channel, due)
        lanes.mark_reachable(connection, mark)
        return True

    async def claim(self, channels: Collection[str], limit: int) -> list[Work]:
        """Takes the next event of conversations that are due.

        Raises:
            StorageUnavailable: the database cannot be read or written.
        """

        def take(connection: Connection) -> list[Work]:
            moment = self._clock()
            taken = lanes.claim(connection, "in", channels, moment, moment + self._terms.lease, limit)
            return [work for lease in taken if (work := self._take(connection, lease, moment)) is not None]

        return await self._ground.run(take)

    async def next_look(self, channels: Collection[str]) -> datetime | None:
        """Gives when the next event can be claimed, or None where none waits.

        Raises:
            StorageUnavailable: the database cannot be read.
        """
        return await self._ground.run(lambda connection: lanes.next_look(connection, "in", channels))

    def _take(self, connection: Connection, lease: Lease, moment: datetime) -> Work | None:
        row = _head(connection, lease.conversation)
        due = _due(connection, lease.conversation, row)
        if row is None or due is None or due > moment:
            lanes.release(connection, lease, due)
            return None
        if row.attempts >= self._terms.attempts + _LAST_TRIES:
            self._end(connection, lease, row.id, row.channel, "WorkerDied")
            return None
        try:
            conversation, body = self._seal.open(row.sealed)
        except CannotSeal:
            self._end(connection, lease, row.id, row.channel, "CannotSeal")
            return None
        # Counted before it is tried: an event at which the process dies must not be tried for ever.
        _change(connection, row.id, attempts=row.attempts + 1)
        event = Event(
            row.id,
            Address(row.channel, row.account, conversation),
            datetime.fromtimestamp(row.sent_at / 1000, UTC),
            in_utc(row.received_at),
            row.attempts + 1,
            body,
        )
        return Work(event, lease, is_over=row.attempts >= self._terms.attempts)

    async def finish(self, work: Work, handled: Handled) -> None:
        """Marks an event as done, together with what it sets going.

        Raises:
            LeaseLost: somebody else has taken it up.
            StorageUnavailable: nothing was changed, or the answer of the database did not come through.
        """

        def keep(connection: Connection) -> None:
            lanes.hold(connection, work.lease)
            outgoing = handled(connection) if callable(handled) else handled
            moment = self._clock()
            _change(connection, work.event.id, state="done", sealed="", done_at=moment)
            outbox.put(connection, self._seal, work.event.id, outgoing, moment)
            self._release(connection, work.lease)

        await self._ground.run(keep)
        self._counts.add("answered")

    async def put_off(
        self, work: Work, problem: str, after: timedelta | None = None, meanwhile: Sequence[Outgoing] = ()
    ) -> None:
        """Has an event tried again later; those behind it wait.

        Args:
            work: the event.
            problem: why, in a word.
            after: how long to wait at least.
            meanwhile: what the person is told, the first time only.

        Raises:
            LeaseLost: somebody else has taken it up.
            StorageUnavailable: nothing was changed.
        """

        def keep(connection: Connection) -> None:
            lanes.hold(connection, work.lease)
            moment = self._clock()
            again = moment + self._terms.wait_before(work.event.attempt, after)
            _change(connection, work.event.id, next_at=again, problem=problem[:_PROBLEM_CHARS])
            outbox.put(connection, self._seal, work.event.id, meanwhile, moment, series="w")
            self._release(connection, work.lease)

        await self._ground.run(keep)
        self._counts.add("put_off")

    async def bury(self, work: Work, problem: str, said: Sequence[Outgoing]) -> None:
        """Gives an event up: it is kept, nobody tries it, an alert says so, and the next one is free.

        Raises:
            LeaseLost: somebody else has taken it up.
            StorageUnavailable: nothing was changed.
        """

        def keep(connection: Connection) -> None:
            lanes.hold(connection, work.lease)
            outbox.put(connection, self._seal, work.event.id, said, self._clock(), series="g")
            self._end(connection, work.lease, work.event.id, work.event.address.channel, problem)

        await self._ground.run(keep)
        self._counts.add("given_up")
        self._counts.add("alerts")
        alerts.say(alerts.EVENT_DEAD, work.event.address.channel, problem)

    async def give_back(self, work: Work) -> None:
        """Gives an event back as if it had not been taken: the process is to end.

        Raises:
            LeaseLost: somebody else has taken it up.
            StorageUnavailable: nothing was changed; the lease runs out.
        """

        def keep(connection: Connection) -> None:
            lanes.hold(connection, work.lease)
            _change(connection, work.event.id, attempts=work.event.attempt - 1)
            self._release(connection, work.lease)

        await self._ground.run(keep)

    async def revive(self, event_id: str) -> bool:
        """Has an event that was given up tried anew; False where there is none of that id to try.

        Raises:
            StorageUnavailable: nothing was changed.
        """

        def keep(connection: Connection) -> bool:
            moment = self._clock()
            this = (DurableEvent.id == event_id) & (DurableEvent.state == "dead") & (DurableEvent.sealed != "")
            row = connection.execute(select(DurableEvent.conversation, DurableEvent.channel).where(this)).one_or_none()
            if row is None:
                return False
            lanes.touch(connection, row.conversation, "in", row.channel, moment)
            back = update(DurableEvent).where(this)
            again = back.values(state="waiting", attempts=0, next_at=moment, problem="", done_at=None)
            return connection.execute(again).rowcount > 0

        revived = await self._ground.run(keep)
        self.bell.ring()
        return revived

    def _end(self, connection: Connection, lease: Lease, event_id: str, channel: str, problem: str) -> None:
        moment = self._clock()
        _change(connection, event_id, state="dead", problem=problem[:_PROBLEM_CHARS], done_at=moment)
        alerts.raise_alert(connection, alerts.EVENT_DEAD, channel, event_id, problem, moment)
        self._release(connection, lease)

    def _release(self, connection: Connection, lease: Lease) -> None:
        lanes.release(connection, lease, _due(connection, lease.conversation, _head(connection, lease.conversation)))


def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """Gives how many events are not answered yet, and since when the oldest waits."""
    asked = select(func.count(), func.min(DurableEvent.received_at)).where(DurableEvent.state == "waiting")
    count, oldest = connection.execute(asked).one()
    return count, None if oldest is None else in_utc(oldest)


def _waiting_in(conversation: str) -> Any:
    return (DurableEvent.conversation == conversation) & (DurableEvent.state == "waiting")


def _head(connection: Connection, conversation: str) -> Any:
    """Gives the event whose turn it is: the earliest by the channel's time stamp."""
    asked = (
        select(
            DurableEvent.id,
            DurableEvent.channel,
            DurableEvent.account,
            DurableEvent.sealed,
            DurableEvent.sent_at,
            DurableEvent.received_at,
            DurableEvent.attempts,
            DurableEvent.next_at,
        )
        .where(_waiting_in(conversation))
        .order_by(DurableEvent.sent_at, DurableEvent.number)
        .limit(1)
    )
    return connection.execute(asked).one_or_none()


def _due(connection: Connection, conversation: str, head: Any) -> datetime | None:
    """Gives when the head may be tried: at its time when it was put off, otherwise when anybody's window is over."""
    if head is None:
        return None
    if head.attempts:
        return in_utc(head.next_at)
    fresh = _waiting_in(conversation) & (DurableEvent.attempts == 0)
    return in_utc(connection.scalars(select(func.min(DurableEvent.next_at)).where(fresh)).one())


def _change(connection: Connection, row_id: str, **values: Any) -> None:
    connection.execute(update(DurableEvent).where(DurableEvent.id == row_id).values(values))
