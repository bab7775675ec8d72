"""The durable outbox: a message is written before it is sent and marked afterwards; what is in between is unknown.

States: waiting → sending → sent; back to waiting when it was surely not taken; failed when the channel refuses it; dead
when it was tried too often; unknown when nobody can say whether the channel has it. An unknown message is never simply
sent again: the channel's rule finds it out, or it stays unknown and an alert says so. Meanwhile the next message of the
conversation waits; what is sent, failed, dead or given up as unknown no longer holds it up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from channels.durable import alerts, lanes
from channels.durable.counts import Counts
from channels.durable.ground import Bell, Ground
from channels.durable.lanes import Lease
from channels.durable.model import Address, Message, Never, NotSent, Outcome, Outgoing, Sent, Terms, Unknown
from channels.durable.seal import Seal
from channels.durable.tables import DurableMessage
from channels.rows import insert_unless_there
from channels.storage import in_utc, now
from motcua.errors import CannotSeal

_PROBLEM_CHARS, _ID_CHARS = 64, 128
_OPEN = DurableMessage.done_at.is_(None)


@dataclass(frozen=True, slots=True)
class Call:
    """A message in our hands.

    Attributes:
        message: what is to be sent, or found out.
        lease: of its conversation.
        is_settling: what became of an earlier call is to be found out.
        settles: how often that was tried, this time included.
    """

    message: Message
    lease: Lease
    is_settling: bool
    settles: int


class Outbox:
    """Keeps messages of all pushing channels."""

    def __init__(
        self,
        ground: Ground,
        seal: Seal,
        terms: Terms,
        counts: Counts,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Takes what it works with; see `DurableInbox`."""
        self._ground, self._seal, self._terms, self._counts, self._clock = ground, seal, terms, counts, clock
        self.bell = Bell()

    async def send(self, cause: str, outgoing: Sequence[Outgoing]) -> None:
        """Takes over what no event asked for; given the same cause again, it takes nothing again.

        Args:
            cause: names it, up to 32 characters.
            outgoing: in the order in which it is to be sent.

        Raises:
            StorageUnavailable: nothing was taken over.
        """
        await self._ground.run(lambda connection: put(connection, self._seal, cause, outgoing, self._clock()))
        self.bell.ring()

    async def claim(self, channels: Collection[str], limit: int) -> list[Call]:
        """Takes the next message of conversations that are due, and notes that it is being sent.

        Raises:
            StorageUnavailable: the database cannot be read or written.
        """

        def take(connection: Connection) -> list[Call]:
            moment = self._clock()
            taken = lanes.claim(connection, "out", channels, moment, moment + self._terms.lease, limit)
            return [call for lease in taken if (call := self._take(connection, lease, moment)) is not None]

        return await self._ground.run(take)

    async def next_look(self, channels: Collection[str]) -> datetime | None:
        """Gives when the next message can be claimed, or None where none waits.

        Raises:
            StorageUnavailable: the database cannot be read.
        """
        return await self._ground.run(lambda connection: lanes.next_look(connection, "out", channels))

    def _take(self, connection: Connection, lease: Lease, moment: datetime) -> Call | None:
        row = _head(connection, lease.conversation)
        due = self._due(row)
        if row is None or due is None or due > moment:
            lanes.release(connection, lease, due)
            return None
        try:
            conversation, body = self._seal.open(row.sealed)
        except CannotSeal:
            self._give_up(connection, row.id, row.channel, "dead", "CannotSeal", alerts.MESSAGE_DEAD)
            self._release(connection, lease)
            return None
        is_settling = row.state != "waiting"
        settles = row.settles + 1 if is_settling else 0
        attempts = row.attempts if is_settling else row.attempts + 1
        tried_at = in_utc(row.tried_at) if is_settling and row.tried_at else moment
        state = "unknown" if is_settling else "sending"
        _change(connection, row.id, state=state, attempts=attempts, settles=settles, tried_at=tried_at)
        address = Address(row.channel, row.account, conversation)
        return Call(Message(row.id, address, body, attempts, tried_at), lease, is_settling, settles)

    async def note(self, call: Call, outcome: Outcome | None) -> None:
        """Marks what became of a message.

        Raises:
            LeaseLost: somebody else has taken it up.
            StorageUnavailable: nothing was changed, or the answer of the database did not come through.
        """

        def keep(connection: Connection) -> str:
            lanes.hold(connection, call.lease)
            alert = self._note(connection, call, outcome)
            self._release(connection, call.lease)
            return alert

        alert = await self._ground.run(keep)
        self._count(call, outcome)
        if alert:
            self._counts.add("alerts")
            alerts.say(alert, call.message.address.channel, getattr(outcome, "problem", ""))

    def _note(self, connection: Connection, call: Call, outcome: Outcome | None) -> str:
        moment, message = self._clock(), call.message
        channel = message.address.channel
        match outcome:
            case Sent(message_id, as_template):
                how = "template" if as_template else ""
                done = {"state": "sent", "sealed": "", "problem": "", "done_at": moment}
                _change(connection, message.id, message_id=message_id[:_ID_CHARS], how=how, **done)
            case NotSent(problem) if message.attempt >= self._terms.attempts:
                return self._give_up(connection, message.id, channel, "dead", problem, alerts.MESSAGE_DEAD)
            case NotSent(problem, retry_after):
                # What was found not to be there has waited long enough.
                at_once = call.is_settling and retry_after is None
                wait = timedelta(0) if at_once else self._terms.wait_before(message.attempt, retry_after)
                again = {"state": "waiting", "settles": 0, "next_at": moment + wait}
                _change(connection, message.id, problem=problem[:_PROBLEM_CHARS], **again)
            case Never(problem, unreachable=True):
                lanes.mark_unreachable(connection, call.lease, moment)
                failed = {"state": "failed", "sealed": "", "how": "unreachable", "done_at": moment}
                _change(connection, message.id, problem=problem[:_PROBLEM_CHARS], **failed)
            case Never(problem):
                return self._give_up(connection, message.id, channel, "failed", problem, alerts.MESSAGE_FAILED)
            case Unknown(problem) if call.settles < self._terms.settles:
                ask_at = moment + self._terms.settle_after * 2**call.settles
                _change(connection, message.id, state="unknown", problem=problem[:_PROBLEM_CHARS], next_at=ask_at)
            case _:
                problem = outcome.problem if isinstance(outcome, Unknown) else "NoWayToFindOut"
                return self._give_up(connection, message.id, channel, "unknown", problem, alerts.MESSAGE_UNKNOWN)
        return ""

    def _count(self, call: Call, outcome: Outcome | None) -> None:
        match outcome:
            case Sent():
                self._counts.add("sent")
            case NotSent():
                self._counts.add("resent")
            case Never():
                self._counts.add("refused")
            case Unknown() if not call.is_settling:
                self._counts.add("unknown")
        if call.is_settling and isinstance(outcome, Sent | NotSent):
            self._counts.add("settled")

    def _give_up(
        self, connection: Connection, message_id: str, channel: str, state: str, problem: str, alert: str
    ) -> str:
        moment = self._clock()
        _change(connection, message_id, state=state, problem=problem[:_PROBLEM_CHARS], done_at=moment)
        alerts.raise_alert(connection, alert, channel, message_id, problem, moment)
        return alert

    async def revive(self, message_id: str) -> bool:
        """Has a message that was given up sent after all: it goes before what was written later.

        For a message that stayed unknown this is a person's decision that the channel does not have it.

        Returns:
            Whether there was one of that id to send.

        Raises:
            StorageUnavailable: nothing was changed.
        """

        def keep(connection: Connection) -> bool:
            moment = self._clock()
            gone = DurableMessage.state.in_(("dead", "failed", "unknown")) & DurableMessage.done_at.is_not(None)
            this = (DurableMessage.id == message_id) & gone & (DurableMessage.sealed != "")
            named = select(DurableMessage.conversation, DurableMessage.channel).where(this)
            row = connection.execute(named).one_or_none()
            if row is None:
                return False
            lanes.touch(connection, row.conversation, "out", row.channel, moment)
            fresh = {"state": "waiting", "attempts": 0, "settles": 0, "next_at": moment, "problem": "", "done_at": None}
            return connection.execute(update(DurableMessage).where(this).values(fresh)).rowcount > 0

        revived = await self._ground.run(keep)
        self.bell.ring()
        return revived

    def _release(self, connection: Connection, lease: Lease) -> None:
        lanes.release(connection, lease, self._due(_head(connection, lease.conversation)))

    def _due(self, head: Any) -> datetime | None:
        if head is None:
            return None
        if head.state == "sending":
            # Whoever was sending it is gone. The call may still be on its way for a while.
            return in_utc(head.tried_at) + self._terms.settle_after
        return in_utc(head.next_at)


def put(
    connection: Connection, seal: Seal, cause: str, outgoing: Sequence[Outgoing], moment: datetime, series: str = ""
) -> None:
    """Writes messages into the outbox, in the caller's transaction.

    The same cause, series and position name the same message: it is written once.

    Args:
        connection: in a transaction.
        seal: hides address and body.
        cause: id of an event or notice, up to 32 characters.
        outgoing: in the order in which it is to be sent.
        moment: now.
        series: sets apart what one cause gives at different times, a letter.
    """
    marks = [seal.mark_of(one.address) for one in outgoing]
    for mark, channel in sorted({(m, one.address.channel) for m, one in zip(marks, outgoing, strict=True)}):
        lanes.touch(connection, mark, "out", channel, moment)
    for position, (mark, one) in enumerate(zip(marks, outgoing, strict=True)):
        values = {
            "id": f"{cause}-{series}{position}",
            "channel": one.address.channel,
            "account": one.address.account,
            "conversation": mark,
            "cause": cause,
            "sealed": seal.close([one.address.conversation, dict(one.body)]),
            "made_at": moment,
            "state": "waiting",
            "attempts": 0,
            "settles": 0,
            "next_at": moment,
            "message_id": "",
            "how": "",
            "problem": "",
        }
        insert_unless_there(connection, DurableMessage, values)


def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """Gives how many messages are not finished, and since when the oldest waits."""
    asked = select(func.count(), func.min(DurableMessage.made_at)).where(_OPEN)
    count, oldest = connection.execute(asked).one()
    return count, None if oldest is None else in_utc(oldest)


def _head(connection: Connection, conversation: str) -> Any:
    """Gives the message whose turn it is: the first that is not finished."""
    asked = (
        select(
            DurableMessage.id,
            DurableMessage.channel,
            DurableMessage.account,
            DurableMessage.sealed,
            DurableMessage.state,
            DurableMessage.attempts,
            DurableMessage.settles,
            DurableMessage.next_at,
            DurableMessage.tried_at,
        )
        .where(DurableMessage.conversation == conversation, _OPEN)
        .order_by(DurableMessage.number)
        .limit(1)
    )
    return connection.execute(asked).one_or_none()


def _change(connection: Connection, row_id: str, **values: Any) -> None:
    connection.execute(update(DurableMessage).where(DurableMessage.id == row_id).values(values))
