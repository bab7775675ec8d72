"""Appointments: free slots, limits, moving, reminders."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from knowledge.counters.appointments import reminder
from knowledge.counters.errors import Closed, HasOne, NoSuchCounter, NotOpen, SlotTaken, TooMany
from knowledge.counters.model import VIETNAM, AppointmentState
from tests.knowledge.counters.conftest import MONDAY, Hall, at, counter, person

TUESDAY, SATURDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=5)


def starts(hall: Hall, day: date = MONDAY) -> list[str]:
    return [f"{slot.start:%H:%M}" for slot in hall.appointments.free(hall.first, day)]


def test_slots_fill_the_opening_hours_and_have_not_begun(engine: Engine) -> None:
    hall = Hall(engine, counter(slot_minutes=60))
    assert starts(hall, TUESDAY) == ["07:30", "08:30", "09:30", "10:30", "13:30", "14:30", "15:30"]
    assert starts(hall) == ["08:30", "09:30", "10:30", "13:30", "14:30", "15:30"]
    assert starts(hall, SATURDAY) == []


def test_a_booked_slot_is_free_no_more_until_it_is_given_back(hall: Hall) -> None:
    booked = hall.appointments.book(person(1), hall.first, at(9))
    assert "09:00" not in starts(hall)
    with pytest.raises(SlotTaken):
        hall.appointments.book(person(2), hall.first, at(9))
    hall.appointments.cancel(person(1), booked.id)
    assert "09:00" in starts(hall)
    assert hall.appointments.book(person(2), hall.first, at(9)).state is AppointmentState.BOOKED


def test_a_slot_that_is_being_used_is_not_free(hall: Hall) -> None:
    booked = hall.appointments.book(person(1), hall.first, at(9))
    hall.clock.set(8, 45)
    hall.queues.check_in(person(1), booked.id)
    assert "09:00" not in starts(hall)


@pytest.mark.parametrize("start", [at(7, 30), at(9, 5), at(11, 30), at(20), at(9, day=MONDAY + timedelta(days=15))])
def test_there_are_only_slots_to_be_had(hall: Hall, start: datetime) -> None:
    with pytest.raises(SlotTaken):
        hall.appointments.book(person(1), hall.first, start)


def test_not_on_days_off(engine: Engine) -> None:
    hall = Hall(engine, counter(days_off=frozenset({TUESDAY})))
    hall.holidays.decided[MONDAY + timedelta(days=2)] = "Nghỉ bù"
    for day in (TUESDAY, MONDAY + timedelta(days=2), SATURDAY):
        with pytest.raises(Closed):
            hall.appointments.book(person(1), hall.first, at(9, day=day))
    assert hall.appointments.days(hall.first)[:3] == [MONDAY, MONDAY + timedelta(days=3), MONDAY + timedelta(days=4)]


def test_a_counter_that_takes_none(engine: Engine) -> None:
    hall = Hall(engine, counter(slot_places=0))
    assert hall.appointments.days(hall.first) == []
    with pytest.raises(SlotTaken):
        hall.appointments.book(person(1), hall.first, at(9))


def test_one_at_a_counter_on_a_day_and_two_in_all(hall: Hall) -> None:
    hall.appointments.book(person(1), hall.first, at(9))
    with pytest.raises(HasOne):
        hall.appointments.book(person(1), hall.first, at(10))
    with pytest.raises(HasOne):
        hall.appointments.book(person(1), hall.first, at(9))
    hall.appointments.book(person(1), hall.second, at(10))
    with pytest.raises(TooMany):
        hall.appointments.book(person(1), hall.first, at(9, day=TUESDAY))


def test_booking_and_giving_back_over_and_over_has_an_end(hall: Hall) -> None:
    for _ in range(4):
        hall.appointments.cancel(person(1), hall.appointments.book(person(1), hall.first, at(9)).id)
    with pytest.raises(TooMany):
        hall.appointments.book(person(1), hall.first, at(9))


def test_appointments_that_are_past_stand_in_nobodys_way(hall: Hall) -> None:
    for number, one in enumerate((hall.first, hall.second)):
        hall.appointments.book(person(1), one, at(9 + number))
    hall.clock.set(8, day=TUESDAY)
    assert hall.appointments.held_by(person(1)) == []
    assert hall.appointments.book(person(1), hall.first, at(9, day=TUESDAY))


class TestMoving:
    def test_it_leaves_the_old_slot_and_takes_the_new(self, hall: Hall) -> None:
        booked = hall.appointments.book(person(1), hall.first, at(9))
        moved = hall.appointments.move(person(1), booked.id, at(14, day=TUESDAY))
        assert (moved.id, moved.start) == (booked.id, at(14, day=TUESDAY))
        assert "09:00" in starts(hall) and "14:00" not in starts(hall, TUESDAY)

    def test_to_a_slot_that_is_taken_it_stays_where_it_was(self, hall: Hall) -> None:
        booked = hall.appointments.book(person(1), hall.first, at(9))
        hall.appointments.book(person(2), hall.first, at(10))
        with pytest.raises(SlotTaken):
            hall.appointments.move(person(1), booked.id, at(10))
        assert [one.start for one in hall.appointments.held_by(person(1))] == [at(9)]

    def test_to_where_it_is_changes_nothing(self, hall: Hall) -> None:
        booked = hall.appointments.book(person(1), hall.first, at(9))
        for _ in range(10):
            assert hall.appointments.move(person(1), booked.id, at(9)).start == at(9)

    def test_three_times_and_no_more(self, hall: Hall) -> None:
        booked = hall.appointments.book(person(1), hall.first, at(9))
        for hour in (10, 9, 10):
            hall.appointments.move(person(1), booked.id, at(hour))
        with pytest.raises(TooMany):
            hall.appointments.move(person(1), booked.id, at(9))

    def test_it_is_nobody_elses_and_not_when_it_has_begun(self, hall: Hall) -> None:
        booked = hall.appointments.book(person(1), hall.first, at(9))
        for change in (hall.appointments.cancel, lambda who, one: hall.appointments.move(who, one, at(10))):
            with pytest.raises(NotOpen):
                change(person(2), booked.id)
        hall.clock.set(9)
        with pytest.raises(NotOpen):
            hall.appointments.move(person(1), booked.id, at(10))


def test_counters_that_are_not_there(hall: Hall) -> None:
    for ask in (hall.appointments.days, lambda n: hall.appointments.book(person(1), n, at(9))):
        with pytest.raises(NoSuchCounter):
            ask(99)


@pytest.mark.parametrize(
    ("now", "start", "reminded"),
    [
        (at(8), at(9, day=TUESDAY), at(17)),
        (at(16, 59), at(9, day=TUESDAY), at(17)),
        (at(17), at(9, 30, day=TUESDAY), at(7, 30, day=TUESDAY)),
        (at(17), at(8, day=TUESDAY), at(7, day=TUESDAY)),
        (at(8), at(14), at(12)),
        (at(8), at(9, 30), None),
        (at(6, 50), at(7, 30), at(7)),
        (at(7, 10), at(7, 30), None),
    ],
)
def test_the_reminder_comes_on_the_eve_or_two_hours_before_but_not_at_night(
    now: datetime, start: datetime, reminded: datetime | None
) -> None:
    assert reminder(start.astimezone(VIETNAM), now) == reminded
