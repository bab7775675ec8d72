"""Working hours around weekends, lunch, Tết and make-up days."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.handover.hours import VIETNAM, Timetable, read_time, read_timetable, show_time, write_week
from motcua.database import open_database, upgrade
from motcua.working_days import WorkingDays

DAY = ((time(7, 30), time(11, 30)), (time(13), time(17)))
USUAL = Timetable(dict.fromkeys(range(5), DAY), WorkingDays())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 07:29", False),
        ("2026-11-23 07:30", True),
        ("2026-11-23 11:29", True),
        ("2026-11-23 11:30", False),
        ("2026-11-23 13:00", True),
        ("2026-11-23 17:00", False),
        ("2026-11-21 09:00", False),
        ("2026-11-24 09:00", False),
        ("2027-02-05 09:00", False),
        ("2026-08-22 09:00", True),
    ],
    ids=lambda value: str(value),
)
def test_officers_answer_in_their_hours_on_working_days(moment: str, is_open: bool) -> None:
    assert USUAL.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23 06:00", "2026-11-23 07:30"),
        ("2026-11-23 12:00", "2026-11-23 13:00"),
        ("2026-11-20 17:30", "2026-11-23 07:30"),
        ("2026-11-23 18:00", "2026-11-25 07:30"),
        ("2027-02-03 18:00", "2027-02-11 07:30"),
        ("2026-08-21 18:00", "2026-08-22 07:30"),
    ],
)
def test_they_open_again_after_nights_weekends_and_holidays(moment: str, opens: str) -> None:
    assert USUAL.next_opening(at(moment)) == at(opens)


def test_a_holiday_has_its_name() -> None:
    assert "Tết" in USUAL.closed_for(at("2027-02-05 09:00"))
    assert USUAL.closed_for(at("2026-11-21 09:00")) == ""


def test_without_any_hours_no_opening_is_promised() -> None:
    assert Timetable({}, WorkingDays()).next_opening(at("2026-11-23 06:00")) is None


def test_a_saturday_that_the_staff_works_has_its_own_hours() -> None:
    table = Timetable({5: ((time(8), time(11)),)}, WorkingDays())
    assert table.is_open(at("2026-11-21 09:00")) and not table.is_open(at("2026-11-21 12:00"))


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1)))
def test_the_next_opening_is_open_and_comes_later(moment: datetime) -> None:
    here = moment.replace(tzinfo=VIETNAM)
    begin = USUAL.next_opening(here)
    assert begin is not None and begin > here and USUAL.is_open(begin)


def test_a_new_database_has_the_usual_hours_and_keeps_others(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hours.db'}"
    upgrade(url)
    engine = open_database(url)
    with engine.begin() as connection:
        assert read_timetable(connection, WorkingDays()).week == USUAL.week
        write_week(connection, {5: [(time(8), time.max)]})
        assert read_timetable(connection, WorkingDays()).spans(date(2026, 11, 21)) == ((time(8), time.max),)
        for wrong in ({7: DAY}, {0: [(time(9), time(8))]}, {0: [(time(8), time(10)), (time(9), time(11))]}):
            with pytest.raises(ValueError):
                write_week(connection, wrong)
        assert read_timetable(connection, WorkingDays()).spans(date(2026, 11, 21))
    engine.dispose()


@pytest.mark.parametrize("text", ["00:00", "07:30", "24:00"])
def test_times_are_written_as_they_are_read(text: str) -> None:
    assert show_time(read_time(text)) == text
