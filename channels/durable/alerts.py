"""What a person must look at: kept until it is closed, once for each thing, and said in the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from channels.durable.tables import DurableAlert
from channels.rows import insert_into
from channels.storage import in_utc

logger = logging.getLogger(__name__)

EVENT_DEAD = "event_dead"
"""An event is tried no more; its person was told so."""
MESSAGE_DEAD = "message_dead"
"""A message was not taken however often it was tried."""
MESSAGE_FAILED = "message_failed"
"""The channel refuses a message for good, and not because its person is gone."""
MESSAGE_UNKNOWN = "message_unknown"
"""Nobody can find out whether the channel has a message; it is not sent again."""

_PROBLEM_CHARS = 64


@dataclass(frozen=True, slots=True)
class Alert:
    """One open alert.

    Attributes:
        number: by which it is closed.
        kind: one of this module's, or a channel's own.
        channel: name of the channel.
        subject: id of the event or message, or what the channel names.
        problem: why, in a word or a code.
        raised_at: since when.
    """

    number: int
    kind: str
    channel: str
    subject: str
    problem: str
    raised_at: datetime


def raise_alert(connection: Connection, kind: str, channel: str, subject: str, problem: str, now: datetime) -> None:
    """Raises an alert; one of the same kind and subject that is open already stays as it is."""
    told = {"problem": problem[:_PROBLEM_CHARS], "raised_at": now, "closed_at": None}
    values = {"kind": kind, "channel": channel, "subject": subject, **told}
    connection.execute(
        insert_into(connection, DurableAlert)
        .values(values)
        .on_conflict_do_update(index_elements=["kind", "subject"], set_=told, where=DurableAlert.closed_at.is_not(None))
    )


def say(kind: str, channel: str, problem: str) -> None:
    """Writes an alert to the log, without saying whom it is about."""
    logger.error("alert: %s in %s (%s)", kind, channel, problem[:_PROBLEM_CHARS])


def open_alerts(connection: Connection) -> list[Alert]:
    """Lists what nobody has closed, oldest first."""
    asked = (
        select(
            DurableAlert.number,
            DurableAlert.kind,
            DurableAlert.channel,
            DurableAlert.subject,
            DurableAlert.problem,
            DurableAlert.raised_at,
        )
        .where(DurableAlert.closed_at.is_(None))
        .order_by(DurableAlert.number)
    )
    return [Alert(*row[:5], in_utc(row.raised_at)) for row in connection.execute(asked)]


def count_open(connection: Connection) -> int:
    """Counts what nobody has closed."""
    return connection.scalar(select(func.count()).where(DurableAlert.closed_at.is_(None))) or 0


def close_alert(connection: Connection, number: int, now: datetime) -> bool:
    """Closes an alert; False where it was closed before."""
    this = update(DurableAlert).where(DurableAlert.number == number, DurableAlert.closed_at.is_(None))
    return connection.execute(this.values(closed_at=now)).rowcount > 0
