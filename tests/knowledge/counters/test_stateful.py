"""The queue under any order of events: compared with a plain list after every step."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from knowledge.counters.errors import Refused
from knowledge.counters.hours import Timetable, moment, read_spans, write_spans
from knowledge.counters.model import TicketState
from knowledge.counters.pace import FLOOR_MINUTES, pace_of
from motcua.database import open_database
from tests.knowledge.counters.conftest import MONDAY, ROOMY, Hall, Holidays, counter, make_empty_file, person


class Queue(RuleBasedStateMachine):
    """A counter's day beside what it should be."""

    people = Bundle("people")
    folder: Path
    empty: Path

    @initialize()
    def open(self) -> None:
        self.file = Path(tempfile.mkdtemp(dir=self.folder)) / "motcua.db"
        shutil.copy(self.empty, self.file)
        self.engine = open_database(f"sqlite:///{self.file}")
        self.hall = Hall(self.engine, counter(), limits=ROOMY)
        self.counter = self.hall.first
        self.waiting: list[int] = []
        self.missed: set[int] = set()
        self.current = 0
        self.given = 0
        self.served = 0
        self.bearer: dict[int, int] = {}
        self.told: set[tuple[int, int]] = set()
        self.rounds: dict[int, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            shutil.rmtree(self.file.parent)

    def holds_open(self, who: int) -> bool:
        return any(self.bearer[number] == who for number in (*self.waiting, *([self.current] if self.current else [])))

    def id_of(self, number: int) -> int:
        board = self.hall.queues.board(self.counter)
        everybody = (*board.waiting, *board.missed, *([board.current] if board.current else []))
        return next(ticket.id for ticket in everybody if ticket.number == number)

    def note_next_two(self) -> list[int]:
        next_two = self.waiting[:2]
        self.told |= {(number, self.rounds.get(number, 0)) for number in next_two}
        return next_two

    @rule(target=people, who=st.integers(0, 12))
    def take(self, who: int) -> int:
        if self.holds_open(who):
            with pytest.raises(Refused):
                self.hall.take(who)
            return who
        (number,) = self.hall.take(who)
        self.given += 1
        assert number == self.given
        self.waiting.append(number)
        self.bearer[number] = who
        return who

    @rule(absent=st.booleans())
    def call_next(self, absent: bool) -> None:
        moved = self.hall.queues.next(self.counter, absent=absent, seen=self.current)
        self.leave(absent)
        self.current = self.waiting.pop(0) if self.waiting else 0
        assert (moved.called.number if moved.called else 0) == self.current
        if self.current:
            assert [ticket.number for ticket in moved.to_tell] == self.note_next_two()

    def leave(self, absent: bool = False) -> None:
        if self.current and absent:
            self.missed.add(self.current)
        elif self.current:
            self.served += 1
        self.current = 0

    @rule(who=consumes(people))
    def cancel(self, who: int) -> None:
        mine = [number for number in (self.current, *self.waiting) if number and self.bearer[number] == who]
        if not mine:
            return
        (number,) = mine
        self.hall.queues.cancel(person(who), self.id_of(number))
        if number == self.current:
            self.current = 0
        else:
            self.waiting.remove(number)

    @precondition(lambda self: self.missed)
    @rule(again=st.booleans(), which=st.integers(0, 20))
    def give_another_chance(self, again: bool, which: int) -> None:
        number = sorted(self.missed)[which % len(self.missed)]
        ticket = self.id_of(number)
        change = self.hall.queues.call_again if again else self.hall.queues.put_back
        if self.holds_open(self.bearer[number]):
            with pytest.raises(Refused):
                change(ticket)
            return
        change(ticket)
        self.missed.remove(number)
        if again:
            self.leave()
            self.current = number
            self.note_next_two()
        else:
            self.rounds[number] = self.rounds.get(number, 0) + 1
            self.waiting.insert(3, number)

    @rule(minutes=st.integers(0, 40))
    def time_passes(self, minutes: int) -> None:
        self.hall.clock.at = min(self.hall.clock.at.replace(), moment(MONDAY, 1000))
        self.hall.clock.pass_by(min(minutes, (moment(MONDAY, 1000) - self.hall.clock.at).total_seconds() / 60))

    @invariant()
    def the_board_shows_the_list(self) -> None:
        if not hasattr(self, "hall"):
            return
        board = self.hall.queues.board(self.counter)
        assert [ticket.number for ticket in board.waiting] == self.waiting
        assert {ticket.number for ticket in board.missed} == self.missed
        assert (board.current.number if board.current else 0) == self.current
        assert (board.served, board.given) == (self.served, self.given)
        assert len(self.hall.due.waits(["web"], self.hall.clock())) <= len(self.told)

    @invariant()
    def everybody_knows_how_many_are_before(self) -> None:
        if not hasattr(self, "hall"):
            return
        expected = None
        for place, number in enumerate(self.waiting):
            standing = self.hall.queues.standing(self.id_of(number))
            assert standing.before == place + bool(self.current)
            assert standing.ticket.state is TicketState.WAITING
            if standing.expected:
                assert standing.expected >= self.hall.clock()
                assert expected is None or standing.expected >= expected
                expected = standing.expected


def test_the_queue_is_a_plain_list_whatever_happens(tmp_path: Path) -> None:
    Queue.folder = tmp_path
    Queue.empty = make_empty_file(tmp_path / "empty.db")
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@given(st.lists(st.floats(0, 600), max_size=30), st.integers(1, 480))
def test_the_pace_lies_among_what_was_measured_or_at_the_floor(durations: list[float], usual: int) -> None:
    pace = pace_of(durations, usual)
    assert pace >= FLOOR_MINUTES
    if len(durations) < 5:
        assert pace == max(usual, FLOOR_MINUTES)
    else:
        assert pace <= max(*durations, FLOOR_MINUTES) + 1e-6


SPANS = st.lists(st.integers(0, 1440), min_size=2, max_size=8, unique=True).map(
    lambda edges: tuple(zip(sorted(edges)[0::2], sorted(edges)[1::2], strict=False))
)


@given(SPANS)
def test_hours_are_read_as_they_are_written(spans: tuple[tuple[int, int], ...]) -> None:
    assert read_spans(write_spans(spans)) == spans


@given(SPANS, st.integers(0, 1439), st.floats(0, 1440))
def test_a_time_reckoned_over_the_hours_lies_in_them(
    spans: tuple[tuple[int, int], ...], start: int, minutes: float
) -> None:
    described = counter(week={0: spans})
    found = Timetable(Holidays()).after(described, moment(MONDAY, start), minutes)
    if found is None:
        left = sum(max(0, end - max(start, begin)) for begin, end in spans)
        assert minutes >= left - 1e-6
        return
    assert found >= moment(MONDAY, start)
    assert any(moment(MONDAY, begin) <= found < moment(MONDAY, end) for begin, end in spans)


@given(st.text(max_size=30))
def test_hours_that_are_none_are_refused_and_never_guessed(text: str) -> None:
    try:
        spans = read_spans(text)
    except ValueError:
        return
    assert all(0 <= begin < end <= 1440 for begin, end in spans)
