"""Replies that come later (from an officer, as a notice): from who makes them to the open streams.

`EventHub` is the seam. `LocalHub` serves one process; several gateway processes need one over Redis or
PostgreSQL's notifications with the same two methods.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

_STREAMS_PER_SESSION = 4
_WAITING_EVENTS = 100


@dataclass(frozen=True)
class Event:
    """Something that happened in a conversation.

    Attributes:
        name: `replies` (data is `{"message_id", "replies": [Reply, …]}`) or `erased` (the last one).
        data: JSON text.
        id: of the message, so that no page shows it twice; empty where there is none.
    """

    name: str
    data: str
    id: str = ""


class Listener:
    """One open stream."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue(_WAITING_EVENTS)

    def put(self, event: Event) -> None:
        """Hands an event over; a listener that no longer reads loses the oldest."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(event)

    async def until(self, remaining: timedelta) -> AsyncIterator[Event]:
        """Gives the events as they come, until the conversation is erased or the time is over."""
        end = asyncio.get_running_loop().time() + remaining.total_seconds()
        while True:
            try:
                async with asyncio.timeout_at(end):
                    event = await self._queue.get()
            except TimeoutError:
                return
            yield event
            if event.name == "erased":
                return


class EventHub(Protocol):
    """Passes events to whoever listens to a session; what nobody listens to is dropped."""

    async def publish(self, session_id: str, event: Event) -> None:
        """Gives an event to every stream of the session."""

    def is_crowded(self, session_id: str) -> bool:
        """Says whether the session has as many streams open as it may."""

    def listened_to(self) -> list[str]:
        """Gives the sessions that have a stream open in this process."""

    def listen(self, session_id: str) -> AbstractAsyncContextManager[Listener]:
        """Opens a stream, for as long as the context lasts."""


class LocalHub:
    """The hub of a single process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}

    async def publish(self, session_id: str, event: Event) -> None:
        """Gives an event to every stream of the session."""
        for listener in tuple(self._listeners.get(session_id, ())):
            listener.put(event)

    def is_crowded(self, session_id: str) -> bool:
        """Says whether the session has as many streams open as it may."""
        return len(self._listeners.get(session_id, ())) >= _STREAMS_PER_SESSION

    def listened_to(self) -> list[str]:
        """Gives the sessions that have a stream open."""
        return list(self._listeners)

    @asynccontextmanager
    async def listen(self, session_id: str) -> AsyncIterator[Listener]:
        """Opens a stream, for as long as the context lasts."""
        listener = Listener()
        listeners = self._listeners.setdefault(session_id, set())
        listeners.add(listener)
        try:
            yield listener
        finally:
            listeners.discard(listener)
            if not listeners and self._listeners.get(session_id) is listeners:
                del self._listeners[session_id]
