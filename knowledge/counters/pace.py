"""How long one person takes at a counter, measured where there is enough to measure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from knowledge.counters.model import VIETNAM, Counter, TicketState
from knowledge.counters.tables import TicketRow

FLOOR_MINUTES: Final = 2.0
"""Nobody is promised a faster pace: numbers clicked through would have people come hours early."""

_ENOUGH: Final = 5
_LAST: Final = 20
_DAYS_BACK: Final = 14
_TRIMMED: Final = 0.1


def pace_of(durations: Sequence[float], usual: float) -> float:
    """Gives the minutes for one person.

    Args:
        durations: minutes that the last people took, the absent included.
        usual: what holds until there are five of them.

    Returns:
        Their mean without the shortest and longest tenth (a lunch break, a double click), 2 at least.
    """
    if len(durations) < _ENOUGH:
        return max(usual, FLOOR_MINUTES)
    off = max(1, int(len(durations) * _TRIMMED))
    middle = sorted(durations)[off:-off]
    return max(sum(middle) / len(middle), FLOOR_MINUTES)


def measured_pace(connection: Connection, counter: Counter, now: datetime) -> float:
    """Gives the minutes for one person at a counter, from the last 20 people of the last 14 days."""
    asked = (
        select(TicketRow.called_at, TicketRow.ended_at)
        .where(
            TicketRow.counter_id == counter.id,
            TicketRow.day >= (now - timedelta(days=_DAYS_BACK)).astimezone(VIETNAM).date(),
            TicketRow.state.in_((TicketState.SERVED, TicketState.MISSED)),
            TicketRow.called_at.is_not(None),
            TicketRow.ended_at.is_not(None),
        )
        .order_by(TicketRow.ended_at.desc())
        .limit(_LAST)
    )
    rows = connection.execute(asked).all()
    spans = [row.ended_at - row.called_at for row in rows if row.called_at and row.ended_at]
    return pace_of([span.total_seconds() / 60 for span in spans], counter.slot_minutes)
