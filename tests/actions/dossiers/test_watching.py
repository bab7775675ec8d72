"""One notice per change and follower, whatever happens in between."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, text

from actions.dossiers.chain import DossierChain
from actions.dossiers.codes import DossierCode
from actions.dossiers.following import Followers
from actions.dossiers.model import DossierState
from actions.dossiers.sql_source import SqlDossiers
from actions.dossiers.watching import Quiet, Watcher
from channels.notices import WebNotices
from channels.tables import ChatSession
from motcua.notice import Notice, Outcome
from tests.actions.dossiers.conftest import CODE, KEYS, OTHER, Ask, Write, dossier
from tests.simulators.dossier_system import RECORD, DossierSystemSimulator, Fault

ANN, BOB = "a" * 32, "b" * 32
PROCESSING, SUPPLEMENT, FINISHED = DossierState.PROCESSING, DossierState.SUPPLEMENT_NEEDED, DossierState.FINISHED
MORNING = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # 10:00 in Vietnam


@dataclass
class Clock:
    """A time that stands still until it is moved."""

    at: datetime = MORNING

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Pigeons:
    """A channel that keeps what it is given, once; `outcome` says how it goes at present."""

    outcome: Outcome = Outcome.SENT
    given: dict[str, Notice] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)

    def deliver(self, notice: Notice) -> Outcome:
        if self.outcome in (Outcome.SENT, Outcome.SENT_AS_TEMPLATE):
            self.given.setdefault(notice.id, notice)
        return self.outcome

    def gone(self, persons: Collection[str]) -> set[str]:
        return self.away & set(persons)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(notice.person, notice.fields.get("state", "")) for notice in self.given.values()]


class Scene:
    """A table of dossiers, followers and a watcher over one database."""

    def __init__(self, engine: Engine, known: SqlDossiers, write: Write) -> None:
        self.engine, self.known, self.write = engine, known, write
        self.clock, self.channel = Clock(), Pigeons()
        self.followers = Followers(engine, KEYS)
        self.chain = DossierChain(KEYS, known=known)
        self.watcher = self.another()

    def another(self, **values: Any) -> Watcher:
        usual: dict[str, Any] = {"now": self.clock}
        return Watcher(self.engine, self.chain, {"web": self.channel}, **(usual | values))

    def becomes(self, state: DossierState, code: DossierCode = CODE, **values: Any) -> None:
        self.write(dossier(code, state, **values))


@pytest.fixture
def scene(engine: Engine, known: SqlDossiers, write: Write) -> Scene:
    made = Scene(engine, known, write)
    made.becomes(PROCESSING)
    return made


def test_each_follower_is_told_of_each_change_once(scene: Scene) -> None:
    for person in (ANN, BOB):
        scene.followers.follow(person, dossier())
    scene.watcher.watch_once()
    assert scene.channel.told == []
    scene.becomes(SUPPLEMENT)
    done = scene.watcher.watch_once()
    assert (done.made, done.sent, done.problem) == (2, 2, "")
    assert scene.watcher.watch_once().made == 0
    scene.becomes(PROCESSING)
    scene.watcher.watch_once()
    assert sorted(person for person, _ in scene.channel.told) == [ANN, ANN, BOB, BOB]
    assert [state for person, state in scene.channel.told if person == ANN] == [
        "cần bổ sung giấy tờ",
        "đang được giải quyết",
    ]


def test_a_change_between_the_look_up_and_the_wish_is_not_missed(scene: Scene) -> None:
    seen = dossier(as_of=datetime.now(UTC) - timedelta(minutes=5))
    scene.becomes(SUPPLEMENT)
    scene.watcher.watch_once()
    scene.followers.follow(ANN, seen)
    scene.watcher.watch_once()
    assert len(scene.channel.told) == 1


def test_other_dossiers_and_other_news_of_the_same_state_are_not_told(scene: Scene) -> None:
    scene.followers.follow(ANN, dossier())
    scene.watcher.watch_once()
    scene.becomes(SUPPLEMENT, OTHER)
    scene.becomes(PROCESSING, in_charge_step="Thẩm định")
    scene.becomes(DossierState.UNKNOWN, state_text="Chờ ký số")
    scene.watcher.watch_once()
    assert scene.channel.told == []


def test_older_news_than_what_the_person_was_told_is_none(scene: Scene) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    scene.followers.follow(ANN, dossier(state=SUPPLEMENT, as_of=later))
    scene.watcher.watch_once()
    assert scene.channel.told == []


def test_the_end_of_a_dossier_ends_the_following(scene: Scene) -> None:
    scene.followers.follow(ANN, dossier())
    scene.becomes(FINISHED)
    scene.watcher.watch_once()
    assert scene.followers.following(ANN) == 0
    scene.becomes(DossierState.RETURNED)
    scene.watcher.watch_once()
    assert len(scene.channel.told) == 1
    with scene.engine.connect() as connection:
        left = connection.execute(text("SELECT reply, code_sealed FROM dossier_notice, dossier_follower")).all()
    assert left == [("", "")]


def test_who_stopped_is_told_nothing_not_even_what_was_on_its_way(scene: Scene) -> None:
    scene.followers.follow(ANN, dossier())
    scene.followers.follow(BOB, dossier())
    scene.clock.at = MORNING + timedelta(hours=12)
    scene.becomes(SUPPLEMENT)
    assert scene.watcher.watch_once().made == 2
    scene.followers.stop(ANN)
    scene.clock.at = MORNING + timedelta(hours=24)
    scene.becomes(PROCESSING)
    scene.watcher.watch_once()
    assert [person for person, _ in scene.channel.told] == [BOB, BOB]


def test_at_night_everything_waits_for_seven_o_clock(scene: Scene) -> None:
    scene.followers.follow(ANN, dossier())
    scene.clock.at = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    scene.becomes(SUPPLEMENT)
    assert (scene.watcher.watch_once().made, scene.channel.told) == (1, [])
    scene.clock.at = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)
    assert scene.watcher.watch_once().sent == 0
    scene.clock.at = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    assert scene.watcher.watch_once().sent == 1


@pytest.mark.parametrize(
    ("quiet", "hours"),
    [(Quiet(), [*range(7), 21, 22, 23]), (Quiet(12, 14), [12, 13]), (Quiet(5, 5), [])],
)
def test_quiet_hours_are_vietnams(quiet: Quiet, hours: list[int]) -> None:
    midnight = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
    assert [hour for hour in range(24) if quiet.holds(midnight + timedelta(hours=hour))] == hours


def test_a_channel_that_cannot_now_is_asked_again_later_and_in_order(scene: Scene) -> None:
    scene.followers.follow(ANN, dossier())
    scene.channel.outcome = Outcome.LATER
    scene.becomes(SUPPLEMENT)
    assert scene.watcher.watch_once().later == 1
    scene.channel.outcome = Outcome.SENT_AS_TEMPLATE
    scene.becomes(PROCESSING)
    assert scene.watcher.watch_once().sent == 0
    scene.clock.at += timedelta(minutes=1)
    assert scene.watcher.watch_once().sent == 2
    assert [state for _, state in scene.channel.told] == ["cần bổ sung giấy tờ", "đang được giải quyết"]


def test_who_cannot_be_reached_is_written_to_no_more(scene: Scene) -> None:
    scene.followers.follow(ANN, dossier())
    scene.channel.outcome = Outcome.UNREACHABLE
    scene.becomes(SUPPLEMENT)
    assert scene.watcher.watch_once().unreachable == 1
    assert scene.followers.following(ANN) == 0
    scene.becomes(PROCESSING)
    assert scene.watcher.watch_once().made == 0


def test_nothing_is_kept_of_who_is_gone_or_stopped_long_ago(scene: Scene) -> None:
    for person in (ANN, BOB):
        scene.followers.follow(person, dossier())
    scene.followers.stop(BOB)
    scene.becomes(SUPPLEMENT)
    scene.clock.at = MORNING + timedelta(hours=12)
    scene.watcher.watch_once()
    scene.channel.away = {ANN}
    assert scene.watcher.watch_once().gone == 1
    scene.clock.at = datetime.now(UTC) + timedelta(days=31)
    scene.watcher.watch_once()
    with scene.engine.connect() as connection:
        for table in ("dossier_follower", "dossier_notice"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_many_changes_at_once_are_all_found(scene: Scene) -> None:
    codes = [DossierCode(f"H49.18-261105-{n:04}") for n in range(1200)]
    scene.write(*(dossier(code) for code in codes))
    for code in (codes[0], codes[700], codes[-1]):
        scene.followers.follow(ANN, dossier(code))
    scene.watcher.watch_once()
    scene.write(*(dossier(code, SUPPLEMENT) for code in codes))
    assert scene.watcher.watch_once().sent == 3


def test_watchers_side_by_side_tell_once(scene: Scene) -> None:
    people = [f"{n:032x}" for n in range(10)]
    for person in people:
        scene.followers.follow(person, dossier())
    scene.watcher.watch_once()
    for state in (SUPPLEMENT, PROCESSING, SUPPLEMENT):
        scene.becomes(state)
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(lambda watcher: watcher.watch_once(), [scene.another() for _ in range(3)]))
        scene.watcher.watch_once()
    assert sorted(person for person, _ in scene.channel.told) == sorted(people * 3)


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed_at(engine: Engine, step: int) -> Iterator[list[int]]:
    """Ends the work at the given step; steps are the beginning and the end of statements, and commits."""
    passed = [0]

    def strike(*_: object) -> None:
        passed[0] += 1
        if passed[0] == step:
            raise Killed

    names = ("before_cursor_execute", "after_cursor_execute", "commit")
    for name in names:
        event.listen(engine, name, strike)
    try:
        yield passed
    finally:
        for name in names:
            event.remove(engine, name, strike)


@pytest.mark.parametrize("with_the_end", [False, True], ids=["changing", "finishing"])
def test_killed_at_any_step_nothing_is_lost_and_nothing_doubled(scene: Scene, with_the_end: bool) -> None:
    # The real channel of the web, whose steps are killed too.
    now = datetime.now(UTC)
    row = {"id": ANN, "token_sha256": "", "created_at": now, "expires_at": now + timedelta(days=1)}
    with scene.engine.begin() as connection:
        connection.execute(insert(ChatSession).values(row))
    watcher = Watcher(scene.engine, scene.chain, {"web": WebNotices(scene.engine)}, now=scene.clock)
    scene.followers.follow(ANN, dossier())
    watcher.watch_once()
    expected = []
    for step in count(1):
        if with_the_end:
            scene.becomes(PROCESSING)
            watcher.watch_once()
            scene.followers.follow(ANN, dossier())
            state = FINISHED
        else:
            state = SUPPLEMENT if step % 2 else PROCESSING
        scene.becomes(state)
        expected.append(state)
        with killed_at(scene.engine, step) as passed, suppress(Killed):
            watcher.watch_once()
        watcher.watch_once()
        watcher.watch_once()
        assert len(_in_history(scene.engine)) == len(expected), f"killed at step {step}"
        if passed[0] < step:
            break
    assert step > 30
    words = {SUPPLEMENT: "bổ sung giấy tờ", PROCESSING: "đang được giải quyết", FINISHED: "đã xử lý xong"}
    for said, state in zip(_in_history(scene.engine), expected, strict=True):
        assert words[state] in said


def _in_history(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT replies FROM chat_message ORDER BY number")).scalars()
        return [json.loads(row)[0]["text"] for row in rows]


def test_a_database_that_fails_does_not_end_the_watch(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    with scene.engine.begin() as connection:
        connection.execute(text("DROP TABLE dossier_notice"))
    stop = threading.Event()
    watch = threading.Thread(target=scene.watcher.watch, args=(stop, timedelta(milliseconds=10)))
    scene.followers.follow(ANN, dossier())
    scene.becomes(SUPPLEMENT)
    watch.start()
    threading.Event().wait(0.2)
    assert watch.is_alive()
    stop.set()
    watch.join(5)
    assert not watch.is_alive()
    assert "a pass was not finished" in caplog.text and CODE.value not in caplog.text


class TestALiveSystem:
    """The province's system, with and without a list of changes."""

    @pytest.fixture
    def live(self, engine: Engine, known: SqlDossiers, write: Write, ask: Ask) -> Scene:
        made = Scene(engine, known, write)
        made.chain = DossierChain(KEYS, live=ask(0.5), known=known)
        return made

    def _follow(self, scene: Scene) -> None:
        found = scene.chain.look_up(CODE).dossier
        assert found is not None
        scene.followers.follow(ANN, found)

    def test_its_list_is_followed(self, live: Scene, system: DossierSystemSimulator) -> None:
        watcher = live.another()
        self._follow(live)
        watcher.watch_once()
        _turn(system, "Yêu cầu bổ sung")
        watcher.watch_once()
        assert [state for _, state in live.channel.told] == ["cần bổ sung giấy tờ"]

    def test_without_a_list_each_followed_dossier_is_looked_up_from_time_to_time(
        self, live: Scene, system: DossierSystemSimulator, ask: Ask, system_map: Any, known: SqlDossiers
    ) -> None:
        no_list = system_map.model_copy(update={"changes": system_map.changes.model_copy(update={"path": ""})})
        live.chain = DossierChain(KEYS, live=ask(0.5, no_list), known=known)
        watcher = live.another(look_every=timedelta(minutes=30))
        self._follow(live)
        watcher.watch_once()
        _turn(system, "Yêu cầu bổ sung")
        assert watcher.watch_once().made == 0
        live.clock.at += timedelta(minutes=30)
        watcher.watch_once()
        watcher.watch_once()
        assert [state for _, state in live.channel.told] == ["cần bổ sung giấy tờ"]

    def test_without_list_and_table_it_is_only_looked_up_and_nothing_is_wrong(
        self, live: Scene, system: DossierSystemSimulator, ask: Ask, system_map: Any
    ) -> None:
        no_list = system_map.model_copy(update={"changes": system_map.changes.model_copy(update={"path": ""})})
        live.chain = DossierChain(KEYS, live=ask(0.5, no_list))
        watcher = live.another(look_every=timedelta(0))
        self._follow(live)
        _turn(system, "Yêu cầu bổ sung")
        done = watcher.watch_once()
        assert (done.sent, done.problem, watcher.watch_once().made) == (1, "", 0)

    @pytest.mark.parametrize(
        "fault", [Fault.ERROR, Fault.HTML, Fault.TRUNCATED, Fault.UNKNOWN_STATE, Fault.SOMEBODY_ELSE, Fault.HTML_404]
    )
    def test_a_fault_of_the_system_is_never_told_as_a_change(
        self, live: Scene, system: DossierSystemSimulator, fault: Fault
    ) -> None:
        watcher = live.another(look_every=timedelta(0))
        self._follow(live)
        watcher.watch_once()
        system.fault = fault
        watcher.watch_once()
        system.fault = Fault.NONE
        watcher.watch_once()
        assert live.channel.told == []

    def test_who_asked_is_told_once_that_it_is_back_and_nobody_that_it_is_down(
        self, live: Scene, system: DossierSystemSimulator, ask: Ask
    ) -> None:
        # Each pass gets a client of its own: how long one is left alone after failures is the breaker's business.
        self._follow(live)
        live.followers.tell_when_back(BOB, OTHER)
        system.fault = Fault.ERROR
        for _ in range(2):
            live.chain = DossierChain(KEYS, live=ask(0.5), known=live.known)
            live.another(look_every=timedelta(0)).watch_once()
        assert live.channel.told == []
        system.fault = Fault.NONE
        for _ in range(2):
            live.chain = DossierChain(KEYS, live=ask(0.5), known=live.known)
            live.another(look_every=timedelta(0)).watch_once()
        assert [(notice.person, notice.template) for notice in live.channel.given.values()] == [(BOB, "source_back")]
        assert live.followers.tell_when_back(BOB, OTHER)
        live.another().watch_once()
        assert len(live.channel.given) == 2


def _turn(system: DossierSystemSimulator, state: str) -> None:
    record = {**RECORD, "state": state, "state_changed_at": datetime.now(UTC).isoformat()}
    system.records = {RECORD["code"]: record}
