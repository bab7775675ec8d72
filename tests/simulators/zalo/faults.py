"""Faults between a client and Zalo, by the end of the path, and the journal of what was asked."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PAGE = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


class Fault(Enum):
    """What can befall one request."""

    DROPPED_BEFORE = auto()
    """The connection closes and nothing was done."""
    RESET = auto()
    """The same, with a reset."""
    DONE_THEN_DROPPED = auto()
    """It was done, and the answer is lost."""
    DONE_THEN_SILENT = auto()
    """It was done, and the answer never comes."""
    DONE_THEN_502 = auto()
    """It was done, and something between shows an error page."""
    TRUNCATED = auto()
    """It was done, and the answer breaks off."""
    SLOW = auto()
    ERROR_500 = auto()
    BAD_GATEWAY = auto()
    TOO_MANY = auto()
    NOT_JSON = auto()

    @property
    def was_done(self) -> bool:
        return self in _DONE


_DONE = {Fault.DONE_THEN_DROPPED, Fault.DONE_THEN_SILENT, Fault.DONE_THEN_502, Fault.TRUNCATED, Fault.SLOW}


class FaultBook:
    """Which fault comes next at which path."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: dict[str, list[Fault]] = {}
        self._chances: dict[str, Mapping[Fault, float]] = {}
        self._random = random.Random(7)
        self.slow_s = 0.2

    def plan(self, path_end: str, *faults: Fault) -> None:
        """The next requests for paths that end so fail, one after the other."""
        with self._lock:
            self._planned.setdefault(path_end, []).extend(faults)

    def by_chance(self, path_end: str, chances: Mapping[Fault, float]) -> None:
        """From now on requests for paths that end so fail with these probabilities."""
        with self._lock:
            self._chances[path_end] = dict(chances)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()
            self._chances.clear()

    def take(self, path: str) -> Fault | None:
        with self._lock:
            for end, faults in self._planned.items():
                if faults and path.endswith(end):
                    return faults.pop(0)
            for end, chances in self._chances.items():
                if path.endswith(end):
                    drawn = self._random.random()
                    for fault, chance in chances.items():
                        drawn -= chance
                        if drawn < 0:
                            return fault
        return None


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    fault: Fault | None = None


class Journal:
    """Everything that was asked, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[Request] = []

    def add(self, request: Request) -> None:
        with self._lock:
            self._requests.append(request)

    def of(self, path_end: str) -> list[Request]:
        with self._lock:
            return [request for request in self._requests if request.path.endswith(path_end)]

    def clear(self) -> None:
        with self._lock:
            self._requests.clear()


class Gate:
    """Stands before the application: writes down, and lets faults happen."""

    def __init__(self, app: ASGIApp, faults: FaultBook, journal: Journal) -> None:
        self._app, self._faults, self._journal = app, faults, journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path = scope["path"]
        fault = self._faults.take(path)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self._journal.add(
            Request(scope["method"], path, scope.get("query_string", b"").decode("latin-1"), headers, body, fault)
        )
        if fault is None:
            await self._app(scope, _Again(body, receive), send)
            return
        await self._fail(fault, scope, _Again(body, receive), send)

    async def _fail(self, fault: Fault, scope: Scope, receive: _Again, send: Send) -> None:
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        if fault.was_done:
            await self._app(scope, receive, keep)
        match fault:
            case Fault.DROPPED_BEFORE | Fault.DONE_THEN_DROPPED:
                await _hang_up(send, receive, abort=False)
            case Fault.RESET:
                await _hang_up(send, receive, abort=True)
            case Fault.DONE_THEN_SILENT:
                await receive.until_gone()
            case Fault.TRUNCATED:
                start, whole = kept[0], b"".join(one.get("body", b"") for one in kept[1:])
                await send(start)
                await send({"type": "http.response.body", "body": whole[: len(whole) // 2], "more_body": True})
                await _hang_up(send, receive, abort=False)
            case Fault.SLOW:
                await asyncio.sleep(self._faults.slow_s)
                for message in kept:
                    await send(message)
            case Fault.ERROR_500:
                await _answer(send, 500, _PAGE, b"text/html")
            case Fault.BAD_GATEWAY | Fault.DONE_THEN_502:
                await _answer(send, 502, _PAGE, b"text/html")
            case Fault.TOO_MANY:
                await _answer(send, 429, b"slow down", b"text/plain")
            case Fault.NOT_JSON:
                await _answer(send, 200, _PAGE, b"text/html")


class _Again:
    """Gives a body that was read already, and then waits for the end of the connection."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        return await self._receive()

    async def until_gone(self) -> None:
        self._body = None
        while (await self._receive())["type"] != "http.disconnect":
            pass


async def _hang_up(send: Send, receive: _Again, *, abort: bool) -> None:
    transport: Any = send.__self__.transport  # type: ignore[attr-defined]
    transport.abort() if abort else transport.close()
    await receive.until_gone()


async def _answer(send: Send, status: int, body: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
