"""Working days around the holidays of three years, and the table that staff correct."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.errors import BadDaysOff
from motcua.working_days import Countdown, WorkingDays, read_days_off

DAYS = WorkingDays()


def closed(start: date, end: date) -> list[date]:
    """The weekdays in between on which offices are closed."""
    span = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return [day for day in span if day.weekday() < 5 and not DAYS.is_working(day)]


def days(month: int, *numbers: int, year: int) -> list[date]:
    return [date(year, month, number) for number in numbers]


@pytest.mark.parametrize(
    ("year", "month", "first", "last", "off"),
    [
        (2025, 1, 20, 31, (27, 28, 29, 30, 31)),
        (2026, 2, 9, 27, (16, 17, 18, 19, 20)),
        (2027, 2, 1, 19, (4, 5, 8, 9, 10)),
        (2025, 9, 1, 5, (1, 2)),
        (2026, 9, 1, 4, (1, 2)),
        (2027, 9, 1, 7, (2, 3)),
        (2026, 8, 24, 31, (31,)),
        (2025, 4, 1, 30, (7, 30)),
        (2025, 5, 1, 9, (1, 2)),
        (2026, 4, 20, 30, (27, 30)),
        (2026, 1, 1, 9, (1, 2)),
        (2026, 11, 16, 30, (24,)),
    ],
    ids=lambda value: str(value).replace(" ", ""),
)
def test_offices_are_closed_on_holidays_and_their_substitutes(
    year: int, month: int, first: int, last: int, off: tuple[int, ...]
) -> None:
    assert closed(date(year, month, first), date(year, month, last)) == days(month, *off, year=year)


@pytest.mark.parametrize("day", [date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)])
def test_a_make_up_saturday_is_a_working_day(day: date) -> None:
    assert day.weekday() == 5 and DAYS.is_working(day)
    assert not DAYS.is_working(day + timedelta(days=7))


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2025, 1, 24), date(2025, 2, 3), 1),
        (date(2026, 2, 13), date(2026, 2, 23), 1),
        (date(2027, 2, 3), date(2027, 2, 11), 1),
        (date(2025, 8, 29), date(2025, 9, 3), 1),
        (date(2026, 8, 28), date(2026, 9, 3), 1),
        (date(2026, 11, 20), date(2026, 11, 25), 2),
        (date(2026, 11, 23), date(2026, 11, 23), 0),
        (date(2026, 11, 27), date(2026, 11, 20), -4),
    ],
)
def test_working_days_are_counted_after_the_first_to_the_last(start: date, end: date, count: int) -> None:
    assert DAYS.between(start, end) == count


@pytest.mark.parametrize(
    ("appointment", "today", "countdown"),
    [
        (date(2026, 11, 27), date(2026, 11, 20), Countdown(date(2026, 11, 27), 4, False)),
        (date(2026, 11, 27), date(2026, 11, 27), Countdown(date(2026, 11, 27), 0, False)),
        (date(2026, 11, 20), date(2026, 11, 21), Countdown(date(2026, 11, 20), 0, True)),
        (date(2026, 11, 20), date(2026, 11, 25), Countdown(date(2026, 11, 20), 2, True)),
        (date(2026, 11, 24), date(2026, 11, 24), Countdown(date(2026, 11, 25), 1, False)),
        (date(2026, 2, 17), date(2026, 2, 20), Countdown(date(2026, 2, 23), 1, False)),
    ],
)
def test_an_appointment_counts_down_and_one_on_a_day_off_means_the_next_working_day(
    appointment: date, today: date, countdown: Countdown
) -> None:
    assert DAYS.countdown(appointment, today) == countdown


def test_staff_correct_both_ways_and_are_heard_at_once(tmp_path: Path) -> None:
    table = tmp_path / "days-off.yaml"
    counted = WorkingDays(table)
    assert counted.is_working(date(2027, 2, 11)) and not counted.is_working(date(2027, 2, 4))
    table.write_text(
        "closed:\n  2027-02-11: Nghỉ Tết theo thông báo\nworking:\n  2027-02-04: Làm việc bình thường\n",
        encoding="utf-8",
    )
    assert counted.closed_for(date(2027, 2, 11)) == "Nghỉ Tết theo thông báo"
    assert counted.is_working(date(2027, 2, 4))
    table.unlink()
    assert counted.is_working(date(2027, 2, 11))


def test_a_broken_table_leaves_the_last_good_one(tmp_path: Path) -> None:
    table = tmp_path / "days-off.yaml"
    table.write_text("closed: {2027-02-11: Nghỉ}", encoding="utf-8")
    counted = WorkingDays(table)
    assert not counted.is_working(date(2027, 2, 11))
    table.write_text("closed: {2027-02-31: Nghỉ}", encoding="utf-8")
    os.utime(table, (1, 1))
    assert not counted.is_working(date(2027, 2, 11))


@pytest.mark.parametrize(
    "content",
    [
        "closed: {2027-02-31: x}",
        "colour: {}",
        "- 2027-01-01",
        "closed: [",
        "closed: {2027-01-04: x}\nworking: {2027-01-04: y}",
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    table = tmp_path / "days-off.yaml"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(BadDaysOff):
        read_days_off(table)


def test_a_year_is_listed_for_comparison_with_its_decree() -> None:
    listed = {day: (is_open, why) for day, is_open, why in DAYS.year(2026)}
    assert listed[date(2026, 2, 17)] == (False, "Tết Nguyên Đán")
    assert listed[date(2026, 8, 22)][0] and listed[date(2026, 1, 10)][0]


ANY = st.dates(date(1990, 1, 1), date(2110, 1, 1))


@given(start=ANY, span=st.integers(0, 400), rest=st.integers(0, 400))
def test_counting_adds_up_and_turns_round(start: date, span: int, rest: int) -> None:
    middle = start + timedelta(days=span)
    end = middle + timedelta(days=rest)
    assert DAYS.between(start, middle) + DAYS.between(middle, end) == DAYS.between(start, end)
    assert DAYS.between(end, start) == -DAYS.between(start, end)


@given(appointment=ANY, today=ANY)
def test_any_two_days_have_a_countdown(appointment: date, today: date) -> None:
    countdown = DAYS.countdown(appointment, today)
    assert countdown.working_days >= 0 and countdown.due_on >= appointment
    assert DAYS.is_working(countdown.due_on)
