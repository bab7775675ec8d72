"""When a counter is open: spans of a day, the slots cut from them, and times reckoned over them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Protocol

from knowledge.counters.model import VIETNAM, Counter, Span

_FARTHEST_DAYS = 60
_SPAN = re.compile(
    r"(?P<from_h>\d{1,2})(?:[:hg.](?P<from_m>\d{2})?)?\s*(?:-|–|—|đến|tới|~)\s*(?P<to_h>\d{1,2})(?:[:hg.](?P<to_m>\d{2})?)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:[;,\n]|\bvà\b)\s*")
_CLOSED = frozenset({"", "-", "–", "nghỉ", "không", "x", "0"})


class Calendar(Protocol):
    """What decides about a day over a week's plan; `motcua.working_days.WorkingDays` is one."""

    def exception(self, day: date) -> str | None:
        """Why offices are closed on a day, "" when they are open to make up for another, None when nothing is said."""


class Timetable:
    """Tells when counters are open."""

    def __init__(self, calendar: Calendar) -> None:
        """Takes the calendar of public holidays."""
        self._calendar = calendar

    def spans(self, counter: Counter, day: date) -> tuple[Span, ...]:
        """Gives the hours of a day, in order; none when the counter is closed.

        A day that is worked to make up for another has its weekday's hours, or where it has none, Monday's.
        """
        if day in counter.days_off:
            return ()
        decided = self._calendar.exception(day)
        if decided:
            return ()
        usual = counter.week.get(day.weekday(), ())
        return usual or (counter.week.get(0, ()) if decided == "" else ())

    def why_closed(self, counter: Counter, day: date) -> str:
        """Gives the name of the public holiday on a day, or "" where it is none."""
        return self._calendar.exception(day) or ""

    def closing(self, counter: Counter, day: date) -> datetime | None:
        """Gives when a counter closes on a day; None when it is not open at all."""
        spans = self.spans(counter, day)
        return moment(day, spans[-1][1]) if spans else None

    def next_open_day(self, counter: Counter, after: date) -> date | None:
        """Gives the first day after one on which a counter is open, within 60 days."""
        days = (after + timedelta(days=n) for n in range(1, _FARTHEST_DAYS + 1))
        return next((day for day in days if self.spans(counter, day)), None)

    def after(self, counter: Counter, start: datetime, minutes: float) -> datetime | None:
        """Gives the moment at which a counter has been open for some minutes since a start.

        Returns:
            Within the day of `start`; None when the day is over before.
        """
        local = start.astimezone(VIETNAM)
        left = timedelta(minutes=minutes)
        for span in self.spans(counter, local.date()):
            opens, closes = (moment(local.date(), at) for at in span)
            begins = max(opens, local)
            if begins >= closes:
                continue
            if begins + left < closes:
                return begins + left
            left -= closes - begins
        return None

    def slots(self, counter: Counter, day: date) -> Iterator[Span]:
        """Gives the slots of a day; what is left of a span and shorter than a slot is none."""
        for opens, closes in self.spans(counter, day):
            for start in range(opens, closes - counter.slot_minutes + 1, counter.slot_minutes):
                yield start, start + counter.slot_minutes


def moment(day: date, minutes: int) -> datetime:
    """Gives a time of a day in Vietnam."""
    return datetime.combine(day, time(), VIETNAM) + timedelta(minutes=minutes)


def read_spans(text: str) -> tuple[Span, ...]:
    """Reads the hours of a day: "7:30-11:30; 13h30 - 17h" → ((450, 690), (810, 1020)); "" and "nghỉ" are none.

    Raises:
        ValueError: it is none, ends before it begins, or one span runs into another.
    """
    plain = " ".join(text.split()).lower()
    if plain in _CLOSED:
        return ()
    spans = sorted(_read_span(part) for part in _BETWEEN.split(plain) if part)
    if any(before[1] > after[0] for before, after in pairwise(spans)):
        raise ValueError("hours run into each other")
    return tuple(spans)


def _read_span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no span such as 7:30-11:30")
    start = int(found["from_h"]) * 60 + int(found["from_m"] or 0)
    end = int(found["to_h"]) * 60 + int(found["to_m"] or 0)
    if int(found["from_m"] or 0) > 59 or int(found["to_m"] or 0) > 59 or not 0 <= start < end <= 24 * 60:
        raise ValueError(f"{text[:40]!r} is no span of a day")
    return start, end


def write_spans(spans: tuple[Span, ...]) -> str:
    """Writes hours as `read_spans` reads them."""
    return "; ".join(f"{a // 60}:{a % 60:02}-{b // 60}:{b % 60:02}" for a, b in spans)
