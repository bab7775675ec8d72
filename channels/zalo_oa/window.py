"""What may be sent to a person at present, known before sending.

Within 48 hours of what a person last did an answer is free, within seven days it costs, after that only a template
reaches them. How many are free within 48 hours changes with Zalo's price list, so the number is asked for and not
assumed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from channels.zalo_oa.client import Quota

FREE = timedelta(hours=48)
OPEN = timedelta(days=7)


class Window(Enum):
    """How a consultation message to a person counts."""

    FREE = "free"
    PAID = "paid"
    CLOSED = "closed"


def window_of(last_heard_at: datetime | None, now: datetime) -> Window:
    """Says how a message counts by the time of the person's last message; CLOSED where none is known."""
    if last_heard_at is None or now - last_heard_at > OPEN:
        return Window.CLOSED
    return Window.FREE if now - last_heard_at <= FREE else Window.PAID


def window_by(quota: Quota, now: datetime) -> Window:
    """Says the same by what Zalo tells: free answers that are used up cost."""
    window = window_of(quota.last_heard_at, now)
    return Window.PAID if window is Window.FREE and quota.left == 0 else window
