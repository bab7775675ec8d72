"""The words of queue numbers and appointments; sentences are in `actions/wording/queueing.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from actions.queueing.naming import AtHand
from actions.wording import say
from knowledge.counters.model import VIETNAM, Appointment, Counter, Slot, Standing, TicketState
from motcua.reply import PAYLOAD, Choice, Kind, Reply

_WEEKDAYS = (
    "queueing.weekday.d0",
    "queueing.weekday.d1",
    "queueing.weekday.d2",
    "queueing.weekday.d3",
    "queueing.weekday.d4",
    "queueing.weekday.d5",
    "queueing.weekday.d6",
)
_TO_FIVE = timedelta(minutes=5)


def tell_taken(standing: Standing, counter: Counter, at_hand: AtHand | None) -> Reply:
    """Gives a number with what is before it, about when, and what to bring."""
    lines = [say("queueing.taken", number=standing.ticket.number, **place(counter))]
    if counter.address:
        lines.append(say("queueing.address", address=counter.address))
    lines += _before(standing)
    if standing.before > 0:
        lines.append(say("queueing.will_tell"))
    return reply_of("answer", [*lines, *bring(at_hand), *sample_of(counter)], at_hand)


def tell_standing(standing: Standing, counter: Counter) -> list[str]:
    """Gives the lines on a number that somebody holds."""
    named = {"number": standing.ticket.number, **place(counter)}
    if standing.ticket.state is TicketState.CALLED:
        return [say("queueing.called", **named)]
    if standing.ticket.state is TicketState.MISSED:
        return [say("queueing.missed", **named)]
    return [say("queueing.waiting", **named), *_before(standing)]


def tell_booked(appointment: Appointment, counter: Counter, at_hand: AtHand | None, *, moved: bool = False) -> Reply:
    """Gives an appointment that has just been made or moved."""
    key = "queueing.moved" if moved else "queueing.booked"
    lines = [say(key, **at_time(appointment.start), **place(counter))]
    if counter.address:
        lines.append(say("queueing.address", address=counter.address))
    if appointment.remind_at:
        lines.append(say("queueing.remind", **at_time(appointment.remind_at)))
    lines.append(say("queueing.on_arrival"))
    return reply_of("answer", [*lines, *bring(at_hand), *sample_of(counter)], at_hand)


def bring(at_hand: AtHand | None) -> list[str]:
    """Gives the line on what to bring."""
    if at_hand and _papers(at_hand):
        return [say("queueing.bring.of_procedure", name=at_hand.name or at_hand.code)]
    return [say("queueing.bring.any")]


def sample_of(counter: Counter) -> list[str]:
    """Gives the line that says that a counter is made up; none for a real one."""
    return [say("queueing.sample")] if counter.is_sample else []


def listed(lead: str, names: Sequence[str]) -> Reply:
    """Gives a question with what may be chosen, by number."""
    lines = [say("queueing.ask.option", number=number, name=name) for number, name in enumerate(names, 1)]
    return Reply(kind="clarify", text="\n".join([lead, *lines]))


def reply_of(kind: Kind, lines: Sequence[str], at_hand: AtHand | None = None) -> Reply:
    """Gives a reply of lines, with the papers of the procedure at hand to choose."""
    choices = _papers(at_hand) if at_hand else ()
    return Reply(kind=kind, text="\n".join(lines), choices=choices)


def place(counter: Counter) -> dict[str, str]:
    """Gives the counter and its centre by name."""
    return {"counter": counter.name, "centre": counter.centre}


def at_time(moment: datetime) -> dict[str, str]:
    """Gives a time and its day as people say them."""
    local = moment.astimezone(VIETNAM)
    return {"time": clock(local), "day": spoken_day(local.date())}


def slot_name(slot: Slot) -> str:
    """Gives a slot as it is offered."""
    return say("queueing.slot", **at_time(slot.start))


def clock(moment: datetime) -> str:
    """Gives a time of day: "9 giờ", "13 giờ 05"."""
    local = moment.astimezone(VIETNAM)
    if local.minute:
        return say("queueing.time.minutes", hour=local.hour, minute=f"{local.minute:02}")
    return say("queueing.time.whole", hour=local.hour)


def spoken_day(day: date) -> str:
    """Gives a day: "thứ Hai 23/11/2026"."""
    return f"{say(_WEEKDAYS[day.weekday()])} {day:%d/%m/%Y}"


def _before(standing: Standing) -> Iterator[str]:
    if standing.before:
        yield say("queueing.before.some", count=standing.before)
    elif standing.expected and standing.expected - _TO_FIVE > standing.ticket.taken_at:
        # Nobody is before, but the counter is not open yet.
        yield say("queueing.before.first")
    else:
        yield say("queueing.before.none")
    if standing.current:
        yield say("queueing.current", number=standing.current)
    if standing.expected is None:
        yield say("queueing.too_late")
    elif standing.before or standing.expected - _TO_FIVE > standing.ticket.taken_at:
        yield say("queueing.expected", time=clock(_to_five(standing.expected)))


def _to_five(moment: datetime) -> datetime:
    # Down, so that nobody comes late by a figure that is a guess.
    local = moment.astimezone(VIETNAM)
    return local - timedelta(minutes=local.minute % 5, seconds=local.second, microseconds=local.microsecond)


def _papers(at_hand: AtHand) -> tuple[Choice, ...]:
    payload = f"ask:documents:{at_hand.code}"
    if not PAYLOAD.fullmatch(payload):
        return ()
    return (Choice(title=say("queueing.choice.papers"), payload=payload),)
