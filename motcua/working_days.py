"""Working days in Vietnam: Monday to Friday, without public holidays and the days substituted for them.

Public holidays come from the library `holidays`, which knows the lunar year and the decrees up to its release. Over
it lies `days_off.yaml` of this package, and over that the table of the staff: what the year's decree says and no
library knows yet. A later layer wins: a day off becomes a working day, or the other way round.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import holidays
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from motcua.errors import BadDaysOff

log = logging.getLogger(__name__)

_DEFAULT = Path(__file__).with_name("days_off.yaml")
_SATURDAY: Final = 5
# Far enough for any dossier, near enough to be counted day by day.
_FARTHEST: Final = timedelta(days=3660)


class DaysOff(BaseModel):
    """A table of days by ISO date, each with its reason in Vietnamese.

    Attributes:
        closed: days on which offices are closed although they would be open.
        working: days on which they are open although they would be closed, such as make-up Saturdays.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    closed: dict[date, str] = Field(default_factory=dict)
    working: dict[date, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Countdown:
    """How far an appointment is.

    Attributes:
        due_on: the day that counts; an appointment on a day off means the next working day (Civil Code 2015,
            Article 148, clause 5).
        working_days: working days that are left after today up to that day, or that it has been late by.
        is_late: whether that day is over. Late by 0 working days means that only days off have passed since.
    """

    due_on: date
    working_days: int
    is_late: bool


class WorkingDays:
    """Counts working days. The staff's table is read again when its file changes; a broken one leaves the last good."""

    def __init__(self, table: Path | None = None) -> None:
        """Takes the staff's table; it may appear later."""
        self._file = table
        self._usual = read_days_off(_DEFAULT)
        self._own = DaysOff()
        self._seen: tuple[int, int] | None = None

    def is_working(self, day: date) -> bool:
        """Says whether offices are open on a day."""
        return not self.closed_for(day)

    def closed_for(self, day: date) -> str:
        """Says why offices are closed on a day, in Vietnamese; "" when they are open."""
        decided = self.exception(day)
        if decided is not None:
            return decided
        if day.weekday() < _SATURDAY:
            return ""
        return "Thứ Bảy" if day.weekday() == _SATURDAY else "Chủ nhật"

    def exception(self, day: date) -> str | None:
        """Says what a table or a public holiday decides about a day, whatever day of the week it is.

        Returns:
            Why offices are closed, "" when they are open to make up for another day, None when nothing is decided.
        """
        for table in (self._staff(), self._usual):
            if day in table.working:
                return ""
            if day in table.closed:
                return table.closed[day]
        public, made_up = _public(day.year)
        return "" if day in made_up else public.get(day)

    def between(self, start: date, end: date) -> int:
        """Counts the working days after `start` up to and including `end`; negative when `end` comes first.

        More than ten years are counted as ten.
        """
        if end < start:
            return -self.between(end, start)
        days = min(end - start, _FARTHEST).days
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, days + 1))

    def countdown(self, appointment: date, today: date) -> Countdown:
        """Says how many working days are left to an appointment, or how late it is.

        Args:
            appointment: the promised day.
            today: today in Vietnam.
        """
        due = self.first_from(appointment)
        return Countdown(due, abs(self.between(today, due)), today > due)

    def first_from(self, day: date) -> date:
        """The day itself if offices are open on it, else the next one on which they are."""
        for n in range(60):
            if self.is_working(day + timedelta(days=n)):
                return day + timedelta(days=n)
        return day

    def year(self, year: int) -> list[tuple[date, bool, str]]:
        """Lists what differs from plain weeks in a year: the day, whether offices are open, and why.

        Public holidays on a weekend are among them.
        """
        public, made_up = _public(year)
        own, usual = self._staff(), self._usual
        days = {*public, *made_up, *own.closed, *own.working, *usual.closed, *usual.working}
        lines = []
        for day in sorted(day for day in days if day.year == year):
            why = self.closed_for(day)
            made = own.working.get(day) or usual.working.get(day) or "Làm bù"
            lines.append((day, not why, why or made))
        return lines

    def _staff(self) -> DaysOff:
        if self._file is None:
            return self._own
        try:
            stat = self._file.stat()
        except OSError:
            self._own, self._seen = DaysOff(), None
            return self._own
        seen = (stat.st_mtime_ns, stat.st_size)
        if seen != self._seen:
            self._seen = seen
            try:
                self._own = read_days_off(self._file)
            except BadDaysOff as cause:
                log.error("the table of days off is not taken over: %s", cause)
        return self._own


def read_days_off(path: Path) -> DaysOff:
    """Reads a table of days off.

    Raises:
        BadDaysOff: it cannot be read, has a key or date that is none, or a day both off and working.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        table = DaysOff.model_validate({name: days or {} for name, days in dict(content).items()})
    except OSError as cause:
        raise BadDaysOff(f"{path.name} cannot be read: {cause.strerror}") from None
    except ValidationError as cause:
        first = cause.errors()[0]
        raise BadDaysOff(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, TypeError) as cause:
        raise BadDaysOff(f"{path.name} is no table of days: {' '.join(str(cause).split())[:150]}") from None
    if both := sorted(table.closed.keys() & table.working.keys()):
        raise BadDaysOff(f"{path.name}: {both[0]} is both closed and working")
    return table


@lru_cache(maxsize=64)
def _public(year: int) -> tuple[dict[date, str], frozenset[date]]:
    """Public holidays of a year with their names, and the weekend days worked instead of a day off."""
    known = holidays.country_holidays("VN", years=(year - 1, year, year + 1), expand=False, language="vi")
    days = {day: name for day, name in known.items() if day.year == year}
    return days, frozenset(day for day in known.weekend_workdays if day.year == year)
