"""Database work off the event loop: one short transaction at a time, in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from channels.errors import StorageUnavailable

T = TypeVar("T")


class Storage:
    """Runs functions on a connection, each in its own transaction, without blocking the event loop."""

    def __init__(self, engine: Engine) -> None:
        # SQLite lets one writer in at a time and makes the others sleep and try again; one thread that
        # takes them in turn is faster and keeps their order.
        threads = 1 if engine.dialect.name == "sqlite" else 8
        self._engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="chat-storage")

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` in a transaction that is committed when it returns and rolled back when it raises.

        Raises:
            StorageUnavailable: the database cannot be read or written.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._transact, work)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError as cause:
            # Only the kind: the text of the error quotes the statement's values.
            raise StorageUnavailable(type(cause).__name__) from None

    async def answers(self) -> bool:
        """Says whether the database can be reached."""
        try:
            await self.run(lambda connection: connection.execute(text("SELECT 1")))
        except StorageUnavailable:
            return False
        return True

    def close(self) -> None:
        """Ends the threads and the connections."""
        self._threads.shutdown()
        self._engine.dispose()


def now() -> datetime:
    """Gives the time in UTC."""
    return datetime.now(UTC)


def in_utc(moment: datetime) -> datetime:
    """Gives a stored time with its zone: SQLite keeps none, and all times are stored in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
