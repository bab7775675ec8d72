"""A message is sent once, in order; what nobody knows is found out or said, and never simply repeated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.durable import alerts
from channels.durable.errors import LeaseLost
from channels.durable.model import Never, NotSent, Outcome, Sent, Terms, Unknown
from channels.durable.outbox import Call
from channels.durable.sweep import sweep
from tests.channels.durable.conftest import CHANNEL, Clock, Scene, arrival, outgoing

pytestmark = pytest.mark.anyio

CAUSE = "c" * 32


async def claim(scene: Scene, limit: int = 10) -> list[Call]:
    return await scene.outbox.claim([CHANNEL], limit)


async def take(scene: Scene) -> Call:
    [call] = await claim(scene)
    return call


def said(call: Call) -> str:
    return str(call.message.body["text"])


async def test_what_one_cause_gives_is_written_once_and_sent_in_order(scene: Scene) -> None:
    three = [outgoing("1"), outgoing("2"), outgoing("3")]
    await scene.outbox.send(CAUSE, three)
    await scene.outbox.send(CAUSE, three)
    for expected in "123":
        call = await take(scene)
        assert said(call) == expected and await claim(scene) == []
        await scene.outbox.note(call, Sent(f"m{expected}"))
    assert await claim(scene) == []
    assert scene.rows("SELECT state, message_id, sealed FROM durable_message ORDER BY number") == [
        ("sent", f"m{n}", "") for n in "123"
    ]


async def test_it_is_known_to_be_tried_before_it_is_sent(scene: Scene) -> None:
    await scene.outbox.send(CAUSE, [outgoing("1")])
    await take(scene)
    assert scene.rows("SELECT state, attempts FROM durable_message") == [("sending", 1)]


async def test_what_was_surely_not_taken_is_sent_again_before_the_next(scene: Scene, clock: Clock) -> None:
    await scene.outbox.send(CAUSE, [outgoing("1"), outgoing("2")])
    await scene.outbox.note(await take(scene), NotSent("503"))
    assert await claim(scene) == []
    clock.pass_by(seconds=2)
    again = await take(scene)
    assert said(again) == "1" and again.message.attempt == 2
    await scene.outbox.note(again, NotSent("429", retry_after=timedelta(minutes=5)))
    clock.pass_by(minutes=4.9)
    assert await claim(scene) == []
    clock.pass_by(minutes=0.1)
    assert said(await take(scene)) == "1"


@pytest.mark.parametrize(
    ("outcome", "state", "alert"),
    [
        (Never("-201"), "failed", alerts.MESSAGE_FAILED),
        (Never("-244", unreachable=True), "failed", ""),
        (None, "unknown", alerts.MESSAGE_UNKNOWN),
    ],
)
async def test_a_message_that_cannot_be_sent_does_not_hold_up_the_next(
    scene: Scene, clock: Clock, outcome: Outcome | None, state: str, alert: str
) -> None:
    await scene.outbox.send(CAUSE, [outgoing("1"), outgoing("2")])
    await scene.outbox.note(await take(scene), outcome)
    assert said(await take(scene)) == "2"
    assert scene.states("durable_message")[0] == state
    assert [found.kind for found in await scene.ground.run(alerts.open_alerts)] == ([alert] if alert else [])


async def test_a_message_that_is_never_taken_is_dead_at_last_and_the_next_goes_on(scene: Scene, clock: Clock) -> None:
    await scene.outbox.send(CAUSE, [outgoing("1"), outgoing("2")])
    for _ in range(scene.terms.attempts):
        clock.pass_by(minutes=11)
        await scene.outbox.note(await take(scene), NotSent("ConnectError"))
    assert said(await take(scene)) == "2"
    [alert] = await scene.ground.run(alerts.open_alerts)
    assert (alert.kind, alert.problem) == (alerts.MESSAGE_DEAD, "ConnectError")
    [[first]] = scene.rows("SELECT id FROM durable_message WHERE state = 'dead'")
    assert await scene.outbox.revive(first)
    assert not await scene.outbox.revive(f"{CAUSE}-1")


async def test_what_a_dead_worker_was_sending_is_asked_about_and_not_sent_again(scene: Scene, clock: Clock) -> None:
    await scene.outbox.send(CAUSE, [outgoing("1"), outgoing("2")])
    dead = await take(scene)
    clock.pass_by(seconds=31)
    call = await take(scene)
    assert call.is_settling and said(call) == "1" and call.message.tried_at == dead.message.tried_at
    with pytest.raises(LeaseLost):
        await scene.outbox.note(dead, Sent("m"))
    await scene.outbox.note(call, Sent("m"))
    following = await take(scene)
    assert said(following) == "2" and not following.is_settling


async def test_nobody_asks_while_the_call_may_still_be_on_its_way(scene: Scene, clock: Clock) -> None:
    scene.outbox._terms = Terms(lease=timedelta(seconds=1), settle_after=timedelta(seconds=10))
    await scene.outbox.send(CAUSE, [outgoing("1")])
    await take(scene)
    clock.pass_by(seconds=9)
    assert await claim(scene) == []
    clock.pass_by(seconds=1)
    assert (await take(scene)).is_settling


async def test_what_is_found_not_to_be_there_is_sent_again_at_once(scene: Scene, clock: Clock) -> None:
    await scene.outbox.send(CAUSE, [outgoing("1")])
    await scene.outbox.note(await take(scene), Unknown("ReadTimeout"))
    assert await claim(scene) == []
    clock.pass_by(seconds=10)
    call = await take(scene)
    assert call.is_settling
    await scene.outbox.note(call, NotSent("not there"))
    again = await take(scene)
    assert not again.is_settling and again.message.attempt == 2


async def test_a_channel_that_never_says_is_asked_a_few_times_and_then_a_person_is(scene: Scene, clock: Clock) -> None:
    await scene.outbox.send(CAUSE, [outgoing("1"), outgoing("2")])
    await scene.outbox.note(await take(scene), Unknown("ReadTimeout"))
    asked = 0
    while not await scene.ground.run(alerts.open_alerts):
        clock.pass_by(minutes=10)
        call = await take(scene)
        assert call.is_settling
        await scene.outbox.note(call, Unknown("ReadTimeout"))
        asked += 1
    assert asked == scene.terms.settles
    assert said(await take(scene)) == "2"
    assert await scene.outbox.revive(f"{CAUSE}-0")


async def test_who_blocked_us_is_known_to_be_gone_until_writing_again(scene: Scene) -> None:
    await scene.outbox.send(CAUSE, [outgoing("1")])
    await scene.outbox.note(await take(scene), Never("-244", unreachable=True))
    gone = "SELECT side FROM durable_lane WHERE unreachable_at IS NOT NULL"
    assert scene.rows(gone) == [("out",)]
    await scene.inbox.store(arrival("tôi đây"))
    assert scene.rows(gone) == []


async def test_what_is_old_is_deleted_and_what_waits_is_not(scene: Scene, clock: Clock) -> None:
    await scene.inbox.store(arrival("done"), arrival("waits", "bob"))
    clock.pass_by(seconds=2)
    for work in await scene.inbox.claim([CHANNEL], 10):
        if work.event.body["text"] == "done":
            await scene.inbox.finish(work, [outgoing("1")])
    await scene.outbox.note(await take(scene), Sent("m"))
    await scene.outbox.send(CAUSE, [outgoing("2", "bob")])
    await scene.ground.run(lambda connection: sweep(connection, clock() + timedelta(days=13), 14))
    assert len(scene.states("durable_event")) == len(scene.states("durable_message")) == 2
    await scene.ground.run(lambda connection: sweep(connection, clock() + timedelta(days=15), 14))
    assert scene.states("durable_event") == scene.states("durable_message") == ["waiting"]
    assert len(scene.rows("SELECT side FROM durable_lane")) == 2
    clock.pass_by(minutes=1)
    assert [work.event.body["text"] for work in await scene.inbox.claim([CHANNEL], 10)] == ["waits"]
    assert [said(call) for call in await claim(scene)] == ["2"]
