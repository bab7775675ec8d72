"""A channel that pushes events to us and takes messages by a call, with every fault it can have.

The service (over real HTTP) takes messages, shows what a conversation holds, and plays the bot. `Pusher` delivers
events at least once. `Caller` and `Asker` are our side of it: a `Sender` and a `Handler`.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.durable.model import (
    Address,
    Arrival,
    Event,
    Handled,
    Message,
    Never,
    NotSent,
    Outcome,
    Outgoing,
    Sent,
    Unknown,
)
from tests.simulators.server import LoopbackServer

CHANNEL, ACCOUNT = "pigeon", "loft"
_BEGINNING = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Faults:
    """How often each fault happens, from 0 to 1.

    Attributes:
        duplicate: an event is pushed a second time, at about the same time.
        reorder: an event changes places with the next one of its conversation.
        drop: a call is refused (503) before anything happened, or for its rate (429).
        swallow: a message is taken, but the answer to the call is lost.
        slow: a call takes `slow_s` before it is processed.
        slow_s: seconds.
        bot_fails: the bot gives no answer.
        bot_s: seconds that the bot takes.
    """

    duplicate: float = 0.0
    reorder: float = 0.0
    drop: float = 0.0
    swallow: float = 0.0
    slow: float = 0.0
    slow_s: float = 0.1
    bot_fails: float = 0.0
    bot_s: float = 0.0


class ChannelSimulator:
    """The channel's own servers, and the bot."""

    def __init__(self, faults: Faults | None = None, seed: int = 6) -> None:
        self.faults, self._random = faults or Faults(), random.Random(seed)
        self.seen: dict[str, list[str]] = defaultdict(list)
        self.asked: Counter[str] = Counter()
        self.blocked: set[str] = set()
        self._number = 0
        routes = [
            Route("/send", self._send, methods=["POST"]),
            Route("/history", self._history),
            Route("/bot", self._bot, methods=["POST"]),
        ]
        self.server = LoopbackServer(Starlette(routes=routes))

    async def _send(self, request: Request) -> Response:
        try:
            data, faults = await request.json(), self.faults
        except ClientDisconnect:  # killed within the call
            return Response(status_code=400)
        if data["conversation"] in self.blocked:
            return JSONResponse({"error": "blocked"}, 403)
        if self._happens(faults.drop):
            status, headers = self._random.choice([(503, {}), (429, {"Retry-After": "0"})])
            return Response(status_code=status, headers=headers)
        if self._happens(faults.slow):
            await asyncio.sleep(faults.slow_s)
        self._number += 1
        self.seen[data["conversation"]].append(data["text"])
        if self._happens(faults.swallow):
            return Response("<html>Bad gateway</html>", 502)
        return JSONResponse({"message_id": f"m{self._number}"})

    async def _history(self, request: Request) -> Response:
        return JSONResponse(self.seen[request.query_params["conversation"]])

    async def _bot(self, request: Request) -> Response:
        try:
            data = await request.json()
        except ClientDisconnect:
            return Response(status_code=400)
        self.asked[data["event"]] += 1
        await asyncio.sleep(self.faults.bot_s)
        return Response(status_code=503) if self._happens(self.faults.bot_fails) else JSONResponse([data["text"]])

    def _happens(self, share: float) -> bool:
        return self._random.random() < share


class _Client:
    """One client for the life of its process, made at the first call. Ended with it, not closed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: httpx.AsyncClient | None = None

    def __call__(self) -> httpx.AsyncClient:
        if self._made is None:
            limits = httpx.Limits(max_connections=500)
            # Without certificates, whose loading takes longer than the call.
            self._made = httpx.AsyncClient(base_url=self._url, timeout=30, trust_env=False, verify=False, limits=limits)
        return self._made


class Caller:
    """Makes the simulator's calls, as a sender does.

    With `can_look` it finds out by the history what became of a call; without, nobody can.
    """

    def __init__(self, url: str, can_look: bool = True, strike: Callable[[str], None] = lambda _: None) -> None:
        self._http, self._can_look, self._strike = _Client(url), can_look, strike

    async def send(self, message: Message) -> Outcome:
        self._strike("before the call")
        try:
            answer = await self._http().post(
                "/send", json={"conversation": message.address.conversation, "text": message.body["text"]}
            )
        except httpx.ConnectError:
            return NotSent("ConnectError")
        except httpx.HTTPError as cause:
            return Unknown(type(cause).__name__)
        self._strike("after the call")
        match answer.status_code:
            case 200:
                return Sent(answer.json()["message_id"])
            case 403:
                return Never("blocked", unreachable=True)
            case 429 | 503:
                wait = answer.headers.get("Retry-After")
                return NotSent(str(answer.status_code), timedelta(seconds=int(wait)) if wait else None)
        return Unknown(str(answer.status_code))

    async def settle(self, message: Message) -> Outcome | None:
        if not self._can_look:
            return None
        self._strike("before the look")
        answer = await self._http().get("/history", params={"conversation": message.address.conversation})
        return Sent("found") if message.body["text"] in answer.json() else NotSent("not found")


class Asker:
    """Asks the simulated bot and answers with `parts` messages, as a handler does."""

    def __init__(self, url: str, parts: int = 1, strike: Callable[[str], None] = lambda _: None) -> None:
        self._http, self._parts, self._strike = _Client(url), parts, strike

    async def handle(self, event: Event) -> Handled:
        self._strike("before the bot")
        answer = await self._http().post("/bot", json={"event": event.id, "text": event.body["text"]})
        answer.raise_for_status()
        self._strike("after the bot")
        return [
            Outgoing(event.address, {"text": f"re {said} {part}"})
            for said in answer.json()
            for part in range(self._parts)
        ]

    def give_up(self, event: Event) -> Sequence[Outgoing]:
        return [Outgoing(event.address, {"text": f"sorry {event.body['text']}"})]


@dataclass(frozen=True)
class Push:
    """One event as the channel makes it: the `number`-th of its conversation."""

    conversation: str
    number: int

    @property
    def text(self) -> str:
        return f"{self.conversation}/{self.number}"

    @property
    def body(self) -> dict[str, Any]:
        return {"conversation": self.conversation, "number": self.number}


def arrival(push: Push, channel: str = CHANNEL) -> Arrival:
    """Reads an event, as a webhook does."""
    sent_at = _BEGINNING + timedelta(milliseconds=push.number)
    return Arrival(Address(channel, ACCOUNT, push.conversation), push.text, sent_at, {"text": push.text})


class Pusher:
    """Delivers events until each is acknowledged; an event is not pushed again before that is known."""

    def __init__(self, push: Callable[[Push], Awaitable[bool]], faults: Faults, seed: int = 6) -> None:
        """Takes what pushes one event and says whether it was acknowledged."""
        self._push, self._faults, self._random = push, faults, random.Random(seed)
        self.pushed = 0
        self.tried: dict[Push, float] = {}
        self.acknowledged: dict[Push, float] = {}

    async def deliver(self, conversation: str, numbers: Sequence[int], pause: float) -> None:
        """Pushes the events of one conversation, some twice and some in the wrong order."""
        todo = [Push(conversation, number) for number in numbers]
        while todo:
            at_once = todo[:2][::-1] if self._random.random() < self._faults.reorder else todo[:1]
            del todo[: len(at_once)]
            for one in at_once:
                times = 2 if self._random.random() < self._faults.duplicate else 1
                await asyncio.gather(*(self._insist(one) for _ in range(times)))
            await asyncio.sleep(pause * self._random.uniform(0.5, 1.5))

    async def _insist(self, one: Push) -> None:
        self.tried.setdefault(one, time.monotonic())
        self.pushed += 1
        while not await self._push(one):
            self.pushed += 1
            await asyncio.sleep(0.05)
        self.acknowledged.setdefault(one, time.monotonic())
