"""Events are stored once, come in order, one conversation at a time, and are never lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from channels.durable import alerts
from channels.durable.errors import LeaseLost
from channels.durable.inbox import Work
from channels.durable.model import Outgoing, Terms
from channels.durable.seal import Seal
from channels.errors import StorageUnavailable
from tests.channels.durable.conftest import CHANNEL, START, Clock, Scene, arrival, outgoing

pytestmark = pytest.mark.anyio


async def claim(scene: Scene, limit: int = 10) -> list[Work]:
    return await scene.inbox.claim([CHANNEL], limit)


def said(works: list[Work]) -> list[str]:
    return [work.event.body["text"] for work in works]


async def test_an_event_that_comes_again_is_dropped_before_and_after_its_answer(scene: Scene, clock: Clock) -> None:
    assert await scene.inbox.store(arrival("a")) == 1
    assert await scene.inbox.store(arrival("a")) == 0
    clock.pass_by(seconds=2)
    [work] = await claim(scene)
    await scene.inbox.finish(work, [])
    assert await scene.inbox.store(arrival("a"), arrival("b")) == 1
    assert scene.counts.all()["duplicates"] == 2


async def test_two_copies_at_the_same_time_are_one(scene: Scene) -> None:
    new = await asyncio.gather(*(scene.inbox.store(arrival("a")) for _ in range(10)))
    assert sorted(new) == [0] * 9 + [1]


async def test_the_same_key_in_another_account_is_another_event(scene: Scene) -> None:
    there = arrival("a", key="k")
    other = type(there)(type(there.address)(CHANNEL, "other loft", "ann"), there.key, there.sent_at, there.body)
    assert await scene.inbox.store(there, other) == 2


async def test_what_comes_out_of_order_within_the_window_is_put_in_order(scene: Scene, clock: Clock) -> None:
    await scene.inbox.store(arrival("second", ms=20))
    clock.pass_by(seconds=0.9)
    await scene.inbox.store(arrival("first", ms=10))
    assert await claim(scene) == []
    clock.pass_by(seconds=0.1)
    [work] = await claim(scene)
    assert said([work]) == ["first"] and work.event.sent_at == START + timedelta(milliseconds=10)
    await scene.inbox.finish(work, [])
    assert said(await claim(scene)) == ["second"]


async def test_one_conversation_is_in_one_pair_of_hands_and_others_go_on(scene: Scene, clock: Clock) -> None:
    for who in ("ann", "bob", "cat"):
        await scene.inbox.store(arrival("1", who), arrival("2", who, ms=1))
    clock.pass_by(seconds=2)
    works = await claim(scene, 2) + await claim(scene, 2)
    assert said(works) == ["1"] * 3
    assert await claim(scene) == []
    await scene.inbox.finish(works[0], [])
    assert said(await claim(scene)) == ["2"]


async def test_what_a_dead_worker_had_in_hand_is_taken_up_and_it_can_change_nothing(scene: Scene, clock: Clock) -> None:
    await scene.inbox.store(arrival("a"))
    clock.pass_by(seconds=2)
    [dead] = await claim(scene)
    clock.pass_by(seconds=29)
    assert await claim(scene) == []
    clock.pass_by(seconds=2)
    [living] = await claim(scene)
    assert (living.event.id, living.event.attempt) == (dead.event.id, 2)
    with pytest.raises(LeaseLost):
        await scene.inbox.finish(dead, [outgoing("old")])
    await scene.inbox.finish(living, [outgoing("new")])
    with pytest.raises(LeaseLost):
        await scene.inbox.put_off(dead, "Late")
    assert scene.states("durable_event") == ["done"] and len(scene.rows("SELECT id FROM durable_message")) == 1


async def test_answer_and_mark_are_one(scene: Scene, clock: Clock) -> None:
    await scene.inbox.store(arrival("a"))
    clock.pass_by(seconds=2)
    [work] = await claim(scene)

    def breaks(connection: Connection) -> list[Outgoing]:
        connection.execute(text("UPDATE durable_event SET problem = 'half'"))
        raise ValueError

    with pytest.raises(ValueError):
        await scene.inbox.finish(work, breaks)
    assert scene.rows("SELECT state, problem FROM durable_event") == [("waiting", "")]
    await scene.inbox.finish(work, lambda connection: [outgoing("x"), outgoing("y", "bob")])
    assert scene.states("durable_event") == ["done"]
    assert sorted(row.state for row in scene.rows("SELECT state FROM durable_message")) == ["waiting", "waiting"]


async def test_a_failed_try_waits_longer_each_time_and_holds_up_what_is_behind_it(scene: Scene, clock: Clock) -> None:
    await scene.inbox.store(arrival("a"), arrival("b", ms=1))
    clock.pass_by(seconds=2)
    waits = []
    for _ in range(4):
        [work] = await claim(scene)
        assert said([work]) == ["a"]
        await scene.inbox.put_off(work, "RasaUnavailable")
        due = await scene.inbox.next_look([CHANNEL])
        assert due is not None and await claim(scene) == []
        waits.append((due - clock.at).total_seconds())
        clock.at = due
    for wait, longest in zip(waits, (2, 4, 8, 16), strict=True):
        assert longest / 2 <= wait <= longest


async def test_something_said_meanwhile_is_said_once(scene: Scene, clock: Clock) -> None:
    await scene.inbox.store(arrival("a"))
    for _ in range(3):
        clock.pass_by(seconds=60)
        [work] = await claim(scene)
        await scene.inbox.put_off(work, "RasaUnavailable", meanwhile=[outgoing("one moment")])
    assert len(scene.rows("SELECT id FROM durable_message")) == 1


async def test_an_event_that_is_given_up_raises_an_alert_frees_the_next_and_can_be_revived(
    scene: Scene, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.inbox.store(arrival("a"), arrival("b", ms=1))
    clock.pass_by(seconds=2)
    [work] = await claim(scene)
    await scene.inbox.bury(work, "ValueError", [outgoing("sorry")])
    [alert] = await scene.ground.run(alerts.open_alerts)
    assert (alert.kind, alert.subject, alert.problem) == (alerts.EVENT_DEAD, work.event.id, "ValueError")
    assert "alert: event_dead in pigeon (ValueError)" in caplog.text
    [behind] = await claim(scene)
    await scene.inbox.finish(behind, [])
    assert await scene.inbox.revive(work.event.id) and not await scene.inbox.revive(behind.event.id)
    [again] = await claim(scene)
    assert said([again]) == ["a"] and again.event.attempt == 1
    assert await scene.ground.run(lambda c: alerts.close_alert(c, alert.number, clock()))
    assert await scene.ground.run(alerts.open_alerts) == []


async def test_an_event_at_which_workers_die_is_given_up_at_last(engine: Engine, clock: Clock) -> None:
    scene = Scene(engine, clock, Terms(attempts=2))
    await scene.inbox.store(arrival("deadly"))
    over = []
    for _ in range(5):
        clock.pass_by(minutes=1)
        [work] = await claim(scene)
        over.append(work.is_over)
    assert over == [False, False, True, True, True]
    clock.pass_by(minutes=1)
    assert await claim(scene) == []
    assert scene.rows("SELECT state, problem FROM durable_event") == [("dead", "WorkerDied")]
    scene.ground.close()


async def test_an_event_given_back_at_the_end_of_a_process_was_not_tried(scene: Scene, clock: Clock) -> None:
    await scene.inbox.store(arrival("a"))
    clock.pass_by(seconds=2)
    [work] = await claim(scene)
    await scene.inbox.give_back(work)
    [again] = await claim(scene)
    assert again.event.attempt == 1


async def test_without_the_secret_what_waits_is_given_up_and_not_tried_for_ever(scene: Scene, clock: Clock) -> None:
    await scene.inbox.store(arrival("a"))
    scene.inbox._seal = Seal(b"another secret of 16 or more")
    clock.pass_by(seconds=2)
    assert await claim(scene) == []
    assert scene.rows("SELECT state, problem FROM durable_event") == [("dead", "CannotSeal")]


async def test_nothing_of_a_person_lies_open_in_the_database_and_nothing_at_all_when_it_is_done(
    scene: Scene, clock: Clock
) -> None:
    await scene.inbox.store(arrival("số của tôi là 0912345678", "84900000001", key="84900000001-k"))
    clock.pass_by(seconds=2)
    [work] = await claim(scene)
    await scene.inbox.finish(work, [outgoing("đã nhận 0912345678", "84900000001")])
    everything = "".join(
        str(scene.rows(f"SELECT * FROM {table}")) for table in ("durable_event", "durable_message", "durable_lane")
    )
    assert "0912345678" not in everything and "84900000001" not in everything
    assert scene.rows("SELECT sealed FROM durable_event") == [("",)]


async def test_a_broken_database_is_said_and_nothing_is_acknowledged(scene: Scene) -> None:
    rename = "ALTER TABLE durable_lane RENAME TO "
    with scene.engine.begin() as connection:
        connection.execute(text(f"{rename}durable_lame"))
    try:
        with pytest.raises(StorageUnavailable, match="Error"):
            await scene.inbox.store(arrival("a"))
    finally:
        with scene.engine.begin() as connection:
            connection.execute(text(f"{rename.replace('lane', 'lame', 1)}durable_lane"))
    assert scene.rows("SELECT id FROM durable_event") == []


async def test_several_processes_share_the_work_and_nobody_gets_it_twice(engine: Engine, clock: Clock) -> None:
    scenes = [Scene(engine, clock) for _ in range(4)]
    for n in range(40):
        await scenes[n % 4].inbox.store(arrival("a", f"person {n}"))
    clock.pass_by(seconds=2)
    taken = await asyncio.gather(*(claim(scene, 7) for scene in scenes for _ in range(3)))
    ids = [work.event.id for works in taken for work in works]
    assert len(ids) == len(set(ids)) == 40
    for scene in scenes:
        scene.ground.close()
