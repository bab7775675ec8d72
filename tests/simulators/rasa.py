"""Rasa's gateway channel, simulated: the same address, token and bodies over real HTTP, with faults."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from motcua.reply import Choice, Item, Reply, Section, Source
from tests.simulators.server import LoopbackServer

TOKEN = "token-of-the-simulator"

_SOURCE = Source(
    url="https://dichvucong.gov.vn/p/home/dvc-chi-tiet-thu-tuc-hanh-chinh.html?ma_thu_tuc=1.001193",
    data_date="2026-07-18",
    legal_basis=("60/2014/QH13", "123/2015/NĐ-CP"),
)
_NEXT = (
    Choice(title="Lệ phí", payload="ask:fee:1.001193"),
    Choice(title="Thời hạn giải quyết", payload="ask:duration:1.001193"),
    Choice(title="Nơi nộp", payload="ask:where:1.001193"),
)

DOCUMENTS = Reply(
    kind="answer",
    text=(
        "Để đăng ký khai sinh, bạn chuẩn bị những giấy tờ sau.\n"
        "Giấy tờ phải nộp:\n"
        "- Tờ khai đăng ký khai sinh: 1 bản chính\n"
        "- Giấy chứng sinh: 1 bản chính (Nếu không có, dùng văn bản của người làm chứng)\n"
        "Giấy tờ phải xuất trình:\n"
        "- Giấy tờ tùy thân của người đi đăng ký\n"
        "Mang theo bản gốc để cán bộ đối chiếu.\n"
        "Nguồn: Cổng Dịch vụ công quốc gia, dữ liệu ngày 18/07/2026."
    ),
    procedure="1.001193",
    aspect="documents",
    sections=(
        Section(
            title="Giấy tờ phải nộp",
            items=(
                Item(text="Tờ khai đăng ký khai sinh", originals=1, copies=0),
                Item(
                    text="Giấy chứng sinh",
                    originals=1,
                    copies=0,
                    note="Nếu không có, dùng văn bản của người làm chứng",
                ),
            ),
        ),
        Section(title="Giấy tờ phải xuất trình", items=(Item(text="Giấy tờ tùy thân của người đi đăng ký"),)),
    ),
    choices=_NEXT,
    source=_SOURCE,
    receipt="A7K2-M4QX",
)

FEE = Reply(
    kind="answer",
    text="Đăng ký khai sinh đúng hạn được miễn lệ phí.",
    procedure="1.001193",
    aspect="fee",
    choices=_NEXT[1:],
    source=_SOURCE,
    receipt="A7K2-9RT3",
)

CLARIFY = Reply(
    kind="clarify",
    text="Bạn muốn hỏi việc nào?",
    choices=(
        Choice(title="Đăng ký kết hôn trong nước", payload="ask:overview:1.000894"),
        Choice(title="Đăng ký kết hôn có yếu tố nước ngoài", payload="ask:overview:1.000806"),
    ),
)

HELP = Reply(kind="help", text="Bạn hãy hỏi về một thủ tục, ví dụ: làm giấy khai sinh cho con.")


OFFICE = Reply(kind="handoff", text="Anh/chị có thể hỏi trực tiếp tại Trung tâm Phục vụ hành chính công.")
SORRY = Reply(kind="feedback", text="Tôi xin lỗi vì câu trả lời chưa đúng.")
GONE = Reply(kind="privacy", text="Tôi đã xóa mọi điều anh/chị đã nhắn.")

# What some messages set going at the gateway, beside a reply.
SIGNALS: dict[str, dict[str, str]] = {
    "/handoff": {"signal": "handover", "reason": "asked"},
    "gặp cán bộ": {"signal": "handover", "reason": "asked"},
    "không hiểu gì cả": {"signal": "handover", "reason": "failed"},
    "quá tệ": {"signal": "handover", "reason": "complaint"},
    "trả lời sai rồi": {"signal": "report", "reason": "wrong"},
    "đúng, xóa hết dữ liệu": {"signal": "erase"},
    "tín hiệu lạ": {"signal": "dance"},
}


class Fault(Enum):
    """What can be wrong with the bot while it still listens."""

    NONE = auto()
    SLOW = auto()
    ERROR = auto()
    EMPTY = auto()
    HTML = auto()
    TRUNCATED = auto()
    NOT_A_REPLY = auto()
    NOT_A_LIST = auto()
    SOMEBODY_ELSE = auto()
    UNAUTHORISED = auto()
    NO_MODEL = auto()


@dataclass(frozen=True)
class Heard:
    """One message that reached the bot."""

    sender: str
    message: str
    metadata: dict[str, Any]


@dataclass
class RasaSimulator:
    """The simulator; `server` stops and starts it ("connection refused").

    Attributes:
        fault: what is wrong at present.
        delay: seconds that each answer takes, faults aside.
        heard: what reached the bot, in order.
        overlaps: messages that came while one of the same conversation was being answered.
        forgotten: conversations that were deleted on request.
        cannot_forget: whether that fails at present.
        is_mute: whether it leaves out the replies that stand beside a signal.
    """

    fault: Fault = Fault.NONE
    delay: float = 0.0
    heard: list[Heard] = field(default_factory=list)
    overlaps: int = 0
    forgotten: list[str] = field(default_factory=list)
    cannot_forget: bool = False
    is_mute: bool = False

    def __post_init__(self) -> None:
        self._answering: set[str] = set()
        self.server = LoopbackServer(
            Starlette(
                routes=[
                    Route("/webhooks/gateway/", self._health),
                    Route("/webhooks/gateway/webhook", self._receive, methods=["POST"]),
                    Route("/webhooks/gateway/forget", self._forget, methods=["POST"]),
                ]
            )
        )

    @property
    def messages(self) -> list[str]:
        return [heard.message for heard in self.heard]

    async def _health(self, _: Request) -> Response:
        if self.fault is Fault.NO_MODEL:
            return JSONResponse({"status": "no model"}, 503)
        return JSONResponse({"status": "ready", "model": "simulated"})

    async def _receive(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}" or self.fault is Fault.UNAUTHORISED:
            return _problem(401)
        body = json.loads(await request.body())
        if not {"sender", "message"} <= body.keys() <= {"sender", "message", "metadata"}:
            return _problem(422)
        if not all(isinstance(body[k], str) and body[k].strip() for k in ("sender", "message")):
            return _problem(422)
        heard = Heard(body["sender"], body["message"], body.get("metadata") or {})
        self.heard.append(heard)
        self.overlaps += heard.sender in self._answering
        self._answering.add(heard.sender)
        try:
            await asyncio.sleep(60 if self.fault is Fault.SLOW else self.delay)
            return self._answer(heard)
        finally:
            self._answering.discard(heard.sender)

    async def _forget(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}" or self.fault is Fault.UNAUTHORISED:
            return _problem(401)
        if self.fault is Fault.ERROR or self.cannot_forget:
            return _problem(500)
        self.forgotten.append(json.loads(await request.body())["sender"])
        return Response(status_code=204)

    def _answer(self, heard: Heard) -> Response:
        good = [{"recipient_id": heard.sender, "custom": _reply_to(heard.message).model_dump(mode="json")}]
        if heard.message in SIGNALS:
            signal = {"recipient_id": heard.sender, "custom": SIGNALS[heard.message]}
            good = [signal] if self.is_mute else [*good, signal]
        match self.fault:
            case Fault.ERROR:
                return _problem(500)
            case Fault.EMPTY:
                return JSONResponse([])
            case Fault.HTML:
                return Response("<html><body>Bad gateway</body></html>", media_type="text/html")
            case Fault.TRUNCATED:
                return Response(json.dumps(good)[:-20], media_type="application/json")
            case Fault.NOT_A_REPLY:
                return JSONResponse([{"recipient_id": heard.sender, "text": "plain text"}])
            case Fault.NOT_A_LIST:
                return JSONResponse({"replies": good})
            case Fault.SOMEBODY_ELSE:
                return JSONResponse([{**good[0], "recipient_id": "somebody-else"}])
            case _:
                return JSONResponse(good)


def _problem(status: int) -> Response:
    return JSONResponse({"title": "simulated", "status": status}, status)


def _reply_to(message: str) -> Reply:
    if message.startswith("/ask_fee"):
        return FEE
    if message == "/help":
        return HELP
    if SIGNALS.get(message, {}).get("signal") == "handover":
        return OFFICE
    if SIGNALS.get(message, {}).get("signal") == "report":
        return SORRY
    if SIGNALS.get(message, {}).get("signal") == "erase":
        return GONE
    if "khai sinh" in message or message.startswith("/ask_documents"):
        return DOCUMENTS
    if "kết hôn" in message:
        return CLARIFY
    return Reply(kind="other", text=f"Bạn vừa viết: {message}")
