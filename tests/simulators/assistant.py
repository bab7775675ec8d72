"""The whole assistant, simulated: its chat API on a real port, answering by rule, with faults."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.server import LoopbackServer

Answers = Callable[[str], list[dict[str, Any]]]


@dataclass
class AssistantSimulator:
    """Answers the chat API; `server` stops and starts it.

    Attributes:
        answers: what is replied to a text.
        slow_down: how many of the next requests are told to slow down.
        fault: what every answer is instead: an HTTP status, or a body that is no JSON.
        conversations: the texts of each conversation, by its token, in order.
    """

    answers: Answers
    slow_down: int = 0
    fault: int | str = 0
    conversations: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._seen: set[str] = set()
        routes = [
            Route("/api/v1/chat/sessions", self._open, methods=["POST"]),
            Route("/api/v1/chat/messages", self._answer, methods=["POST"]),
        ]
        self.server = LoopbackServer(Starlette(routes=routes))

    @property
    def url(self) -> str:
        return self.server.url

    async def _open(self, _: Request) -> Response:
        if refused := self._refused():
            return refused
        token = f"token-{next(self._numbers)}"
        self.conversations[token] = []
        return JSONResponse({"session_id": token, "token": token, "expires_at": "2099-01-01T00:00:00Z"}, 201)

    async def _answer(self, request: Request) -> Response:
        if refused := self._refused():
            return refused
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.conversations:
            return JSONResponse({"title": "no session", "status": 401}, 401)
        body = json.loads(await request.body())
        if body["client_message_id"] in self._seen:
            return JSONResponse({"title": "said already", "status": 409}, 409)
        self._seen.add(body["client_message_id"])
        self.conversations[token].append(body["text"])
        return JSONResponse({"message_id": "m", "replies": self.answers(body["text"])})

    def _refused(self) -> Response | None:
        if self.slow_down:
            self.slow_down -= 1
            headers = {"Retry-After": "0"}
            return JSONResponse({"title": "slow down", "status": 429}, 429, headers)
        if isinstance(self.fault, str):
            return Response(self.fault, media_type="text/html")
        return JSONResponse({"title": "fault", "status": self.fault}, self.fault) if self.fault else None
