"""Two hundred at once, in threads and in processes, on both databases: nothing twice and nothing lost."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

from knowledge.counters.errors import Refused
from tests.knowledge.counters.conftest import MONDAY, Hall, at, counter, person
from tests.knowledge.counters.crowd import Got, rush, rush_of_processes

PEOPLE = [f"p{n}" for n in range(200)]
BOTH_WAYS = pytest.mark.parametrize("together", [rush, rush_of_processes], ids=["threads", "processes"])
Together = Callable[..., list[Got]]


@BOTH_WAYS
def test_two_hundred_numbers_have_no_gap_and_no_repeat(hall: Hall, url: str, together: Together) -> None:
    hall.book.replace([counter(capacity=190)])
    got = together(url, "ticket", [hall.first], PEOPLE, [])
    assert sorted(number for _, number, refusal in got if not refusal) == list(range(1, 191))
    assert Tally(refusal for _, _, refusal in got if refusal) == {"Full": 10}
    assert [ticket.number for ticket in hall.queues.board(hall.first).waiting] == list(range(1, 191))


@BOTH_WAYS
def test_two_hundred_who_want_ten_slots_get_each_place_once(hall: Hall, url: str, together: Together) -> None:
    hall.book.replace([counter(slot_places=3)])
    starts = [slot.start for slot in islice(hall.appointments.free(hall.first, MONDAY), 10)]
    got = together(url, "appointment", [hall.first], PEOPLE, starts)
    places = Tally(start for _, start, refusal in got if not refusal)
    assert places == {int(start.timestamp() // 60): 3 for start in starts}
    assert Tally(refusal for _, _, refusal in got if refusal) == {"SlotTaken": 170}


def test_one_person_who_presses_two_hundred_times_holds_what_one_person_may(hall: Hall, url: str) -> None:
    hall.book.replace([counter(f"Quầy {n}") for n in range(4)])
    ids = [one.id for one in hall.book.counters()]
    got = rush(url, "ticket", ids, ["same"] * 200, [])
    assert len([one for one in got if not one[2]]) == 2
    assert len(hall.queues.held_by(person("same"))) == 2
    starts = [at(8, 30), at(9), at(14), at(15)]
    got = rush(url, "appointment", ids, ["same"] * 200, starts)
    assert len([one for one in got if not one[2]]) == 2
    assert len(hall.appointments.held_by(person("same"))) == 2


def test_officers_who_press_next_at_once_call_each_number_once(hall: Hall) -> None:
    hall.take(*range(20))

    def press(_: int) -> int:
        called = hall.queues.next(hall.first).called
        return called.number if called else 0

    with ThreadPoolExecutor(8) as threads:
        called = list(threads.map(press, range(24)))
    assert sorted(number for number in called if number) == list(range(1, 21))
    board = hall.queues.board(hall.first)
    assert (board.current, board.served) == (None, 20)


def test_two_who_press_for_the_same_number_move_the_queue_once(hall: Hall) -> None:
    hall.take(*range(9))

    def press(_: int) -> bool:
        try:
            hall.queues.next(hall.first, seen=0)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(press, range(8))) == 1
    assert len(hall.queues.board(hall.first).waiting) == 8
