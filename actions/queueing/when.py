"""The time that somebody wishes for: "sáng mai 9 giờ", "thứ hai tuần sau", "chiều 25/11", "9 rưỡi"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal

from actions.queueing.words import heard, table, weekdays
from actions.steps.phrases import Said
from nlu.text import clean, fold

_DATE = re.compile(r"(?<![\d/.\-:])(\d{1,2})\s*[/\-]\s*(\d{1,2})(?:\s*[/\-]\s*(\d{4}))?(?![\d/])")
_SPOKEN_DATE = re.compile(r"\b(?:ngay|mung|mong|hom)\s+(\d{1,2})(?:\s+thang\s+(\d{1,2}))?(?:\s+nam\s+(\d{4}))?\b")
_CLOCK = re.compile(
    r"(?<![\d:/.\-])(?P<hour>\d{1,2})\s*"
    r"(?:(?:h|g|gio|:)\s*(?:(?P<minute>\d{2})(?!\d)|(?P<less>kem\s+\d{1,2})|(?P<half>ruoi))?(?![a-z\d])|(?P<only_half>ruoi\b))"
)
_KEPT = re.compile(r"(\d{8})?-(\d{1,4})?-([ma])?")
_FIRST_AFTERNOON_HOUR, _LAST_UNSAID_HOUR = 12, 6


@dataclass(frozen=True, slots=True)
class When:
    """A wish for a time.

    Attributes:
        day: the day, or None.
        part: of the day, or "".
        minute: minutes from midnight, or None.
    """

    day: date | None = None
    part: Literal["", "morning", "afternoon"] = ""
    minute: int | None = None

    def __bool__(self) -> bool:
        return self.day is not None or bool(self.part) or self.minute is not None

    def as_text(self) -> str:
        """Gives it as `When.of` reads it: "20261124-540-m"."""
        day = f"{self.day:%Y%m%d}" if self.day else ""
        return f"{day}-{'' if self.minute is None else self.minute}-{self.part[:1]}" if self else ""

    @classmethod
    def of(cls, text: str) -> When:
        """Reads what `as_text` wrote; an empty wish where it is none."""
        found = _KEPT.fullmatch(text)
        try:
            day = datetime.strptime(found[1], "%Y%m%d").date() if found and found[1] else None
        except ValueError:
            day = None
        if found is None:
            return cls()
        part: Literal["", "morning", "afternoon"] = "morning" if found[3] == "m" else "afternoon" if found[3] else ""
        return cls(day, part, int(found[2]) if found[2] else None)

    def holds(self, minute: int) -> bool:
        """Whether a time of day lies in the part that was wished for."""
        if not self.part:
            return True
        return (minute < _FIRST_AFTERNOON_HOUR * 60) == (self.part == "morning")


def read_when(text: str, today: date) -> When:
    """Reads the wish in a message; an empty one where it has none.

    Args:
        text: the message.
        today: today in Vietnam. Days without a month or year are the next such.
    """
    said = Said.of(text)
    day = _day(text, said, today)
    minute = _minute(text)
    part: Literal["", "morning", "afternoon"] = ""
    if heard("afternoon", said):
        part = "afternoon"
    elif heard("morning", said):
        part = "morning"
    if minute is not None and minute < _FIRST_AFTERNOON_HOUR * 60:
        early = minute < _LAST_UNSAID_HOUR * 60
        if part == "afternoon" or (early and part != "morning"):
            # Nobody wishes for two o'clock at night.
            minute += 12 * 60
    return When(day, part, minute)


def names_a_time(text: str) -> bool:
    """Says whether a message names a time of day, whatever the day."""
    return _minute(text) is not None


def _day(text: str, said: Said, today: date) -> date | None:
    plain = fold(clean(text))
    if found := _DATE.search(plain):
        return _next_day(int(found[1]), int(found[2]), int(found[3]) if found[3] else None, today)
    if found := _SPOKEN_DATE.search(plain):
        return _next_day(int(found[1]), int(found[2]) if found[2] else None, int(found[3]) if found[3] else None, today)
    named = next((number for number, names in weekdays().items() if names.found_in(said)), None)
    if named is not None:
        monday = today - timedelta(days=today.weekday())
        if heard("next_week", said):
            return monday + timedelta(days=7 + named)
        return today + timedelta(days=(named - today.weekday()) % 7)
    if heard("next_week", said):
        return today + timedelta(days=7 - today.weekday())
    if heard("after_tomorrow", said):
        return today + timedelta(days=2)
    if heard("tomorrow", said):
        return today + timedelta(days=1)
    return today if heard("today", said) else None


def _next_day(day: int, month: int | None, year: int | None, today: date) -> date | None:
    months = [(today.year + (today.month + n - 1) // 12, (today.month + n - 1) % 12 + 1) for n in range(13)]
    for one_year, one_month in [(year, month or today.month)] if year else months:
        if month is not None and one_month != month:
            continue
        try:
            found = date(one_year, one_month, day)
        except ValueError:
            continue
        if year or found >= today:
            return found
    return None


def _minute(text: str) -> int | None:
    plain = _spoken_hours().sub(lambda found: f"{_hours()[found[1]]} ", clean(text).lower())
    found = _CLOCK.search(fold(plain))
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"] or found["only_half"]:
        minute = 30
    at = hour * 60 + minute - int((found["less"] or "kem 0").split()[1])
    return at if hour < 24 and minute < 60 and at >= 0 else None


@cache
def _hours() -> dict[str, int]:
    spoken: dict[str, int] = table()["hours"]
    return spoken | {fold(word): hour for word, hour in spoken.items()}


@cache
def _spoken_hours() -> re.Pattern[str]:
    longest_first = sorted(_hours(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(longest_first)})\s+(?=giờ|gio|rưỡi|ruoi)")
