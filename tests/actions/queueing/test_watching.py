"""Everybody is told once, whatever happens in between."""

from __future__ import annotations

import gc
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

from actions.queueing.watching import Teller
from channels.notices import WebNotices
from channels.tables import ChatMessage, ChatNotice, ChatSession
from knowledge.counters.errors import NotOpen
from knowledge.counters.model import Person
from motcua.database import Base
from motcua.notice import Notice, Outcome
from tests.knowledge.counters.conftest import MONDAY, Clock, Hall, at, counter, person

TUESDAY = MONDAY + timedelta(days=1)
ANN = Person("a" * 32)


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
        return [(notice.person.removeprefix("person-"), notice.template) for notice in self.given.values()]


class Scene:
    """A hall and a teller over one database."""

    def __init__(self, engine: Engine) -> None:
        self.hall = Hall(engine, counter(slot_places=9))
        self.channel = Pigeons()
        self.teller = self.another()

    @property
    def clock(self) -> Clock:
        return self.hall.clock

    def another(self, channels: Any = None) -> Teller:
        hall = self.hall
        return Teller(
            hall.engine, hall.queues, hall.appointments, channels or {"web": self.channel}, now=self.hall.clock
        )

    def call(self) -> None:
        self.hall.queues.next(self.hall.first)


@pytest.fixture
def scene(either: Engine) -> Scene:
    return Scene(either)


def test_the_next_two_are_told_once_each(scene: Scene) -> None:
    scene.hall.take("a", "b", "c", "d")
    assert scene.teller.watch_once().sent == 0
    scene.call()
    assert scene.teller.watch_once().sent == 2
    assert scene.teller.watch_once().sent == 0
    scene.call()
    assert scene.teller.watch_once().sent == 1
    assert [who for who, _ in scene.channel.told] == ["b", "c", "d"]
    first, second, _ = scene.channel.given.values()
    assert "trước anh/chị còn 1 người, số 2" in first.reply.text
    assert "trước anh/chị còn 2 người, số 3" in second.reply.text
    assert first.fields == {"number": "2", "counter": "Quầy 1", "centre": "Trung tâm Mây"}


def test_who_was_called_or_left_before_it_was_told_hears_nothing(scene: Scene) -> None:
    scene.hall.take("a", "b", "c", "d")
    scene.call()
    scene.call()
    scene.hall.queues.cancel(person("c"), scene.hall.queues.held_by(person("c"))[0].ticket.id)
    assert scene.teller.watch_once().sent == 1
    assert [who for who, _ in scene.channel.told] == ["d"]


def test_who_went_back_into_the_queue_is_told_again(scene: Scene) -> None:
    scene.hall.take("a", "b")
    scene.call()
    scene.teller.watch_once()
    scene.call()
    scene.hall.queues.next(scene.hall.first, absent=True)
    (missed,) = scene.hall.queues.board(scene.hall.first).missed
    scene.hall.take("c")
    scene.hall.queues.put_back(missed.id)
    scene.call()
    scene.teller.watch_once()
    assert [who for who, _ in scene.channel.told] == ["b", "b"]


def test_an_appointment_is_reminded_of_on_the_eve_once(scene: Scene) -> None:
    scene.hall.appointments.book(person("a"), scene.hall.first, at(9, day=TUESDAY))
    scene.clock.set(16, 59)
    assert scene.teller.watch_once().reminders == 0
    scene.clock.set(17)
    done = scene.teller.watch_once()
    assert (done.reminders, done.sent) == (1, 1)
    assert scene.teller.watch_once().sent == 0
    (notice,) = scene.channel.given.values()
    assert "9 giờ, thứ Ba 24/11/2026" in notice.reply.text and notice.template == "appointment_reminder"


def test_a_moved_one_is_reminded_of_at_its_new_time_and_a_cancelled_one_not(scene: Scene) -> None:
    hall = scene.hall
    moved = hall.appointments.book(person("a"), hall.first, at(9, day=TUESDAY))
    gone = hall.appointments.book(person("b"), hall.first, at(9, day=TUESDAY))
    scene.clock.set(17)
    hall.due.note_reminders(scene.clock())
    hall.appointments.move(person("a"), moved.id, at(9, day=TUESDAY + timedelta(days=1)))
    hall.appointments.cancel(person("b"), gone.id)
    assert scene.teller.watch_once().sent == 0
    scene.clock.set(17, day=TUESDAY)
    assert scene.teller.watch_once().sent == 1
    assert "thứ Tư" in next(iter(scene.channel.given.values())).reply.text


def test_at_night_reminders_wait_but_a_moving_queue_does_not(scene: Scene) -> None:
    hall = scene.hall
    hall.appointments.book(person("a"), hall.first, at(9, day=TUESDAY))
    scene.clock.set(22)
    assert scene.teller.watch_once().sent == 0
    scene.clock.set(7, day=TUESDAY)
    assert scene.teller.watch_once().sent == 1


def test_a_reminder_that_nobody_could_send_before_it_began_is_dropped(scene: Scene) -> None:
    hall = scene.hall
    hall.appointments.book(person("a"), hall.first, at(9, day=TUESDAY))
    scene.channel.outcome = Outcome.LATER
    scene.clock.set(17)
    assert scene.teller.watch_once().later == 1
    scene.channel.outcome = Outcome.SENT
    scene.clock.set(9, day=TUESDAY)
    assert scene.teller.watch_once().sent == 0


def test_a_channel_that_cannot_now_is_asked_again_ten_seconds_later(scene: Scene) -> None:
    scene.hall.take("a", "b")
    scene.channel.outcome = Outcome.LATER
    scene.call()
    assert scene.teller.watch_once().later == 1
    scene.channel.outcome = Outcome.SENT_AS_TEMPLATE
    assert scene.teller.watch_once().sent == 0
    scene.clock.pass_by(1 / 6)
    assert scene.teller.watch_once().sent == 1


def test_who_cannot_be_reached_is_not_tried_again_and_keeps_the_place(scene: Scene) -> None:
    scene.hall.take("a", "b")
    scene.channel.outcome = Outcome.UNREACHABLE
    scene.call()
    assert scene.teller.watch_once().unreachable == 1
    assert scene.teller.watch_once().unreachable == 0
    assert scene.hall.queues.length(scene.hall.first) == (1, 1)


def test_a_day_that_is_over_is_closed_and_who_waited_hears_of_it(scene: Scene) -> None:
    scene.hall.take("a", "b")
    scene.clock.set(18)
    done = scene.teller.watch_once()
    assert (done.closed, done.sent) == (1, 2)
    assert scene.channel.told == [("a", "queue_closed"), ("b", "queue_closed")]
    assert scene.teller.watch_once().sent == 0


def test_a_channel_that_is_not_here_is_left_to_another_teller(scene: Scene) -> None:
    scene.hall.queues.take(Person("x", "zalo"), scene.hall.first)
    scene.hall.queues.take(Person("y", "zalo"), scene.hall.first)
    scene.call()
    assert scene.teller.watch_once().sent == 0
    zalo = Pigeons()
    assert scene.another({"zalo": zalo}).watch_once().sent == 1


def test_of_who_is_gone_nothing_is_kept_but_the_place(scene: Scene) -> None:
    scene.hall.take("a", "b")
    scene.hall.appointments.book(person("b"), scene.hall.first, at(9))
    scene.channel.away = {"person-b"}
    assert scene.teller.watch_once().forgotten == 2
    assert scene.hall.queues.length(scene.hall.first) == (0, 2)
    with scene.hall.engine.connect() as connection:
        for table in ("counter_ticket", "counter_appointment"):
            kept = connection.execute(text(f"SELECT count(*) FROM {table} WHERE person = 'person-b'")).scalar()
            assert kept == 0


def test_what_is_old_is_deleted(scene: Scene) -> None:
    scene.hall.take("a", "b")
    scene.call()
    scene.hall.appointments.book(person("b"), scene.hall.first, at(9))
    scene.clock.set(9, day=MONDAY + timedelta(days=92))
    assert scene.teller.watch_once().forgotten == 3
    with scene.hall.engine.connect() as connection:
        for table in ("counter_ticket", "counter_appointment", "counter_notice", "counter_day"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_tellers_side_by_side_tell_once(scene: Scene) -> None:
    scene.hall.take(*range(12))
    for _ in range(10):
        scene.call()
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(lambda teller: teller.watch_once(), [scene.another() for _ in range(3)]))
    told = [who for who, _ in scene.channel.told]
    assert told == [str(n) for n in range(1, 12)]


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


def test_killed_at_any_step_nothing_is_lost_and_nothing_doubled(either: Engine) -> None:
    # The real channel of the web, whose steps are killed too, and the counter's own "next".
    web = [Base.metadata.tables[row.__tablename__] for row in (ChatSession, ChatMessage, ChatNotice)]
    Base.metadata.drop_all(either, tables=web)
    Base.metadata.create_all(either, tables=web)
    now = datetime.now(UTC)
    row = {"id": ANN.account, "token_sha256": "", "created_at": now, "expires_at": now + timedelta(days=1)}
    with either.begin() as connection:
        connection.execute(insert(ChatSession).values(row))
    scene = Scene(either)
    hall = scene.hall
    teller = scene.another({"web": WebNotices(either)})
    teller.watch_once()
    expected = 0
    # Steps of all kinds, since a commit is one of them and a statement two.
    for step in count(1, 3 if either.dialect.name == "sqlite" else 7):
        # A day of its own each time: a number that comes close, and an appointment whose eve it is.
        today = hall.clock.at.date() + timedelta(days=7)
        hall.clock.set(8, day=today)
        hall.take(f"first-{step}")
        hall.queues.take(ANN, hall.first)
        hall.appointments.book(ANN, hall.first, at(9, day=today + timedelta(days=1)))
        hall.clock.set(16, 59, day=today)
        expected += 2
        with killed_at(either, step) as passed, suppress(Killed):
            hall.queues.next(hall.first, seen=0)
            hall.clock.set(17, day=today)
            teller.watch_once()
        # A process that ends lets go of its cursors and connections, and with them of what it had not committed.
        gc.collect()
        either.dispose()
        with suppress(NotOpen):
            hall.queues.next(hall.first, seen=0)
        hall.clock.set(17, day=today)
        teller.watch_once()
        teller.watch_once()
        assert len(in_history(either)) == expected, f"killed at step {step}"
        if passed[0] < step:
            break
        hall.appointments.cancel(ANN, hall.appointments.held_by(ANN)[0].id)
        hall.queues.close(hall.first)
        with either.begin() as connection:
            # The end of the day is told too; here only the two others are counted.
            connection.execute(text("UPDATE counter_notice SET done_at = made_at WHERE done_at IS NULL"))
    assert step > 40
    assert sum("Sắp tới lượt" in said for said in in_history(either)) == expected // 2
    Base.metadata.drop_all(either, tables=web)


def in_history(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT replies FROM chat_message ORDER BY number")).scalars()
        return [json.loads(row)[0]["text"] for row in rows]


def test_a_database_that_fails_does_not_end_the_watch(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.hall.take("a", "b")
    scene.call()
    with scene.hall.engine.begin() as connection:
        connection.execute(text("ALTER TABLE counter_notice RENAME TO counter_notice_away"))
    stop = threading.Event()
    watch = threading.Thread(target=scene.teller.watch, args=(stop, timedelta(milliseconds=10)))
    watch.start()
    deadline = datetime.now(UTC) + timedelta(seconds=60)
    while "a pass was not finished" not in caplog.text and datetime.now(UTC) < deadline:
        threading.Event().wait(0.02)
    with scene.hall.engine.begin() as connection:
        connection.execute(text("ALTER TABLE counter_notice_away RENAME TO counter_notice"))
    while not scene.channel.given and datetime.now(UTC) < deadline:
        threading.Event().wait(0.02)
    stop.set()
    watch.join(20)
    assert not watch.is_alive() and len(scene.channel.given) == 1
    assert "a pass was not finished" in caplog.text and "person-" not in caplog.text
