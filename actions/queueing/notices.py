"""What people are told, unasked, of their numbers and appointments."""

from __future__ import annotations

from actions.queueing.telling import at_time, place
from actions.wording import say
from knowledge.counters.model import Appointment, Counter, Standing
from motcua.reply import Reply

SOON, CLOSED, REMINDER = "queue_soon", "queue_closed", "appointment_reminder"
"""Names of the texts that a channel may have registered for where it allows no free ones."""


def tell_soon(standing: Standing, counter: Counter) -> tuple[Reply, str, dict[str, str]]:
    """Gives the words for somebody whose turn is close: reply, template and its fields."""
    key = "queueing.notice.soon" if standing.before > 0 else "queueing.notice.soon_next"
    fields = {"number": str(standing.ticket.number), **place(counter)}
    lines = [say(key, count=standing.before, **fields), say("queueing.notice.cannot_come")]
    return Reply(kind="other", text="\n".join(lines)), SOON, fields


def tell_closed(number: int, counter: Counter) -> tuple[Reply, str, dict[str, str]]:
    """Gives the words for somebody who waited until the counter closed."""
    fields = {"number": str(number), **place(counter)}
    return Reply(kind="other", text=say("queueing.notice.closed", **fields)), CLOSED, fields


def tell_reminder(appointment: Appointment, counter: Counter) -> tuple[Reply, str, dict[str, str]]:
    """Gives the reminder of an appointment."""
    fields = {**at_time(appointment.start), **place(counter)}
    lines = [say("queueing.notice.reminder", **fields), say("queueing.on_arrival")]
    return Reply(kind="other", text="\n".join(lines)), REMINDER, fields
