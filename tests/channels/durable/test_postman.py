"""A notice goes into the outbox once, and whoever gave it learns what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import text

from channels.durable.model import Never, NotSent, Outcome, Sent
from channels.durable.postman import Compose, Postman
from motcua.notice import Notice
from motcua.notice import Outcome as Told
from motcua.reply import Reply
from tests.channels.durable.conftest import CHANNEL, Clock, Scene, address, arrival

pytestmark = pytest.mark.anyio


def notice(number: int = 1, person: str = "ann") -> Notice:
    return Notice(f"{number:032x}", person, Reply(kind="other", text="Hồ sơ đã xong."), "dossier_changed")


def compose(given: Notice) -> Sequence[Mapping[str, Any]]:
    return [{"text": f"{given.reply.text} {part}"} for part in (1, 2)]


@pytest.fixture
def postman(scene: Scene) -> Postman:
    return postman_of(scene)


def postman_of(scene: Scene, compose: Compose = compose, patience: float = 0) -> Postman:
    return Postman(scene.ground, scene.seal, scene.outbox, address, compose, patience, scene.clock)


async def send_all(scene: Scene, outcome: Outcome) -> int:
    sent = 0
    while calls := await scene.outbox.claim([CHANNEL], 10):
        for call in calls:
            await scene.outbox.note(call, outcome)
            sent += 1
    return sent


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Sent("m"), Told.SENT),
        (Sent("m", as_template=True), Told.SENT_AS_TEMPLATE),
        (Never("-244", unreachable=True), Told.UNREACHABLE),
        (Never("-201"), Told.SENT),
        (None, Told.SENT),
    ],
)
async def test_a_notice_is_sent_once_and_its_outcome_stays(
    scene: Scene, postman: Postman, outcome: Outcome, told: Told
) -> None:
    assert postman.deliver(notice()) is Told.LATER
    assert postman.deliver(notice()) is Told.LATER
    assert await send_all(scene, outcome) == 2
    assert postman.deliver(notice()) is postman.deliver(notice()) is told
    assert await send_all(scene, outcome) == 0


async def test_it_is_told_at_once_when_the_worker_is_quick(scene: Scene) -> None:
    postman = postman_of(scene, patience=30)
    giving = asyncio.create_task(asyncio.to_thread(postman.deliver, notice()))
    while await send_all(scene, Sent("m")) == 0:
        await asyncio.sleep(0.01)
    assert await giving is Told.SENT


async def test_as_long_as_it_waits_it_is_later(scene: Scene, postman: Postman, clock: Clock) -> None:
    postman.deliver(notice())
    await send_all(scene, NotSent("503"))
    assert postman.deliver(notice()) is Told.LATER
    clock.pass_by(minutes=1)
    await send_all(scene, Sent("m"))
    assert postman.deliver(notice()) is Told.SENT


async def test_who_is_gone_is_gone_until_writing_again(scene: Scene, postman: Postman) -> None:
    postman.deliver(notice())
    await send_all(scene, Never("-244", unreachable=True))
    assert postman.gone(["ann", "bob"]) == {"ann"}
    await scene.inbox.store(arrival("tôi đây"))
    assert postman.gone(["ann", "bob"]) == set()


async def test_neither_a_broken_database_nor_a_broken_renderer_raises(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(given: Notice) -> Sequence[Mapping[str, Any]]:
        raise ValueError(given.person)

    broken = postman_of(scene, breaks)
    assert broken.deliver(notice(person="0912345678")) is Told.LATER
    assert "0912345678" not in caplog.text and "ValueError" in caplog.text
    for table, other in (("durable_message", "x_message"), ("durable_lane", "x_lane")):
        with scene.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {other}"))
    try:
        assert broken.deliver(notice(2)) is Told.LATER and broken.gone(["ann"]) == set()
    finally:
        for table, other in (("durable_message", "x_message"), ("durable_lane", "x_lane")):
            with scene.engine.begin() as connection:
                connection.execute(text(f"ALTER TABLE {other} RENAME TO {table}"))
