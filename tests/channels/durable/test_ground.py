"""Transactions are each for themselves, however many are written together."""

from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy import Connection, Engine, text

from channels.durable.ground import Bell, Ground
from channels.errors import StorageUnavailable
from tests.channels.durable.conftest import Scene

pytestmark = pytest.mark.anyio

INSERT = (
    "INSERT INTO durable_alert (kind, channel, subject, problem, raised_at) VALUES ('{}', '', '{}', '', '2026-01-01')"
)


async def test_one_that_fails_takes_nothing_of_the_others_with_it(scene: Scene) -> None:
    def write(connection: Connection, name: str, fails: str = "") -> str:
        connection.execute(text(INSERT.format("x", name)))
        if fails == "raises":
            raise ValueError(name)
        if fails == "breaks":
            connection.execute(text("SELECT nonsense"))
        return name

    jobs = [scene.ground.run(lambda c, n=n: write(c, str(n), {3: "raises", 6: "breaks"}.get(n, ""))) for n in range(10)]
    done = await asyncio.gather(*jobs, return_exceptions=True)
    assert [one for one in done if isinstance(one, str)] == [str(n) for n in range(10) if n not in (3, 6)]
    assert isinstance(done[3], ValueError) and isinstance(done[6], StorageUnavailable)
    kept = {row.subject for row in scene.rows("SELECT subject FROM durable_alert")}
    assert kept == {str(n) for n in range(10)} - {"3", "6"}


async def test_what_was_written_waits_for_the_disk(scene: Scene) -> None:
    if scene.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL waits for the disk by itself")
    full = await scene.ground.run(lambda c: c.exec_driver_sql("PRAGMA synchronous").scalar())
    assert full == 2


async def test_an_error_of_the_database_is_told_without_its_text(scene: Scene) -> None:
    with pytest.raises(StorageUnavailable) as told:
        await scene.ground.run(lambda c: c.execute(text("SELECT 'my secret' FROM nowhere")))
    assert "my secret" not in str(told.value)
    with pytest.raises(StorageUnavailable):
        scene.ground.transact(lambda c: c.execute(text("SELECT 1 FROM nowhere")))


async def test_two_writers_of_one_sqlite_file_wait_for_each_other(engine: Engine) -> None:
    grounds = [Ground(engine), Ground(engine)]

    def count_up(connection: Connection) -> None:
        number = connection.execute(text("SELECT count(*) FROM durable_alert")).scalar_one()
        connection.execute(text(INSERT.format("n", number)))

    if engine.dialect.name == "sqlite":
        await asyncio.gather(*(grounds[n % 2].run(count_up) for n in range(40)))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM durable_alert")).scalar_one() == 40
    for ground in grounds:
        ground.close()


async def test_a_bell_rung_early_or_from_another_thread_is_heard() -> None:
    bell = Bell()
    bell.ring()
    async with asyncio.timeout(20):
        await bell.wait(60)
        threading.Timer(0.05, bell.ring).start()
        await bell.wait(60)
    await bell.wait(0.01)
