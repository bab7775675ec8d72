"""Transactions of the durable inbox and outbox: committed to the disk, and on SQLite several at a time.

What was acknowledged must outlive a power cut, and what is being sent must be known to have been tried; so SQLite is
told to wait for the disk (`synchronous = FULL`), which it does not do by default in WAL. That wait is the greater part
of a small transaction: whatever comes while one is being written goes into the next together.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from channels.errors import StorageUnavailable

T = TypeVar("T")

_THREADS, _URGENT_THREADS = 8, 4
# As many as may keep what is urgent waiting.
_TOGETHER, _URGENT_TOGETHER = 8, 64


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Connection], Any]
    future: Future[Any]


class Ground:
    """Runs functions on a connection, each as a transaction of its own to whoever calls."""

    def __init__(self, engine: Engine) -> None:
        """Takes the database; the engine stays the caller's to dispose of."""
        self._engine = engine
        self._one_writer = engine.dialect.name == "sqlite"
        self._threads = ThreadPoolExecutor(1 if self._one_writer else _THREADS, thread_name_prefix="durable")
        self._urgent_threads = self._threads if self._one_writer else ThreadPoolExecutor(_URGENT_THREADS)
        self._jobs: deque[_Job] = deque()
        self._urgent: deque[_Job] = deque()

    async def run(self, work: Callable[[Connection], T], *, is_urgent: bool = False) -> T:
        """Runs `work` in a thread; what it changed is kept when it returns, and undone when it raises.

        Args:
            work: gets a connection.
            is_urgent: whether it goes before all that is not, because somebody outside waits for it.

        Raises:
            StorageUnavailable: the database cannot be read or written.
        """
        if not self._one_writer:
            threads = self._urgent_threads if is_urgent else self._threads
            return await asyncio.get_running_loop().run_in_executor(threads, self.transact, work)
        future: Future[T] = Future()
        (self._urgent if is_urgent else self._jobs).append(_Job(work, future))
        self._threads.submit(self._write_together)
        return await asyncio.wrap_future(future)

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Does the same in the caller's thread.

        Raises:
            StorageUnavailable: the database cannot be read or written.
        """
        try:
            with self._engine.connect() as connection:
                self._begin(connection)
                done = work(connection)
                connection.commit()
                return done
        except SQLAlchemyError as cause:
            # Only the kind: the text of the error quotes the statement's values.
            raise StorageUnavailable(type(cause).__name__) from None

    def _begin(self, connection: Connection) -> None:
        if self._one_writer:
            connection.exec_driver_sql("PRAGMA synchronous = FULL")
            # The driver would only begin at the first write, after what was read may have changed.
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _write_together(self) -> None:
        jobs: list[_Job] = []
        waiting, most = (self._urgent, _URGENT_TOGETHER) if self._urgent else (self._jobs, _TOGETHER)
        while waiting and len(jobs) < most:
            job = waiting.popleft()
            if job.future.set_running_or_notify_cancel():
                jobs.append(job)
        if not jobs:
            return
        done: list[tuple[Future[Any], Any]] = []
        try:
            self.transact(lambda connection: done.extend(_each(connection, jobs)))
        except BaseException as cause:
            for job in jobs:
                if not job.future.done():
                    job.future.set_exception(cause)
            return
        for future, result in done:
            future.set_result(result)

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown()
        self._urgent_threads.shutdown()


def _each(connection: Connection, jobs: list[_Job]) -> list[tuple[Future[Any], Any]]:
    """Runs each job so that only its own changes are undone when it raises; gives the results of the others."""
    done = []
    for job in jobs:
        try:
            with connection.begin_nested():
                result = job.work(connection)
            done.append((job.future, result))
        except SQLAlchemyError as cause:
            job.future.set_exception(StorageUnavailable(type(cause).__name__))
        except Exception as cause:
            job.future.set_exception(cause)
    return done


class Bell:
    """Wakes whoever waits for work; may be rung from any thread."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        """Wakes the one who waits, or makes the next wait short."""
        if self._loop is None:
            self._rung.set()
            return
        with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float) -> None:
        """Waits until the bell rings, at most so long."""
        self._loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                await self._rung.wait()
        self._rung.clear()
