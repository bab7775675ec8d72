"""Whatever comes in whatever order – events, answers, failures, deaths – the same things stay true."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from channels.durable.errors import LeaseLost
from channels.durable.inbox import Work
from channels.durable.model import Never, NotSent, Outcome, Sent, Terms, Unknown
from channels.durable.outbox import Call
from tests.channels.durable.conftest import CHANNEL, Clock, Scene, arrival, in_memory, outgoing

PEOPLE = ("ann", "bob", "cat")
TERMS = Terms(window=timedelta(seconds=1), lease=timedelta(seconds=30), attempts=4, settles=2)
ENDS = ("finish", "put off", "bury", "give back", "die")
OUTCOMES: list[Outcome | None] = [
    Sent("m"),
    NotSent("503"),
    NotSent("429", timedelta(minutes=3)),
    Never("-201"),
    Never("-244", unreachable=True),
    Unknown("ReadTimeout"),
    None,
]


class Machine(RuleBasedStateMachine):
    """Plays the channel, its workers and time; work in hand may be finished, dropped (a death), or finished late."""

    def __init__(self) -> None:
        super().__init__()
        self.engine, self.clock = in_memory(), Clock()
        self.scene = Scene(self.engine, self.clock, TERMS)
        self.works: list[Work] = []
        self.calls: list[tuple[Call, datetime]] = []
        self.stored: set[str] = set()
        self.answered: list[str] = []
        self.taken_by_channel: list[str] = []

    def do(self, work: Any) -> Any:
        return asyncio.run(work)

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 15))
    def an_event_comes(self, who: str, number: int) -> None:
        key = f"{who}/{number}"
        new = self.do(self.scene.inbox.store(arrival(str(number), who, ms=number)))
        assert new == (key not in self.stored)
        self.stored.add(key)

    @rule(seconds=st.sampled_from([0.3, 1, 5, 40, 700]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_by(seconds=seconds)

    @rule(limit=st.integers(1, 3))
    def a_worker_takes_events(self, limit: int) -> None:
        self.works += self.do(self.scene.inbox.claim([CHANNEL], limit))

    @rule(limit=st.integers(1, 3))
    def a_worker_takes_messages(self, limit: int) -> None:
        self.calls += [(call, self.clock.at) for call in self.do(self.scene.outbox.claim([CHANNEL], limit))]

    @precondition(lambda self: self.works)
    @rule(
        data=st.data(), parts=st.integers(0, 2), how=st.sampled_from(["finish", "put off", "bury", "give back", "die"])
    )
    def an_event_is_worked_at(self, data: st.DataObject, parts: int, how: str) -> None:
        work = self.works.pop(data.draw(st.integers(0, len(self.works) - 1)))
        who, said = work.event.address.conversation, work.event.body["text"]
        answer = [outgoing(f"{said}.{part}", who) for part in range(parts)]
        try:
            if how == "finish":
                self.do(self.scene.inbox.finish(work, answer))
                self.answered.append(work.event.id)
            elif how == "put off":
                self.do(self.scene.inbox.put_off(work, "Busy", meanwhile=answer[:1]))
            elif how == "bury":
                self.do(self.scene.inbox.bury(work, "Broken", answer))
                self.answered.append(work.event.id)
            elif how == "give back":
                self.do(self.scene.inbox.give_back(work))
        except LeaseLost:
            pass

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES), dies=st.booleans())
    def a_message_is_worked_at(self, data: st.DataObject, outcome: Outcome | None, dies: bool) -> None:
        call, taken_at = self.calls.pop(data.draw(st.integers(0, len(self.calls) - 1)))
        if self.clock.at >= taken_at + TERMS.lease:
            return  # A worker lets go of what it holds no longer.
        if isinstance(outcome, Sent) and not call.is_settling:
            self.taken_by_channel.append(call.message.id)
        elif call.is_settling and isinstance(outcome, Sent | NotSent):
            # Who finds out tells the truth.
            outcome = Sent("m") if call.message.id in self.taken_by_channel else NotSent("not there")
        if dies:
            return
        with suppress(LeaseLost):
            self.do(self.scene.outbox.note(call, outcome))

    @invariant()
    def nothing_is_answered_twice(self) -> None:
        assert len(self.answered) == len(set(self.answered))

    @invariant()
    def nothing_is_taken_by_the_channel_twice(self) -> None:
        assert len(self.taken_by_channel) == len(set(self.taken_by_channel))

    @invariant()
    def what_waits_is_looked_at_by_somebody(self) -> None:
        for table, side in (("durable_event", "in"), ("durable_message", "out")):
            forgotten = self.scene.rows(
                f"SELECT 1 FROM {table} AS one LEFT JOIN durable_lane AS lane"
                f" ON lane.conversation = one.conversation AND lane.side = '{side}'"
                " WHERE one.done_at IS NULL AND lane.due_at IS NULL"
            )
            assert forgotten == []

    @invariant()
    def what_is_done_holds_nothing_of_anybody(self) -> None:
        assert self.scene.rows("SELECT 1 FROM durable_event WHERE state = 'done' AND sealed <> ''") == []
        assert self.scene.rows("SELECT 1 FROM durable_message WHERE state = 'sent' AND sealed <> ''") == []

    def teardown(self) -> None:
        for _ in range(400):
            self.clock.pass_by(minutes=20)
            works = self.do(self.scene.inbox.claim([CHANNEL], 10))
            for work in works:
                self.do(self.scene.inbox.finish(work, []))
            calls = self.do(self.scene.outbox.claim([CHANNEL], 10))
            for call in calls:
                self.do(self.scene.outbox.note(call, Sent("m")))
            if not works and not calls:
                break
        assert self.scene.rows("SELECT 1 FROM durable_event WHERE done_at IS NULL") == []
        assert self.scene.rows("SELECT 1 FROM durable_message WHERE done_at IS NULL") == []
        assert len(self.scene.rows("SELECT 1 FROM durable_event")) == len(self.stored)
        assert self.scene.rows("SELECT 1 FROM durable_lane WHERE due_at IS NOT NULL OR lease <> ''") == []
        self.scene.ground.close()
        self.engine.dispose()


TestMachine = pytest.mark.timeout(300)(Machine.TestCase)
TestMachine.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
