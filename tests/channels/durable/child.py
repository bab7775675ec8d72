"""A gateway as a process of its own, that can be killed: at a step of its choice, or from outside.

Steps are the moments before every statement and commit, and around each call of the bot and of the channel. They are
counted by listeners that only this file puts there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import Engine, event, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.durable.counts import Counts
from channels.durable.ground import Ground
from channels.durable.inbox import DurableInbox
from channels.durable.model import Terms
from channels.durable.outbox import Outbox
from channels.durable.seal import Seal
from channels.durable.tables import DurableEvent, DurableMessage
from channels.durable.worker import Worker
from channels.errors import StorageUnavailable
from channels.storage import now
from motcua.database import open_database
from tests.simulators.channel import CHANNEL, Asker, Caller, Push, arrival

SECRET = b"a secret of the child"
MOMENTS = ("acknowledged", "before the bot", "after the bot", "before the call", "after the call")


@dataclass
class Executioner:
    """Kills its own process at the given step, by number (0: never) or by name, and leaves the step's name behind."""

    at: int | str
    note: Path
    passed: int = 0

    def __call__(self, step: str) -> None:
        self.passed += 1
        if self.at in (self.passed, step):
            self.note.write_text(step)
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        """Counts the steps of a database."""

        def before(*said: Any) -> None:
            self(f"before {said[2].split('(')[0][:60]}")

        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "commit", lambda *_: self("before commit"))


class Gateway:
    """Inbox, outbox and worker over a database."""

    def __init__(
        self,
        url: str,
        simulator: str,
        terms: Terms,
        strike: Executioner,
        channels: Sequence[str] = (CHANNEL,),
        *,
        ahead: float = 0.0,
        parts: int = 1,
        can_look: bool = True,
    ) -> None:
        self.engine, self._aside, self._channels = open_database(url), open_database(url), channels
        strike.watch(self.engine)
        clock: Callable[[], datetime] = lambda: now() + timedelta(seconds=ahead)  # noqa: E731
        seal, counts, self.ground = Seal(SECRET), Counts(), Ground(self.engine)
        self.inbox = DurableInbox(self.ground, seal, terms, counts, clock)
        outbox = Outbox(self.ground, seal, terms, counts, clock)
        handlers = dict.fromkeys(channels, Asker(simulator, parts, strike))
        senders = dict.fromkeys(channels, Caller(simulator, can_look, strike))
        self.worker = Worker(self.ground, self.inbox, outbox, handlers, senders, terms, counts, 14, clock)

    async def is_idle(self) -> bool:
        """Says whether nothing waits in its channels, without a step."""
        return await asyncio.to_thread(self._look)

    def _look(self) -> bool:
        with self._aside.connect() as connection:
            return not any(
                connection.execute(
                    select(table.number).where(table.done_at.is_(None), table.channel.in_(self._channels)).limit(1)
                ).all()
                for table in (DurableEvent, DurableMessage)
            )

    def close(self) -> None:
        """Closes the database."""
        self.ground.close()
        self.engine.dispose()
        self._aside.dispose()


@dataclass(frozen=True)
class Task:
    """What a gateway is to do before it ends: store these events, each in a channel of its own, and answer them.

    Attributes:
        url: of the database.
        simulator: of the channel's servers.
        pushes: by the name of the channel.
        note: where the step is noted at which it is killed.
        kill_at: that step, by number or by name; 0: never.
        ahead: seconds that its clock runs before the real one.
        can_look: whether the channel can be asked what became of a call.
    """

    url: str
    simulator: str
    pushes: dict[str, Push]
    note: Path
    kill_at: int | str = 0
    ahead: float = 0.0
    can_look: bool = True


def answer(task: Task) -> None:
    """Does it."""
    strike = Executioner(task.kill_at, task.note)
    terms = Terms(window=timedelta(0), settle_after=timedelta(0), look_every=timedelta(seconds=5))

    async def work() -> None:
        gateway = Gateway(
            task.url,
            task.simulator,
            terms,
            strike,
            list(task.pushes),
            ahead=task.ahead,
            parts=2,
            can_look=task.can_look,
        )
        for channel, push in task.pushes.items():
            await gateway.inbox.store(arrival(push, channel))
        strike("acknowledged")
        working = asyncio.create_task(gateway.worker.run())
        async with asyncio.timeout(120):
            while not await gateway.is_idle():
                await asyncio.sleep(0.02)
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        gateway.close()

    asyncio.run(work())


def die_everywhere(task: Task, step_of: Path) -> None:
    """Has a process do the task's only event again and again, killed one step later each time, then does all the rest.

    Each time the event is another one, in a channel of its own: what an earlier process left undone is in nobody's way.
    The clock of the last one is ahead, so that the leases of the dead have run out. The names of the steps are left in
    `step_of` as JSON, that of the last process, which was not killed, being empty.
    """
    [[warming, push]] = task.pushes.items()
    # Once without a fork, so that everything is imported.
    answer(task)
    pushes, where = {warming: push}, [""]

    def die(kill_at: int | str) -> str:
        number = len(where)
        mine = {f"step {number}": Push(f"person {number}", number)}
        pushes.update(mine)
        process = os.fork()
        if not process:
            answer(replace(task, pushes=mine, kill_at=kill_at))
            os._exit(0)
        _, status = os.waitpid(process, 0)
        assert os.WIFSIGNALED(status) or status == 0
        where.append(task.note.read_text() if os.WIFSIGNALED(status) else "")
        return where[-1]

    for moment in MOMENTS:
        die(moment)
    for step in count(1):
        if not die(step):
            break
    # The channel pushes again what was not acknowledged, and sometimes what was.
    answer(replace(task, pushes=pushes, ahead=600))
    step_of.write_text(json.dumps(where))


def serve(url: str, simulator: str, port: int, note: str, terms: Terms, can_look: bool) -> None:
    """Serves a webhook and works, until it is killed."""
    gateway = Gateway(url, simulator, terms, ahead=0, strike=Executioner(0, Path(note)), parts=1, can_look=can_look)

    async def hook(request: Request) -> Response:
        data = await request.json()
        try:
            await gateway.inbox.store(arrival(Push(data["conversation"], data["number"])))
        except StorageUnavailable:
            return Response(status_code=503)
        return Response()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        working = asyncio.create_task(gateway.worker.run())
        yield
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])], lifespan=lifespan)
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)
