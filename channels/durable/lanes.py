"""Who has which conversation in hand: a lease on one direction of it, so that its order is kept.

Every function works on the caller's transaction. Whoever changes what waits in a lane touches the lane's row first, so
that two of them come one after the other; of one conversation "in" is touched before "out", and of several
conversations the lower mark first, so that nobody waits in a circle.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, update

from channels.durable.errors import LeaseLost
from channels.durable.tables import DurableLane
from channels.rows import insert_unless_there
from channels.storage import in_utc

Side = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Lease:
    """A lane in our hands.

    Attributes:
        conversation: the mark of the conversation.
        side: the direction.
        token: proves that it is ours; that of another time is another one.
    """

    conversation: str
    side: Side
    token: str


def touch(connection: Connection, conversation: str, side: Side, channel: str, due: datetime) -> None:
    """Sees to it that a lane is looked at when it is due, or before."""
    there = and_(DurableLane.conversation == conversation, DurableLane.side == side)
    sooner = or_(DurableLane.due_at.is_(None), DurableLane.due_at > due)
    this = update(DurableLane).where(there).values(due_at=case((sooner, due), else_=DurableLane.due_at))
    values = {"conversation": conversation, "side": side, "channel": channel, "due_at": due, "lease": ""}
    # A lane that is swept between the two statements is made anew.
    while not connection.execute(this).rowcount:
        if insert_unless_there(connection, DurableLane, values):
            return


def claim(
    connection: Connection, side: Side, channels: Collection[str], now: datetime, until: datetime, limit: int
) -> list[Lease]:
    """Takes lanes that are due and in nobody's hands, those that have waited longest first."""
    asked = (
        select(DurableLane.conversation)
        .where(
            DurableLane.side == side,
            DurableLane.channel.in_(channels),
            DurableLane.due_at <= now,
            or_(DurableLane.lease == "", DurableLane.lease_until < now),
        )
        .order_by(DurableLane.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = list(connection.scalars(asked))
    if not found:
        return []
    token = secrets.token_hex(16)
    these = update(DurableLane).where(DurableLane.side == side, DurableLane.conversation.in_(found))
    connection.execute(these.values(lease=token, lease_until=until))
    return [Lease(conversation, side, token) for conversation in found]


def next_look(connection: Connection, side: Side, channels: Collection[str]) -> datetime | None:
    """Gives when the next lane can be claimed, or None where nothing waits."""
    when = case((DurableLane.lease == "", DurableLane.due_at), else_=DurableLane.lease_until)
    asked = select(func.min(when)).where(
        DurableLane.side == side, DurableLane.due_at.is_not(None), DurableLane.channel.in_(channels)
    )
    found = connection.scalar(asked)
    return None if found is None else in_utc(found)


def hold(connection: Connection, lease: Lease) -> None:
    """Keeps others from the lane until the transaction ends.

    Raises:
        LeaseLost: somebody else has it.
    """
    _change(connection, lease, {"lease_until": DurableLane.lease_until})


def release(connection: Connection, lease: Lease, due: datetime | None) -> None:
    """Gives a lane back.

    Args:
        connection: in a transaction.
        lease: of the lane.
        due: when it is to be looked at again; None: when something comes.

    Raises:
        LeaseLost: somebody else has it.
    """
    _change(connection, lease, {"lease": "", "lease_until": None, "due_at": due})


def renew(connection: Connection, tokens: Collection[str], until: datetime) -> None:
    """Makes leases last longer; those that were lost stay lost."""
    connection.execute(update(DurableLane).where(DurableLane.lease.in_(tokens)).values(lease_until=until))


def mark_unreachable(connection: Connection, lease: Lease, now: datetime) -> None:
    """Notes that the channel says that the person is gone."""
    _change(connection, lease, {"unreachable_at": now})


def mark_reachable(connection: Connection, conversation: str) -> None:
    """Forgets that: the person has come back."""
    gone = and_(DurableLane.conversation == conversation, DurableLane.unreachable_at.is_not(None))
    connection.execute(update(DurableLane).where(gone).values(unreachable_at=None))


def unreachable(connection: Connection, conversations: Collection[str]) -> set[str]:
    """Gives those of the conversations whose person is gone."""
    asked = select(DurableLane.conversation).where(
        DurableLane.conversation.in_(conversations), DurableLane.unreachable_at.is_not(None)
    )
    return set(connection.scalars(asked))


def _change(connection: Connection, lease: Lease, values: Mapping[str, Any]) -> None:
    ours: ColumnElement[bool] = and_(
        DurableLane.conversation == lease.conversation,
        DurableLane.side == lease.side,
        DurableLane.lease == lease.token,
    )
    if not connection.execute(update(DurableLane).where(ours).values(values)).rowcount:
        raise LeaseLost
