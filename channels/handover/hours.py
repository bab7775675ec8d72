"""When officers answer: the week that the staff set, without public holidays, with make-up working days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from sqlalchemy import Connection, delete, insert, select

from channels.handover.tables import HandoverHours
from motcua.working_days import WorkingDays

VIETNAM = timezone(timedelta(hours=7))
# Longer than any row of days off.
_LOOK_AHEAD = 60
_MIDNIGHT = "24:00"

Span = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Timetable:
    """The hours of a week.

    Attributes:
        week: spans by weekday, 0 is Monday; a weekday without any is a day off.
        calendar: what public holidays and the staff's table of days off make of a day.
    """

    week: Mapping[int, tuple[Span, ...]]
    calendar: WorkingDays

    def spans(self, day: date) -> tuple[Span, ...]:
        """The hours of one day, in order.

        A day that is worked to make up for another has its weekday's hours, or where it has none, Monday's.
        """
        decided = self.calendar.exception(day)
        if decided:
            return ()
        usual = self.week.get(day.weekday(), ())
        if decided == "" and not usual:
            return self.week.get(0, ())
        return usual

    def is_open(self, moment: datetime) -> bool:
        """Whether officers answer at a moment."""
        here = moment.astimezone(VIETNAM)
        return any(opens <= here.time() < closes for opens, closes in self.spans(here.date()))

    def next_opening(self, moment: datetime) -> datetime | None:
        """When officers answer again after a moment at which they do not; None where no such hour is known."""
        here = moment.astimezone(VIETNAM)
        for ahead in range(_LOOK_AHEAD):
            day = here.date() + timedelta(days=ahead)
            for opens, _ in self.spans(day):
                begin = datetime.combine(day, opens, VIETNAM)
                if begin > here:
                    return begin
        return None

    def closed_for(self, moment: datetime) -> str:
        """The name of the holiday that a moment lies in, or ""."""
        return self.calendar.exception(moment.astimezone(VIETNAM).date()) or ""


def read_timetable(connection: Connection, calendar: WorkingDays) -> Timetable:
    """Reads the hours that the staff set."""
    week: dict[int, tuple[Span, ...]] = {}
    rows = connection.execute(
        select(HandoverHours.weekday, HandoverHours.opens, HandoverHours.closes).order_by(HandoverHours.opens)
    )
    for weekday, opens, closes in rows:
        week[weekday] = (*week.get(weekday, ()), (read_time(opens), read_time(closes)))
    return Timetable(week, calendar)


def read_time(text: str) -> time:
    """Reads a time of the day such as "07:30"; "24:00" is the day's end.

    Raises:
        ValueError: it is none.
    """
    return time.max if text == _MIDNIGHT else time.fromisoformat(text)


def show_time(moment: time) -> str:
    """Writes a time of the day as `read_time` reads it."""
    return _MIDNIGHT if moment == time.max else f"{moment:%H:%M}"


def write_week(connection: Connection, week: Mapping[int, Iterable[Span]]) -> None:
    """Replaces the hours.

    Raises:
        ValueError: a weekday that is none, or spans that end before they begin or lie over one another.
    """
    rows = []
    for weekday, spans in week.items():
        last = time.min
        for opens, closes in sorted(spans):
            if weekday not in range(7) or opens < last or closes <= opens:
                raise ValueError(weekday)
            last = closes
            rows.append({"weekday": weekday, "opens": show_time(opens), "closes": show_time(closes)})
    connection.execute(delete(HandoverHours))
    if rows:
        connection.execute(insert(HandoverHours), rows)
