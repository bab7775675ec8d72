"""The states of a case: every order of steps, two officers at once, and both databases."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, Engine, func, select

from channels.handover import cases
from channels.handover.cases import Case, Conversation
from channels.handover.errors import CaseMoved, CaseUnknown, UnreadMessage
from channels.handover.tables import Handover, HandoverMessage, HandoverNotice
from motcua.database import open_database, upgrade
from motcua.reply import Reply
from tests.simulators.postgres import PostgresServer

ANN = Conversation("web", "ann", "ann")
BOB = Conversation("web", "bob", "bob")
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PATIENCE = timedelta(minutes=10)
TOLD = Reply(kind="handoff", text="…")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cases") / "cases.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        shutil.copy(template, tmp_path / "cases.db")
        url = f"sqlite:///{tmp_path / 'cases.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database()
        upgrade(url)
    opened = open_database(url)
    yield opened
    opened.dispose()


def begin(engine: Engine, who: Conversation = ANN, now: datetime = START) -> Case:
    with engine.begin() as connection:
        return cases.begin(connection, who, "asked", now, ask_contact=False)[0]


def take(connection: Connection, case: Case, officer: str, now: datetime = START) -> None:
    cases.take(connection, case.id, officer, now, PATIENCE, TOLD)


def at_once(steps: list[Callable[[], object]]) -> list[object]:
    """Does things at the same time; gives what each gave or raised."""
    start = threading.Barrier(len(steps))

    def one(step: Callable[[], object]) -> object:
        start.wait(30)
        try:
            return step()
        except (CaseMoved, UnreadMessage) as moved:
            return moved

    with ThreadPoolExecutor(len(steps)) as threads:
        return list(threads.map(one, steps))


def test_a_conversation_has_one_open_case_however_often_it_is_asked_for(engine: Engine) -> None:
    begun = at_once([lambda: begin(engine).id for _ in range(6)])
    assert len(set(begun)) == 1
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Handover)) == 1


def test_of_officers_who_take_a_case_at_once_one_has_it_and_the_others_learn_who(engine: Engine) -> None:
    case = begin(engine)

    def by(officer: str) -> Callable[[], object]:
        def step() -> object:
            with engine.begin() as connection:
                take(connection, case, officer)
            return officer

        return step

    outcomes = at_once([by(f"officer-{n}") for n in range(6)])
    (winner,) = [one for one in outcomes if isinstance(one, str)]
    losers = [one for one in outcomes if isinstance(one, CaseMoved)]
    assert [(moved.state, moved.officer) for moved in losers] == [("taken", winner)] * 5
    with engine.begin() as connection:
        assert cases.case_of(connection, case.id).officer == winner
        take(connection, case, winner)
        told = connection.scalar(select(func.count()).select_from(HandoverNotice))
    assert told == 1, "the person is told once that an officer is here"


def test_a_message_is_kept_for_the_officer_or_goes_to_the_bot_and_never_between(engine: Engine) -> None:
    for number in range(8):
        who = Conversation("web", f"person-{number}", f"person-{number}")
        case = begin(engine, who)
        with engine.begin() as connection:
            take(connection, case, "lan")

        def write(case: Case = case, number: int = number) -> bool:
            with engine.begin() as connection:
                return cases.hear(connection, case, f"m{number}", "sealed", START, PATIENCE)

        def hand_back(case: Case = case) -> str:
            with engine.begin() as connection:
                cases.finish(connection, case.id, "lan", "handed_back", START, TOLD, seen=0)
            return "over"

        kept, over = at_once([write, hand_back])
        if kept:
            assert isinstance(over, UnreadMessage), "who has not seen it cannot hand the conversation back"
        else:
            assert over == "over"


def test_an_answer_sent_twice_goes_once(engine: Engine) -> None:
    case = begin(engine)
    with engine.begin() as connection:
        take(connection, case, "lan")

    def send() -> None:
        with engine.begin() as connection:
            cases.answer(connection, case.id, "lan", TOLD, "form-1", START)

    at_once([send] * 4)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(HandoverNotice)) == 2


def test_only_who_has_the_case_may_answer_or_end_it(engine: Engine) -> None:
    case = begin(engine)
    with engine.begin() as connection:
        take(connection, case, "lan")
    for step in (
        lambda c: cases.answer(c, case.id, "minh", TOLD, "t", START),
        lambda c: cases.finish(c, case.id, "minh", "handed_back", START, TOLD),
        lambda c: cases.finish(c, case.id, "minh", "closed", START, TOLD),
    ):
        with pytest.raises(CaseMoved), engine.begin() as connection:
            step(connection)
    with pytest.raises(CaseUnknown), engine.connect() as connection:
        cases.case_of(connection, "0" * 32)


def test_people_wait_in_the_order_they_came_and_keep_their_place_when_returned(engine: Engine) -> None:
    first, second = begin(engine), begin(engine, BOB, START + timedelta(minutes=1))
    with engine.begin() as connection:
        assert [cases.ahead_of(connection, case) for case in (first, second)] == [0, 1]
        take(connection, first, "lan", START)
        assert cases.ahead_of(connection, second) == 0
        late = START + PATIENCE
        assert cases.overdue(connection, late) == [first.id]
        assert cases.put_back(connection, first.id, late, TOLD, ask_contact=False)
        assert cases.ahead_of(connection, second) == 1


def test_an_officer_who_writes_in_time_keeps_the_case(engine: Engine) -> None:
    case = begin(engine)
    with engine.begin() as connection:
        take(connection, case, "lan")
        cases.answer(connection, case.id, "lan", TOLD, "t", START)
        later = START + timedelta(days=1)
        assert cases.overdue(connection, later) == []
        assert not cases.put_back(connection, case.id, later, TOLD, ask_contact=False)
        cases.hear(connection, case, "m1", "sealed", later, PATIENCE)
        cases.hear(connection, case, "m2", "sealed", later + timedelta(minutes=9), PATIENCE)
        assert cases.overdue(connection, later + PATIENCE) == [case.id], "counted from the first unanswered message"


class Counter(RuleBasedStateMachine):
    """Any order of steps of one person, two officers and the clock, against a model of four states."""

    database: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="motcua-cases-"))
        shutil.copy(self.database, self.folder / "cases.db")
        self.engine = open_database(f"sqlite:///{self.folder / 'cases.db'}")
        self.now, self.state, self.officer = START, "none", ""
        self.due: datetime | None = None
        self.kept = self.messages = self.notices = 0
        self.case: Case | None = None

    def teardown(self) -> None:
        self.engine.dispose()
        shutil.rmtree(self.folder)

    @initialize()
    def come_in(self) -> None:
        self.ask()

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", "taken")

    @rule()
    def ask(self) -> None:
        with self.engine.begin() as connection:
            case, is_new = cases.begin(connection, ANN, "asked", self.now, ask_contact=False)
        assert is_new is not self.is_open
        if is_new:
            self.case, self.state, self.officer, self.due, self.kept = case, "waiting", "", None, 0
            self.notices = 0

    @rule(minutes=st.integers(0, 25))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(officer=st.sampled_from(["lan", "minh"]))
    def take(self, officer: str) -> None:
        case = self._case()
        try:
            with self.engine.begin() as connection:
                take(connection, case, officer, self.now)
        except CaseMoved as moved:
            assert self.state != "waiting" and (self.state, self.officer) != ("taken", officer)
            assert moved.state == self.state
            return
        if self.state == "waiting":
            self.state, self.officer, self.due = "taken", officer, self.now + PATIENCE
            self.notices += 1
        assert (self.state, self.officer) == ("taken", officer)

    @rule()
    def write(self) -> None:
        self.messages += 1
        with self.engine.begin() as connection:
            kept = cases.hear(connection, self._case(), f"m{self.messages}", "sealed", self.now, PATIENCE)
        assert kept is (self.state == "taken")
        if kept:
            self.kept += 1
            self.due = self.due or self.now + PATIENCE

    @rule(officer=st.sampled_from(["lan", "minh"]))
    def answer(self, officer: str) -> None:
        try:
            with self.engine.begin() as connection:
                cases.answer(connection, self._case().id, officer, TOLD, f"t{self.notices}", self.now)
        except CaseMoved:
            assert (self.state, self.officer) != ("taken", officer)
            return
        assert (self.state, self.officer) == ("taken", officer)
        self.due = None
        self.notices += 1

    @rule(officer=st.sampled_from(["lan", "minh"]), into=st.sampled_from(["handed_back", "closed"]))
    def finish(self, officer: str, into: str) -> None:
        may = (self.state, self.officer) == ("taken", officer) or (self.state == "waiting" and into == "closed")
        try:
            with self.engine.begin() as connection:
                cases.finish(connection, self._case().id, officer, into, self.now, TOLD)  # type: ignore[arg-type]
        except CaseMoved:
            assert not may
            return
        assert may
        self.state, self.officer, self.due, self.kept = into, officer, None, 0
        self.notices += 1

    @precondition(lambda self: self.is_open)
    @rule()
    def clock_strikes(self) -> None:
        is_late = self.state == "taken" and self.due is not None and self.due <= self.now
        with self.engine.begin() as connection:
            late = cases.overdue(connection, self.now)
            back = cases.put_back(connection, self._case().id, self.now, TOLD, ask_contact=False)
        assert (late == [self._case().id]) is is_late and back is is_late
        if is_late:
            self.state, self.officer, self.due = "waiting", "", None
            self.notices += 1

    @invariant()
    def the_database_agrees(self) -> None:
        if self.case is None:
            return
        with self.engine.connect() as connection:
            held = cases.case_of(connection, self.case.id)
            kept = connection.scalar(select(func.count()).where(HandoverMessage.handover == self.case.id))
            notices = connection.scalar(select(func.count()).where(HandoverNotice.handover == self.case.id))
            opened = cases.open_case_of(connection, ANN)
        assert (held.state, held.officer if self.state == "taken" else self.officer) == (self.state, self.officer)
        assert (held.answer_due, kept, notices) == (self.due, self.kept, self.notices)
        assert (opened is not None) is self.is_open

    def _case(self) -> Case:
        assert self.case is not None
        return self.case


def test_no_order_of_steps_breaks_a_case(template: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Counter.database = template
    run_state_machine_as_test(Counter, settings=settings(max_examples=25, stateful_step_count=25, deadline=None))
