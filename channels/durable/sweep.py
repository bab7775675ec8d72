"""What is old is deleted; while it is kept, an event that comes again is known again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_

from channels.durable.tables import DurableAlert, DurableEvent, DurableLane, DurableMessage


def sweep(connection: Connection, now: datetime, keep_days: int) -> int:
    """Deletes what was finished so long ago, and lanes in which nothing waits; gives how many rows went."""
    before = now - timedelta(days=keep_days)
    idle = [DurableLane.due_at.is_(None), DurableLane.lease == ""]
    gone = or_(DurableLane.unreachable_at.is_(None), DurableLane.unreachable_at < before)
    return sum(
        connection.execute(statement).rowcount
        for statement in (
            delete(DurableEvent).where(DurableEvent.done_at < before),
            delete(DurableMessage).where(DurableMessage.done_at < before),
            delete(DurableAlert).where(DurableAlert.closed_at < before),
            delete(DurableLane).where(*idle, gone),
        )
    )
