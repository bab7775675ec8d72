"""Template messages by telephone number (ZNS)."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.zalo.account import AccountSide

_PHONE = re.compile(r"\+?84[1-9]\d{8}")


@dataclass
class ByPhone:
    """A message by telephone number as it was sent; `tracking` may stand there twice."""

    message_id: str
    phone: str
    fields: dict[str, str]
    tracking: str
    delivered: bool = False


class TemplateSide:
    """The template service of the account.

    Attributes:
        sent: what went out, in order; each one was billed.
        day_quota: messages left today.
        balance: money left, in messages.
        has_wallet: whether a Zalo Cloud Account is linked.
        admins: numbers that messages in development mode may go to.
        without_zalo, cannot_receive, refusing: numbers of such people.
    """

    def __init__(self, account: AccountSide) -> None:
        self.account = account
        self.sent: list[ByPhone] = []
        self.day_quota, self.balance = 500, 1000
        self.has_wallet = True
        self.admins: set[str] = set()
        self.without_zalo: set[str] = set()
        self.cannot_receive: set[str] = set()
        self.refusing: set[str] = set()
        self.refused: list[int] = []
        self._lock = threading.Lock()

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/message/template", self._send, methods=["POST"]),
            Route("/message/status", self._status),
            Route("/message/quota", self._quota),
            Route("/quality", self._quality),
            Route("/template/all", self._all),
            Route("/template/info/v2", self._info),
        ]

    def tell_template_status(self, template: str, status: str, reason: str) -> None:
        content = {
            "oa_id": self.account.id,
            "template_id": template,
            "status": {"new_status": status},
            "reason": reason,
        }
        self.account.emit("change_template_status", content, header={"X-ZEvent-Server": "ZNS"})

    def _error(self, code: int) -> Response:
        self.refused.append(code)
        return JSONResponse({"error": code, "message": "refused"})

    def _stranger(self, request: Request) -> Response | None:
        if self.account.oauth.is_valid(request.headers.get("access_token", "")):
            return None
        return self._error(-124)

    async def _send(self, request: Request) -> Response:
        if stranger := self._stranger(request):
            return stranger
        try:
            body = json.loads(await request.body())
        except ValueError:
            return self._error(-122)
        if code := self._fault_of(body):
            return self._error(code)
        with self._lock:
            if self.day_quota <= 0:
                return self._error(-144)
            if self.balance <= 0:
                return self._error(-115)
            self.day_quota -= 1
            self.balance -= 1
            one = ByPhone(
                f"zns{len(self.sent):08x}",
                body["phone"].lstrip("+"),
                body["template_data"],
                body.get("tracking_id", ""),
            )
            self.sent.append(one)
        if self.account.modes.receipt == "before":
            self._deliver(one)
            await asyncio.to_thread(self.account.deliveries.settle)
        data = {
            "msg_id": one.message_id,
            "sent_time": self.account.clock.ms(),
            "sending_mode": "1",
            "quota": {"dailyQuota": "500", "remainingQuota": str(self.day_quota)},
        }
        if self.account.modes.receipt == "after":
            self._deliver(one)
        return JSONResponse({"error": 0, "message": "Success", "data": data})

    def _fault_of(self, body: Any) -> int:
        phone = body.get("phone") if isinstance(body, dict) else None
        if not isinstance(phone, str) or not _PHONE.fullmatch(phone):
            return -108
        phone = phone.lstrip("+")
        template = self.account.templates.get(str(body.get("template_id")))
        if template is None:
            return -109
        in_development = body.get("mode") == "development"
        if in_development and phone not in self.admins:
            return -127
        if not template.approved and not in_development:
            return -131
        if template.disabled:
            return -146
        if not self.has_wallet:
            return -136
        data = body.get("template_data")
        if not isinstance(data, dict) or template.params.keys() - data.keys():
            return -1122
        for name, most in template.params.items():
            if not isinstance(data[name], str):
                return -1124
            if len(data[name]) > most:
                return -1121
        there = datetime.fromtimestamp(self.account.clock.now(), UTC) + timedelta(hours=7)
        if self.account.modes.night and (there.hour >= 22 or there.hour < 6):
            return -133
        for numbers, code in ((self.without_zalo, -118), (self.cannot_receive, -114), (self.refusing, -141)):
            if phone in numbers:
                return code
        return 0

    def _deliver(self, one: ByPhone) -> None:
        one.delivered = True
        content = {
            "sender": {"id": self.account.id},
            "recipient": {"id": one.phone},
            "message": {
                "delivery_time": self.account.clock.ms(),
                "msg_id": one.message_id,
                "tracking_id": one.tracking,
            },
        }
        self.account.emit("user_received_message", content, header={"X-ZEvent-Server": "ZNS"})

    async def _status(self, request: Request) -> Response:
        if stranger := self._stranger(request):
            return stranger
        one = next((s for s in self.sent if s.message_id == request.query_params.get("message_id")), None)
        if one is None:
            return self._error(-107)
        return JSONResponse({"error": 0, "message": "Success", "data": {"status": int(one.delivered)}})

    async def _quota(self, request: Request) -> Response:
        if stranger := self._stranger(request):
            return stranger
        return JSONResponse({"error": 0, "data": {"dailyQuota": "500", "remainingQuota": str(self.day_quota)}})

    async def _quality(self, request: Request) -> Response:
        if stranger := self._stranger(request):
            return stranger
        return JSONResponse({"error": 0, "data": {"oaCurrentQuality": "HIGH", "oa7dayQuality": "HIGH"}})

    async def _all(self, request: Request) -> Response:
        if stranger := self._stranger(request):
            return stranger
        if not request.query_params.get("status", "1").isdigit():
            return self._error(-132)
        listed = [{"templateId": t.id, "status": "ENABLE" if t.approved else "PENDING_REVIEW"}
                  for t in self.account.templates.values()]  # fmt: skip
        return JSONResponse({"error": 0, "data": listed, "metadata": {"total": len(listed)}})

    async def _info(self, request: Request) -> Response:
        if stranger := self._stranger(request):
            return stranger
        template = self.account.templates.get(request.query_params.get("template_id", ""))
        if template is None:
            return self._error(-109)
        params = [{"name": name, "require": True, "type": "STRING", "maxLength": most, "minLength": 1,
                   "acceptNull": False} for name, most in template.params.items()]  # fmt: skip
        return JSONResponse({"error": 0, "data": {"templateId": template.id, "listParams": params}})
