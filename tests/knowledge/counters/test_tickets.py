"""The queue of a counter, from the first number to the end of the day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from knowledge.counters.errors import Closed, Full, HasOne, NoSuchCounter, NotOpen, TooMany
from knowledge.counters.model import AppointmentState, TicketState
from knowledge.counters.tables import CounterNotice
from tests.knowledge.counters.conftest import MONDAY, WEEKDAYS, Hall, at, counter, person


def waiting(hall: Hall) -> list[int]:
    return [ticket.number for ticket in hall.queues.board(hall.first).waiting]


def told(hall: Hall) -> list[str]:
    with hall.engine.connect() as connection:
        return list(connection.scalars(select(CounterNotice.about).order_by(CounterNotice.number)))


def test_numbers_count_up_by_counter_and_by_day(hall: Hall) -> None:
    assert hall.take(1, 2, 3) == [1, 2, 3]
    assert hall.take(4, counter=hall.second) == [1]
    hall.clock.pass_by(24 * 60)
    assert hall.take(1) == [1]


def test_who_takes_a_number_is_told_how_many_are_before(hall: Hall) -> None:
    hall.take(1, 2)
    hall.queues.next(hall.first)
    standing = hall.queues.take(person(3), hall.first)
    assert (standing.ticket.number, standing.before, standing.current) == (3, 2, 1)


def test_one_open_number_for_a_person_a_counter_and_a_day(hall: Hall) -> None:
    hall.take(1)
    with pytest.raises(HasOne):
        hall.take(1)
    assert hall.take(2) == [2]


def test_a_number_given_back_leaves_room_for_another_and_is_not_given_again(hall: Hall) -> None:
    hall.take(1)
    (standing,) = hall.queues.held_by(person(1))
    assert hall.queues.cancel(person(1), standing.ticket.id).state is TicketState.CANCELLED
    assert hall.queues.held_by(person(1)) == []
    assert hall.take(1) == [2]
    with pytest.raises(NotOpen):
        hall.queues.cancel(person(1), standing.ticket.id)


def test_nobody_gives_back_the_number_of_another(hall: Hall) -> None:
    hall.take(1)
    (standing,) = hall.queues.held_by(person(1))
    with pytest.raises(NotOpen):
        hall.queues.cancel(person(2), standing.ticket.id)


def test_a_person_holds_two_numbers_at_a_time_at_most(engine: Engine) -> None:
    hall = Hall(engine, *(counter(f"Quầy {n}") for n in range(3)))
    ids = [one.id for one in hall.book.counters()]
    for one in ids[:2]:
        hall.take(1, counter=one)
    with pytest.raises(TooMany):
        hall.take(1, counter=ids[2])


def test_numbers_given_back_count_for_the_day(hall: Hall) -> None:
    for _ in range(5):
        hall.take(1)
        hall.queues.cancel(person(1), hall.queues.held_by(person(1))[0].ticket.id)
    with pytest.raises(TooMany):
        hall.take(1)
    hall.clock.pass_by(24 * 60)
    assert hall.take(1) == [1]


def test_a_day_has_as_many_numbers_as_the_counter_can_serve(engine: Engine) -> None:
    hall = Hall(engine, counter(capacity=2))
    hall.take(1, 2)
    with pytest.raises(Full):
        hall.take(3)


@pytest.mark.parametrize(("hour", "is_open"), [(0, True), (5, True), (12, True), (16, True), (17, False), (23, False)])
def test_numbers_are_given_until_closing(hall: Hall, hour: int, is_open: bool) -> None:
    hall.clock.set(hour)
    if is_open:
        assert hall.take(1) == [1]
    else:
        with pytest.raises(Closed):
            hall.take(1)


def test_no_numbers_on_days_off(hall: Hall) -> None:
    hall.holidays.decided[MONDAY] = "Ngày Văn hóa Việt Nam"
    with pytest.raises(Closed) as refusal:
        hall.take(1)
    assert refusal.value.why == "Ngày Văn hóa Việt Nam"
    hall.clock.set(9, day=MONDAY - timedelta(days=1))
    with pytest.raises(Closed):
        hall.take(1)


def test_a_counter_that_there_is_none_of(hall: Hall) -> None:
    gone = hall.second
    hall.book.replace([counter()])
    for number in (gone, 999):
        with pytest.raises(NoSuchCounter):
            hall.take(1, counter=number)


class TestNext:
    """What the officer at the counter does."""

    def test_it_calls_one_after_the_other_and_tells_the_next_two(self, hall: Hall) -> None:
        hall.take(1, 2, 3, 4)
        moved = hall.queues.next(hall.first)
        assert moved.called and moved.called.number == 1 and moved.finished is None
        assert [ticket.number for ticket in moved.to_tell] == [2, 3]
        moved = hall.queues.next(hall.first)
        assert moved.called and moved.called.number == 2
        assert moved.finished and moved.finished.state is TicketState.SERVED
        assert [ticket.number for ticket in moved.to_tell] == [3, 4]

    def test_each_is_noted_to_be_told_once(self, hall: Hall) -> None:
        hall.take(1, 2, 3, 4)
        for _ in range(5):
            hall.queues.next(hall.first)
        assert len(told(hall)) == len(set(told(hall))) == 3

    def test_with_nobody_waiting_the_last_one_is_done(self, hall: Hall) -> None:
        assert hall.queues.next(hall.first).called is None
        hall.take(1)
        hall.queues.next(hall.first)
        moved = hall.queues.next(hall.first)
        assert moved.called is None and moved.finished and moved.finished.number == 1
        assert hall.queues.board(hall.first).served == 1

    def test_a_second_press_does_nothing(self, hall: Hall) -> None:
        hall.take(1, 2)
        hall.queues.next(hall.first, seen=0)
        with pytest.raises(NotOpen):
            hall.queues.next(hall.first, seen=0)
        assert waiting(hall) == [2]

    def test_who_gave_the_number_back_is_passed_over(self, hall: Hall) -> None:
        hall.take(1, 2, 3)
        hall.queues.cancel(person(2), hall.queues.held_by(person(2))[0].ticket.id)
        hall.queues.next(hall.first)
        moved = hall.queues.next(hall.first)
        assert moved.called and moved.called.number == 3

    def test_a_break_calls_nobody(self, hall: Hall) -> None:
        hall.take(1, 2)
        hall.queues.next(hall.first)
        done = hall.queues.finish(hall.first)
        assert done and done.number == 1
        assert hall.queues.length(hall.first) == (0, 1)
        assert hall.queues.finish(hall.first) is None


class TestMissed:
    """Whoever was called and did not come."""

    @pytest.fixture
    def missed(self, hall: Hall) -> int:
        hall.take(1, 2, 3, 4, 5, 6)
        hall.queues.next(hall.first)
        hall.queues.next(hall.first, absent=True)
        (ticket,) = hall.queues.board(hall.first).missed
        assert ticket.number == 1
        return ticket.id

    def test_can_be_called_again(self, hall: Hall, missed: int) -> None:
        moved = hall.queues.call_again(missed)
        assert moved.called and moved.called.number == 1
        assert moved.finished and moved.finished.number == 2
        with pytest.raises(NotOpen):
            hall.queues.call_again(missed)

    def test_goes_back_behind_three(self, hall: Hall, missed: int) -> None:
        hall.queues.put_back(missed)
        assert waiting(hall) == [3, 4, 5, 1, 6]
        assert hall.queues.standing(missed).before == 4

    def test_goes_back_at_the_end_where_fewer_wait(self, hall: Hall, missed: int) -> None:
        for _ in range(3):
            hall.queues.next(hall.first)
        hall.queues.put_back(missed)
        assert waiting(hall) == [6, 1]
        assert hall.take(7) == [7]
        assert waiting(hall) == [6, 1, 7]

    def test_is_told_anew(self, hall: Hall, missed: int) -> None:
        hall.queues.put_back(missed)
        for _ in range(3):
            hall.queues.next(hall.first)
        assert f"soon:{missed}:1" in told(hall)

    def test_is_still_told_of_by_the_queue_until_there_is_another_number(self, hall: Hall, missed: int) -> None:
        (standing,) = hall.queues.held_by(person(1))
        assert standing.ticket.state is TicketState.MISSED
        hall.take(1)
        (standing,) = hall.queues.held_by(person(1))
        assert standing.ticket.number == 7
        for again in (hall.queues.call_again, hall.queues.put_back):
            with pytest.raises(NotOpen):
                again(missed)

    def test_holds_a_number_elsewhere_meanwhile(self, hall: Hall, missed: int) -> None:
        hall.take(1, counter=hall.second)
        hall.queues.put_back(missed)
        assert len(hall.queues.held_by(person(1))) == 2

    def test_is_over_with_the_day(self, hall: Hall, missed: int) -> None:
        hall.clock.pass_by(24 * 60)
        with pytest.raises(NotOpen):
            hall.queues.put_back(missed)


class TestTheEndOfTheDay:
    """What becomes of those who still wait."""

    def test_nothing_is_given_or_called_any_more(self, hall: Hall) -> None:
        hall.take(1, 2, 3)
        hall.queues.next(hall.first)
        assert hall.queues.close(hall.first) == 2
        for late in (lambda: hall.take(4), lambda: hall.queues.next(hall.first)):
            with pytest.raises(Closed):
                late()
        board = hall.queues.board(hall.first)
        assert (board.is_closed, board.waiting, board.served) == (True, (), 1)

    def test_who_waited_is_to_be_told_once(self, hall: Hall) -> None:
        hall.take(1, 2)
        assert hall.queues.close(hall.first) == 2
        assert hall.queues.close(hall.first) == 0
        assert [about.partition(":")[0] for about in told(hall)] == ["closed", "closed"]

    def test_it_comes_by_itself_an_hour_after_the_counter_closes(self, hall: Hall) -> None:
        hall.take(1)
        hall.clock.set(17, 59)
        assert hall.queues.close_ended() == 0
        hall.clock.set(18)
        assert hall.queues.close_ended() == 1
        assert hall.queues.close_ended() == 0

    def test_a_day_that_nobody_closed_is_closed_later(self, hall: Hall) -> None:
        hall.take(1)
        hall.clock.set(9, day=MONDAY + timedelta(days=3))
        assert hall.queues.close_ended() == 1
        assert hall.take(1) == [1]

    def test_appointments_that_nobody_came_to_are_missed(self, hall: Hall) -> None:
        booked = hall.appointments.book(person(1), hall.first, at(9))
        hall.clock.set(18)
        assert hall.queues.close_ended() == 1
        assert hall.appointments.get(booked.id).state is AppointmentState.MISSED


class TestComingToAnAppointment:
    """Whoever has an appointment gets a number that goes before the others."""

    def test_it_goes_before_those_who_wait_and_behind_earlier_appointments(self, hall: Hall) -> None:
        booked = [hall.appointments.book(person(n), hall.first, at(9, 15 * n)) for n in (0, 1, 2)]
        hall.take("a", "b", "c")
        hall.queues.next(hall.first)
        hall.clock.set(9)
        numbers = [hall.queues.check_in(person(n), booked[n].id).ticket.number for n in (1, 0, 2)]
        assert numbers == [4, 5, 6]
        assert waiting(hall) == [5, 4, 6, 2, 3]
        assert hall.take("d") == [7]
        assert waiting(hall)[-1] == 7

    @pytest.mark.parametrize(
        ("hour", "minute", "works"), [(8, 29, False), (8, 30, True), (9, 30, True), (9, 31, False)]
    )
    def test_it_has_its_time(self, hall: Hall, hour: int, minute: int, works: bool) -> None:
        booked = hall.appointments.book(person(1), hall.first, at(9))
        hall.clock.set(hour, minute)
        if works:
            assert hall.queues.check_in(person(1), booked.id).before == 0
            assert hall.appointments.held_by(person(1)) == []
        with pytest.raises(NotOpen):
            hall.queues.check_in(person(1), booked.id)

    def test_it_is_not_anybodys(self, hall: Hall) -> None:
        booked = hall.appointments.book(person(1), hall.first, at(9))
        hall.clock.set(9)
        with pytest.raises(NotOpen):
            hall.queues.check_in(person(2), booked.id)

    def test_it_is_there_though_all_numbers_are_given(self, engine: Engine) -> None:
        hall = Hall(engine, counter(capacity=1))
        booked = hall.appointments.book(person(1), hall.first, at(9))
        hall.take(2)
        hall.clock.set(9)
        assert hall.queues.check_in(person(1), booked.id).ticket.number == 2


class TestTheExpectedTime:
    """About when a number will be called."""

    def test_until_anything_is_measured_it_is_the_length_of_a_slot(self, hall: Hall) -> None:
        hall.take(1, 2)
        assert hall.queues.take(person(3), hall.first).expected == at(8, 30)

    def test_who_is_at_the_counter_counts_for_what_is_left(self, hall: Hall) -> None:
        hall.take(1, 2)
        hall.queues.next(hall.first)
        hall.clock.pass_by(10)
        assert hall.queues.held_by(person(2))[0].expected == at(8, 15)
        hall.clock.pass_by(20)
        assert hall.queues.held_by(person(2))[0].expected == at(8, 30)

    def test_it_follows_the_measured_pace(self, hall: Hall) -> None:
        hall.take(*range(7))
        for _ in range(7):
            hall.queues.next(hall.first)
            hall.clock.pass_by(6)
        hall.queues.finish(hall.first)
        hall.take("a", "b")
        standing = hall.queues.take(person("c"), hall.first)
        assert standing.pace_minutes == pytest.approx(6)
        assert standing.expected == hall.clock() + timedelta(minutes=12)

    def test_it_never_goes_below_the_floor(self, hall: Hall) -> None:
        hall.take(*range(9))
        for _ in range(9):
            hall.queues.next(hall.first)
        assert hall.queues.take(person("a"), hall.first).pace_minutes == 2

    def test_the_lunch_break_is_no_time_to_be_called(self, hall: Hall) -> None:
        hall.clock.set(11, 10)
        hall.take(1, 2)
        assert hall.queues.take(person(3), hall.first).expected == at(13, 40)

    def test_before_opening_it_is_counted_from_opening(self, hall: Hall) -> None:
        hall.clock.set(6)
        hall.take(1)
        assert hall.queues.take(person(2), hall.first).expected == at(7, 45)

    def test_past_closing_there_is_none(self, hall: Hall) -> None:
        hall.clock.set(16, 45)
        hall.take(1)
        assert hall.queues.take(person(2), hall.first).expected is None

    def test_a_make_up_saturday_has_mondays_hours(self, hall: Hall) -> None:
        saturday = MONDAY + timedelta(days=5)
        assert hall.timetable.spans(hall.book.counters()[0], saturday) == ()
        hall.holidays.decided[saturday] = ""
        assert hall.timetable.spans(hall.book.counters()[0], saturday) == WEEKDAYS[0]
