"""A province's dossier system, simulated: token and records over real HTTP, with the faults such systems have."""

from __future__ import annotations

import asyncio
import base64
import itertools
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.simulators.server import LoopbackServer

CLIENT_ID, CLIENT_SECRET = "motcua", "secret-of-the-simulator"

RECORD: dict[str, Any] = {
    "code": "H49.18-261105-0001",
    "state": "Đang xử lý",
    "procedure": {"code": "1.013225", "name": "Cấp giấy phép xây dựng"},
    "unit": "Trung tâm Phục vụ hành chính công phường Mẫu",
    "applicant": {"name": "Nguyễn Văn An", "phone": "******4567", "identity": "001099019876"},
    "received_at": "2026-11-05T08:40:00+07:00",
    "appointment_on": "2026-11-27",
    "state_changed_at": "2026-11-09T14:05:00+07:00",
    "in_charge": {"unit": "Phòng Kinh tế", "step": "Thẩm định"},
    "missing": [],
    "payment": {"amount": 150000, "where": "Kho bạc Nhà nước"},
    "result": {"ready_at": None, "where": "Quầy 5"},
}


class Fault(Enum):
    """What can be wrong with the system while it still listens."""

    NONE = auto()
    SLOW = auto()
    DRIP = auto()
    ERROR = auto()
    BAD_GATEWAY = auto()
    HTML = auto()
    HTML_404 = auto()
    TRUNCATED = auto()
    NOT_UTF8 = auto()
    WRONG_TYPE = auto()
    EMPTY = auto()
    NOT_A_RECORD = auto()
    WITHOUT_STATE = auto()
    BAD_DATE = auto()
    SOMEBODY_ELSE = auto()
    UNKNOWN_STATE = auto()
    STALE = auto()
    DROPPED = auto()
    REDIRECT = auto()
    FORBIDDEN = auto()
    TOO_MANY = auto()
    UNAUTHORISED = auto()
    TOKEN_ERROR = auto()
    TOKEN_HTML = auto()
    TOKEN_REFUSED = auto()
    TOKEN_WITHOUT_TOKEN = auto()
    TOKEN_SLOW = auto()


@dataclass
class DossierSystemSimulator:
    """The simulator; `server` stops and starts it ("connection refused").

    Attributes:
        records: what it knows, by code.
        fault: what is wrong at present.
        passing: how many of the next requests for records fail with `fault` before it passes; None for ever.
        token_lasts: seconds a token lasts.
        requests: how often each path was asked for: "token", "find", "search", "changes".
        tokens_given: how many tokens were given.
    """

    records: dict[str, dict[str, Any]] = field(default_factory=lambda: {RECORD["code"]: RECORD})
    fault: Fault = Fault.NONE
    passing: int | None = None
    token_lasts: float = 3600.0
    requests: Counter[str] = field(default_factory=Counter)
    tokens_given: int = 0

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._valid: dict[str, float] = {}
        self._lock = threading.Lock()
        self.server = LoopbackServer(
            Starlette(
                routes=[
                    Route("/oauth2/token", self._token, methods=["POST"]),
                    Route("/api/dossiers", self._search),
                    Route("/api/changes", self._changes),
                    Route("/api/dossiers/{code}", self._find),
                ]
            )
        )

    @property
    def url(self) -> str:
        return self.server.url

    def expire_tokens(self) -> None:
        """Withdraws every token before its time."""
        self._valid.clear()

    async def _token(self, request: Request) -> Response:
        with self._lock:
            self.requests["token"] += 1
        form = parse_qs((await request.body()).decode())
        match self.fault:
            case Fault.TOKEN_ERROR:
                return PlainTextResponse("broken", 500)
            case Fault.TOKEN_HTML:
                return _page(200)
            case Fault.TOKEN_REFUSED:
                return JSONResponse({"error": "invalid_client"}, 401)
            case Fault.TOKEN_WITHOUT_TOKEN:
                return JSONResponse({"token_type": "Bearer"})
            case Fault.TOKEN_SLOW:
                await asyncio.sleep(60)
        basic = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        in_body = form.get("client_id") == [CLIENT_ID] and form.get("client_secret") == [CLIENT_SECRET]
        if form.get("grant_type") != ["client_credentials"]:
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if request.headers.get("authorization") != basic and not in_body:
            return JSONResponse({"error": "invalid_client"}, 401)
        with self._lock:
            token = f"token-{next(self._numbers)}"
            self.tokens_given += 1
            self._valid[token] = time.monotonic() + self.token_lasts
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": self.token_lasts})

    async def _find(self, request: Request) -> Response:
        if refused := await self._refused(request, "find"):
            return refused
        code = request.path_params["code"]
        record = self.records.get(code)
        if record is None:
            return JSONResponse({"error": "not found"}, 404)
        return self._spoilt(record)

    async def _search(self, request: Request) -> Response:
        if refused := await self._refused(request, "search"):
            return refused
        number, day = request.query_params["number"], request.query_params.get("day", "")
        return JSONResponse(
            {"data": [r for c, r in self.records.items() if c.endswith(f"-{number}") and (not day or f"-{day}-" in c)]}
        )

    async def _changes(self, request: Request) -> Response:
        if refused := await self._refused(request, "changes"):
            return refused
        since = datetime.fromisoformat(request.query_params["since"])
        offset, limit = int(request.query_params["offset"]), int(request.query_params["limit"])
        changed = [r for r in self.records.values() if datetime.fromisoformat(r["state_changed_at"]) >= since]
        return JSONResponse({"data": changed[offset : offset + limit]})

    async def _refused(self, request: Request, path: str) -> Response | None:
        with self._lock:
            self.requests[path] += 1
            fault = self.fault
            if self.passing is not None:
                if self.passing <= 0:
                    fault = Fault.NONE
                self.passing -= 1
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._valid.get(token, 0.0) < time.monotonic() or fault is Fault.UNAUTHORISED:
            return JSONResponse({"error": "invalid_token"}, 401)
        match fault:
            case Fault.SLOW:
                await asyncio.sleep(60)
            case Fault.DRIP:
                return StreamingResponse(_drip(), media_type="application/json")
            case Fault.ERROR:
                return JSONResponse({"error": "NullPointerException"}, 500)
            case Fault.BAD_GATEWAY:
                return _page(502)
            case Fault.HTML:
                return _page(200)
            case Fault.HTML_404:
                return _page(404)
            case Fault.TRUNCATED:
                return Response(
                    '{"data": {"code": "H49.18-261105-0001", "state": "Đã tr', media_type="application/json"
                )
            case Fault.NOT_UTF8:
                return Response('{"data": "Đã trả"}'.encode("utf-16"), media_type="application/json")
            case Fault.WRONG_TYPE:
                return PlainTextResponse('{"data": {"code": "H49.18-261105-0001", "state": "Đã trả kết quả"}}')
            case Fault.EMPTY:
                return Response(b"", media_type="application/json")
            case Fault.NOT_A_RECORD:
                return JSONResponse({"data": ["Đã trả kết quả"]})
            case Fault.DROPPED:
                return StreamingResponse(_dropped(), media_type="application/json", headers={"content-length": "900"})
            case Fault.REDIRECT:
                return RedirectResponse("/login", 302)
            case Fault.FORBIDDEN:
                return JSONResponse({"error": "forbidden"}, 403)
            case Fault.TOO_MANY:
                return JSONResponse({"error": "slow down"}, 429)
        return None

    def _spoilt(self, record: dict[str, Any]) -> Response:
        match self.fault:
            case Fault.WITHOUT_STATE:
                record = {name: value for name, value in record.items() if name != "state"}
            case Fault.BAD_DATE:
                record = record | {"appointment_on": "31/02/2026"}
            case Fault.SOMEBODY_ELSE:
                record = record | {"code": "H49.18-261105-0002", "state": "Đã trả kết quả"}
            case Fault.UNKNOWN_STATE:
                record = record | {"state": "Chờ ký số"}
            case Fault.STALE:
                record = record | {"as_of": (datetime.now(UTC) - timedelta(days=3)).isoformat()}
        return JSONResponse({"data": record})


def _page(status: int) -> Response:
    return Response("<!DOCTYPE html><html><body>Hệ thống đang bảo trì</body></html>", status, media_type="text/html")


async def _drip() -> AsyncIterator[bytes]:
    # Each byte comes soon enough, the whole never.
    yield b'{"data": "'
    for _ in range(600):
        await asyncio.sleep(0.1)
        yield b"x"


async def _dropped() -> AsyncIterator[bytes]:
    yield b'{"data": {"code": "H49.18-261105-0001", "state": "'
    # The connection is cut in the middle of the promised length.
    raise ConnectionAbortedError
