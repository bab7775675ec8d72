"""The Official Account: its people, its API, and the events it sends."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import threading
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.simulators.zalo.clock import SimClock
from tests.simulators.zalo.deliveries import Deliveries
from tests.simulators.zalo.modes import Modes
from tests.simulators.zalo.oauth import OAuthSide

HOUR, DAY = 3600, 86_400
LADDER = (30.0, 300.0, 900.0, 1800.0, 3600.0)
EVERY_EVENT = frozenset(
    {
        "anonymous_send_file",
        "anonymous_send_image",
        "anonymous_send_sticker",
        "anonymous_send_text",
        "change_oa_daily_quota",
        "change_template_status",
        "follow",
        "oa_reacted_message",
        "oa_send_consent",
        "oa_send_file",
        "oa_send_gif",
        "oa_send_image",
        "oa_send_list",
        "oa_send_sticker",
        "oa_send_template",
        "oa_send_text",
        "something_new",
        "unfollow",
        "user_click_chatnow",
        "user_reacted_message",
        "user_received_message",
        "user_seen_message",
        "user_send_audio",
        "user_send_business_card",
        "user_send_file",
        "user_send_gif",
        "user_send_group_text",
        "user_send_image",
        "user_send_link",
        "user_send_location",
        "user_send_sticker",
        "user_send_text",
        "user_send_video",
        "user_submit_info",
    }
)
_SCHEMES = ("https://", "http://")


@dataclass
class Shown:
    """A message as the person sees it.

    Attributes:
        admin: of the officer who wrote it in Zalo's own tools, or empty.
    """

    message_id: str
    text: str
    buttons: list[dict[str, Any]] = field(default_factory=list)
    kind: str = "text"
    quote: str = ""
    admin: str = ""
    at: float = 0.0


@dataclass
class Person:
    """Somebody with Zalo."""

    id: str
    name: str
    by_app: str
    phone: str = ""
    follows: bool = True
    has_blocked: bool = False
    is_inactive: bool = False
    last_heard: float | None = None
    free_used: int = 0
    sees: list[Shown] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [shown.text for shown in self.sees]


@dataclass
class _Upload:
    kind: str
    made: float


@dataclass
class Template:
    """A template message as it was approved.

    Attributes:
        params: name and greatest length of each parameter.
    """

    id: str
    params: dict[str, int]
    approved: bool = True
    disabled: bool = False
    by_user_id: bool = True


class AccountSide:
    """One account at one application.

    Attributes:
        toggles: events that are switched on in the console; none at first.
        retries: whether "Webhook Retry" is switched on.
        webhook_url: the saved address; empty when none, or when switched off.
        set_up_error: a code that every call is answered with, or 0.
        paid: paid messages that are left.
        refused: errors that calls were answered with, in order.
    """

    def __init__(
        self,
        clock: SimClock,
        modes: Modes,
        oauth: OAuthSide,
        deliveries: Deliveries,
        account: str = "3886000000000000001",
    ) -> None:
        self.clock, self.modes, self.oauth, self.deliveries, self.id = clock, modes, oauth, deliveries, account
        self.toggles: set[str] = set()
        self.retries = False
        self.webhook_url = ""
        self.set_up_error = 0
        self.paid = 0
        self.uploads_left = 5000
        self.refused: list[int] = []
        self.people: dict[str, Person] = {}
        self.templates: dict[str, Template] = {}
        self._uploads: dict[str, _Upload] = {}
        self._known: set[str] = set()
        self._calls: list[float] = []
        self._numbers = itertools.count(1)
        self._random = random.Random(5)
        self._lock = threading.RLock()
        self._tags: dict[str, set[str]] = {}

    # --- the console

    def save_webhook(self, url: str) -> bool:
        """Saves an address: only one that answers 200 to an unsigned, empty request."""
        try:
            answer = httpx.post(
                url, content=b"{}", headers={"content-type": "application/json"}, timeout=5, trust_env=False
            )
        except httpx.HTTPError:
            return False
        if answer.status_code != 200:
            return False
        self.webhook_url = url
        return True

    def switch_on(self, *events: str) -> None:
        """Switches events on; all of them without a name. Repetition is switched on with them."""
        self.toggles |= set(events) or EVERY_EVENT
        self.retries = True

    def switched_off(self, url: str) -> None:
        if url == self.webhook_url and self.modes.disables:
            self.webhook_url = ""

    # --- people

    def person(self, name: str = "Nguyễn Văn An", phone: str = "", *, follows: bool = True) -> Person:
        """Somebody new."""
        with self._lock:
            number = next(self._numbers)
            one = Person(f"246800000000{number:07d}", name, f"552100000000{number:07d}", phone, follows)
            self.people[one.id] = one
            return one

    def says(self, person: Person, text: str, *, quote: str = "", **more: Any) -> str:
        """A text of a person; gives the message's id."""
        message = {"text": text} | ({"quote_msg_id": quote} if quote else {})
        return self._from(person, "user_send_text", message, **more)

    def taps(self, person: Person, title: str) -> str:
        """A tap on the newest button of that title that the person sees; one that opens something tells nobody."""
        for shown in reversed(person.sees):
            for button in shown.buttons:
                if button["title"] == title:
                    if not button["type"].startswith("oa.query."):
                        return ""
                    return self.says(person, button["payload"])
        raise AssertionError("no such button")

    def sends(self, person: Person, kind: str, *payloads: dict[str, Any], text: str = "") -> str:
        """A picture, file, sticker, location, link, film or voice message."""
        message: dict[str, Any] = {"attachments": [{"type": kind, "payload": payload} for payload in payloads]}
        return self._from(person, f"user_send_{kind}", message | ({"text": text} if text else {}))

    def shares_location(self, person: Person, latitude: float, longitude: float) -> str:
        place = {"latitude": str(latitude), "longitude": str(longitude)}
        return self.sends(person, "location", {"coordinates": place})

    def follow(self, person: Person, *, source: str = "oa_profile") -> None:
        person.follows = True
        self._heard(person)
        self.emit("follow", {**self._follower(person), "source": source})

    def unfollow(self, person: Person) -> None:
        person.follows = False
        self.emit("unfollow", {**self._follower(person), "source": "oa_profile"})

    def opens_chat(self, person: Person) -> None:
        self._heard(person)
        self.emit("user_click_chatnow", {"user_id": person.id, "oa_id": self.id})

    def submits_contact(self, person: Person, **info: Any) -> None:
        self.emit("user_submit_info", {**self._sides(person), "info": {"name": person.name, **info}})

    def reacts(self, person: Person, message_id: str, icon: str = "/-heart") -> None:
        self.emit(
            "user_reacted_message", {**self._sides(person), "message": {"react_icon": icon, "msg_id": message_id}}
        )

    def officer_answers(self, person: Person, text: str, admin: str = "9100000000000000001") -> str:
        """An officer writes in Zalo's own tools."""
        shown = self._show(person, text, admin=admin)
        self._after(person, shown)
        return shown.message_id

    def anonymous_says(self, anonymous: str, conversation: str, text: str) -> None:
        content = {"anonymous_id": anonymous, "conversation_id": conversation, "recipient": {"id": self.id}}
        self.emit("anonymous_send_text", {**content, "message": {"msg_id": self._message_id(), "text": text}})

    # --- events

    def emit(
        self, name: str, content: dict[str, Any], *, at: float | None = None, header: dict[str, str] | None = None
    ) -> bytes:
        """Sends an event if its kind is switched on; gives the body."""
        timestamp = self.clock.ms() if at is None else str(int(at * 1000))
        body = self.written({"app_id": self.oauth.app.id, "event_name": name, "timestamp": timestamp, **content})
        if name in self.toggles and self.webhook_url:
            headers = {"content-type": "application/json", "X-ZEvent-Signature": self.signed(body, timestamp)}
            ladder = LADDER if self.retries else ()
            self.deliveries.send(self.webhook_url, body, headers | (header or {}), ladder)
        return body

    def written(self, content: dict[str, Any]) -> bytes:
        """The bytes of an event: no client gets the same by writing its JSON again."""
        names = list(content)
        with self._lock:
            self._random.shuffle(names)
        mixed = {name: content[name] for name in names}
        text = json.dumps(mixed, ensure_ascii=self.modes.escapes == "unicode", separators=(",", ":"))
        return (text.replace("/", "\\/") if self.modes.escapes == "slashes" else text).encode()

    def signed(self, body: bytes, timestamp: str) -> str:
        app = self.oauth.app
        digest = hashlib.sha256(app.id.encode() + body + timestamp.encode() + app.webhook_key.encode()).hexdigest()
        match self.modes.signature:
            case "bare":
                return digest
            case "upper":
                return f"mac={digest.upper()}"
        return f"mac={digest}"

    def _from(self, person: Person, name: str, message: dict[str, Any], **more: Any) -> str:
        self._heard(person)
        message_id = self._message_id()
        with self._lock:
            person.said.append({"message_id": message_id, "text": message.get("text", ""), "at": self.clock.now()})
        self.emit(name, {**self._sides(person), "message": {"msg_id": message_id, **message}}, **more)
        return message_id

    def _heard(self, person: Person) -> None:
        person.last_heard, person.free_used = self.clock.now(), 0

    def _sides(self, person: Person) -> dict[str, Any]:
        return {"sender": {"id": person.id}, "recipient": {"id": self.id}, "user_id_by_app": person.by_app}

    def _follower(self, person: Person) -> dict[str, Any]:
        return {"oa_id": self.id, "follower": {"id": person.id}, "user_id_by_app": person.by_app}

    def _message_id(self) -> str:
        with self._lock:
            message_id = f"96d3cdf3af{next(self._numbers):010x}"
            self._known.add(message_id)
            return message_id

    def _show(self, person: Person, text: str, **more: Any) -> Shown:
        shown = Shown(self._message_id(), text, at=self.clock.now(), **more)
        with self._lock:
            person.sees.append(shown)
        return shown

    def _after(self, person: Person, shown: Shown) -> None:
        """Echo, receipt, and the person's look at it."""
        ours = {"id": self.id} | ({"admin_id": shown.admin} if shown.admin else {})
        sides = {"sender": ours, "recipient": {"id": person.id}, "user_id_by_app": person.by_app}
        kind = shown.kind if shown.kind in ("text", "image", "gif", "file", "sticker", "template") else "text"
        message = {"msg_id": shown.message_id} | ({"text": shown.text} if shown.text else {})
        self.emit(f"oa_send_{kind}", {**sides, "message": message})
        self.emit("user_received_message", {**sides, "message": {"msg_id": shown.message_id}})
        self.emit("user_seen_message", {**sides, "message": {"msg_ids": [shown.message_id]}})

    # --- the API

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/v3.0/oa/message/cs", self._answering(self._consult), methods=["POST"]),
            Route("/v3.0/oa/message/template", self._answering(self._template), methods=["POST"]),
            Route("/v2.0/oa/message", self._answering(self._old_message), methods=["POST"]),
            Route("/v2.0/oa/upload/{kind:str}", self._answering(self._upload), methods=["POST"]),
            Route("/v3.0/oa/user/detail", self._answering(self._detail)),
            Route("/v3.0/oa/user/getlist", self._answering(self._list)),
            Route("/v2.0/oa/getoa", self._answering(self._getoa)),
            Route("/v2.0/oa/listrecentchat", self._answering(self._recent)),
            Route("/v2.0/oa/conversation", self._answering(self._conversation)),
            Route("/v3.0/oa/quota/message", self._answering(self._quota), methods=["POST"]),
            Route("/v2.0/oa/tag/{what:str}", self._answering(self._tag), methods=["GET", "POST"]),
            Route("/{rest:path}", self._nothing, methods=["GET", "POST"]),
        ]

    async def _nothing(self, _: Request) -> Response:
        return PlainTextResponse("You are accessing an empty or invalid API", 404)

    def _answering(self, work: Any) -> Any:
        async def answer(request: Request) -> Response:
            if "access_token" in request.query_params:
                return await self._nothing(request)
            token = request.headers.get("access_token", "")
            if not self.oauth.is_valid(token):
                code = -220 if self.oauth.revoked else (self.modes.expired if token else -216)
                return self._error(code, "Access token is invalid", 401)
            if self.set_up_error:
                return self._error(self.set_up_error, "Not set up", 400)
            if self._is_over_rate():
                return self._error(-32, "Your application reached limit call api", 429)
            try:
                return self._success(await work(request))
            except _Refused as refused:
                return self._error(refused.code, refused.said, 400)

        return answer

    def _is_over_rate(self) -> bool:
        with self._lock:
            moment = self.clock.now()
            self._calls = [one for one in self._calls if one > moment - 60] + [moment]
            return self.modes.oa_rate is not None and len(self._calls) > self.modes.oa_rate

    def _success(self, data: Any) -> Response:
        body: dict[str, Any] = {"data": data, "error": 0}
        if self.modes.oa_says_message:
            body["message"] = "Success"
        limit = str(self.modes.oa_rate or 4000)
        return JSONResponse(body, headers={"X-RateLimit-Limit": limit, "X-RateLimit-Remain": limit})

    def _error(self, code: int, said: str, status: int) -> Response:
        self.refused.append(code)
        return JSONResponse({"error": code, "message": said}, status if self.modes.oa_status else 200)

    async def _json(self, request: Request) -> dict[str, Any]:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise _Refused(-201, "content type is invalid!")
        try:
            content = json.loads(await request.body())
        except ValueError:
            raise _Refused(-201, "body is invalid!") from None
        if not isinstance(content, dict):
            raise _Refused(-201, "body is invalid!")
        return content

    def _asked(self, request: Request) -> dict[str, Any]:
        try:
            asked = json.loads(request.query_params["data"])
        except (KeyError, ValueError):
            raise _Refused(-201, "data is invalid!") from None
        if not isinstance(asked, dict):
            raise _Refused(-201, "data is invalid!")
        return asked

    def _known_person(self, user_id: object) -> Person:
        person = self.people.get(user_id) if isinstance(user_id, str) else None
        if person is None:
            raise _Refused(-201, "user_id is invalid!")
        return person

    async def _consult(self, request: Request) -> dict[str, Any]:
        body = await self._json(request)
        if body.keys() != {"recipient", "message"}:
            raise _Refused(-201, "body is invalid!")
        person = self._known_person(body["recipient"].get("user_id"))
        text, kind, buttons = self._checked(body["message"])
        quote = body["message"].get("quote_message_id", "")
        if quote and quote not in self._known:
            raise _Refused(-201, "quote_message_id is invalid!")
        quota = self._use_quota(person)
        shown = self._show(person, text, kind=kind, buttons=buttons, quote=quote)
        self._after(person, shown)
        data: dict[str, Any] = {"message_id": shown.message_id}
        if self.modes.oa_says_user:
            data["user_id"] = person.id
        if self.modes.oa_says_quota:
            data["quota"] = quota
        return data

    def _use_quota(self, person: Person) -> dict[str, str]:
        if person.has_blocked:
            raise _Refused(-244, "User has restricted this message type from your OA")
        if person.is_inactive:
            raise _Refused(-227, "User is banned or inactive")
        silent = None if person.last_heard is None else self.clock.now() - person.last_heard
        if silent is None or silent > 7 * DAY:
            raise _Refused(-230, "User has not interacted with the OA in the past 7 days")
        with self._lock:
            if silent <= 48 * HOUR and (self.modes.oa_free is None or person.free_used < self.modes.oa_free):
                person.free_used += 1
                left = 10**6 if self.modes.oa_free is None else self.modes.oa_free - person.free_used
                return {"quota_type": "reply", "remain": str(left), "total": str(self.modes.oa_free or 10**6)}
            if self.paid <= 0:
                raise _Refused(-211, "Out of quota")
            self.paid -= 1
            return {"quota_type": "purchase_quota", "remain": str(self.paid), "total": "100"}

    def _checked(self, message: Any) -> tuple[str, str, list[dict[str, Any]]]:
        """Text, kind and buttons of a message that breaks no rule."""
        if not isinstance(message, dict) or message.keys() - {"text", "attachment", "quote_message_id"}:
            raise _Refused(-201, "message is invalid!")
        text = message.get("text")
        if text is not None and not isinstance(text, str):
            raise _Refused(-201, "text is invalid!")
        if text is not None and _units(text) > 2000:
            raise _Refused(-210, "Parameter exceeds allowable limit")
        attachment = message.get("attachment")
        if attachment is None:
            if not text or not text.strip():
                raise _Refused(-201, "text is invalid!")
            return text, "text", []
        payload = attachment.get("payload", {})
        if attachment.get("type") == "file":
            self._uploaded(payload.get("token"), "file")
            return text or "", "file", []
        if attachment.get("type") != "template":
            raise _Refused(-233, "message type is invalid or not support")
        if "buttons" in payload and "template_type" not in payload:
            if not text:
                raise _Refused(-201, "text is invalid!")
            return text, "text", [self._button(one) for one in _no_more(payload["buttons"], 5)]
        return text or "", self._element(payload), []

    def _element(self, payload: dict[str, Any]) -> str:
        kind = payload.get("template_type")
        if kind not in ("media", "request_user_info"):
            raise _Refused(-233, "message type is invalid or not support")
        elements = payload.get("elements")
        if not isinstance(elements, list) or len(elements) != 1:
            raise _Refused(-201, "elements is invalid!")
        one = elements[0]
        if kind == "request_user_info":
            for name, most in (("title", 100), ("subtitle", 500)):
                if not one.get(name) or _units(one[name]) > most:
                    raise _Refused(-210, "Parameter exceeds allowable limit")
            if not str(one.get("image_url", "")).startswith("https://"):
                raise _Refused(-201, "image_url is invalid!")
            return "template"
        media = one.get("media_type")
        if media not in ("image", "gif", "sticker") or ("url" in one) == ("attachment_id" in one):
            raise _Refused(-201, "elements is invalid!")
        if media == "gif" and not {"width", "height"} <= one.keys():
            raise _Refused(-201, "elements is invalid!")
        if media != "sticker" and "attachment_id" in one:
            self._uploaded(one["attachment_id"], media)
        return str(media)

    def _button(self, button: Any) -> dict[str, Any]:
        title, kind, payload = button.get("title"), button.get("type"), button.get("payload")
        if not isinstance(title, str) or not title or _units(title) > 100:
            raise _Refused(-210, "Parameter exceeds allowable limit")
        good = False
        match kind:
            case "oa.open.url":
                good = isinstance(payload, dict) and str(payload.get("url", "")).startswith(_SCHEMES)
            case "oa.query.show" | "oa.query.hide":
                good = isinstance(payload, str) and 0 < _units(payload) <= 1000
            case "oa.open.sms":
                good = isinstance(payload, dict) and _units(payload.get("content", "")) <= 160
            case "oa.open.phone":
                good = isinstance(payload, dict) and str(payload.get("phone_code", "")).startswith("84")
        if not good:
            raise _Refused(-201, "payload is invalid!")
        return {"title": title, "type": kind, "payload": payload}

    def _uploaded(self, upload_id: object, kind: str) -> None:
        upload = self._uploads.get(upload_id) if isinstance(upload_id, str) else None
        if upload is None or upload.kind != kind:
            raise _Refused(-201, "attachment_id is invalid!")
        if self.clock.now() - upload.made > 7 * DAY:
            raise _Refused(-100, "attachment_id was expired")

    async def _template(self, request: Request) -> dict[str, Any]:
        body = await self._json(request)
        person = self._known_person(body.get("user_id"))
        template = self.templates.get(str(body.get("template_id")))
        if template is None or template.params.keys() != body.get("template_data", {}).keys():
            raise _Refused(-201, "template_data is invalid!")
        if not template.by_user_id:
            raise _Refused(-249, "Template does not support send via UID")
        if person.has_blocked:
            raise _Refused(-244, "User has restricted this message type from your OA")
        shown = self._show(person, json.dumps(body["template_data"], ensure_ascii=False), kind="template")
        self._after(person, shown)
        return {"message_id": shown.message_id, "user_id": person.id, "sent_time": self.clock.ms()}

    async def _old_message(self, request: Request) -> dict[str, Any]:
        body = await self._json(request)
        action = body.get("sender_action")
        if action is None:
            raise _Refused(-240, "MessageV2 API has been shut down, please switch to MessageV3")
        self._known_person(body.get("recipient", {}).get("user_id"))
        if action.get("react_message_id") not in self._known:
            raise _Refused(-201, "react_message_id is invalid!")
        return {"message_id": action["react_message_id"]}

    async def _upload(self, request: Request) -> dict[str, Any]:
        kind = request.path_params["kind"]
        async with request.form() as form:
            sent = form.get("file")
            if kind not in ("image", "gif", "file") or not isinstance(sent, UploadFile):
                raise _Refused(-201, "file is invalid")
            name, content = sent.filename or "", await sent.read()
        if "." not in name.strip("."):
            return {}
        if len(content) > (1_000_000 if kind == "image" else 5_000_000):
            raise _Refused(-210, "Parameter exceeds allowable limit")
        if kind == "image" and not content.startswith((b"\xff\xd8", b"\x89PNG")):
            raise _Refused(-201, "file is invalid. We only support png and jpeg")
        if kind == "gif" and not content.startswith(b"GIF8"):
            raise _Refused(-201, "file is invalid")
        with self._lock:
            if self.uploads_left <= 0:
                raise _Refused(-211, "Out of quota")
            self.uploads_left -= 1
            upload_id = f"up-{next(self._numbers)}"
            self._uploads[upload_id] = _Upload(kind, self.clock.now())
        return {"token" if kind == "file" else "attachment_id": upload_id}

    async def _detail(self, request: Request) -> dict[str, Any]:
        person = self._known_person(self._asked(request).get("user_id"))
        shared = {"phone": int(person.phone), "name": person.name} if person.phone else {}
        return {
            "user_id": person.id,
            "user_id_by_app": person.by_app,
            "display_name": person.name,
            "user_is_follower": person.follows,
            "is_sensitive": False,
            "shared_info": shared,
        }

    async def _list(self, request: Request) -> dict[str, Any]:
        asked = self._asked(request)
        offset, count = asked.get("offset", 0), asked.get("count", 15)
        if not 0 <= offset <= 9951 or not 1 <= count <= 50:
            raise _Refused(-210, "Parameter exceeds allowable limit")
        ids = sorted(self.people)[offset : offset + count]
        return {"total": len(self.people), "count": len(ids), "offset": offset, "users": [{"user_id": i} for i in ids]}

    async def _getoa(self, _: Request) -> dict[str, Any]:
        return {
            self.modes.oa_id_field: self.id,
            "name": "Trung tâm Phục vụ hành chính công phường Mẫu",
            "is_verified": True,
            "num_follower": sum(person.follows for person in self.people.values()),
            "package_name": "Nâng cao",
        }

    def _past(self, person: Person) -> list[dict[str, Any]]:
        theirs = [
            {"src": 1, "time": int(one["at"] * 1000), "type": "text", "message": one["text"],
             "message_id": one["message_id"], "from_id": person.id, "to_id": self.id}
            for one in person.said
        ]  # fmt: skip
        ours = [
            {"src": 0, "time": int(one.at * 1000), "type": "text", "message": one.text,
             "message_id": one.message_id, "from_id": self.id, "to_id": person.id}
            for one in person.sees
        ]  # fmt: skip
        return sorted(theirs + ours, key=lambda one: (one["time"], one["message_id"]), reverse=True)

    def _page(self, request: Request, past: list[dict[str, Any]]) -> list[dict[str, Any]]:
        asked = self._asked(request)
        if not 1 <= asked.get("count", 10) <= 10:
            raise _Refused(-210, "Parameter exceeds allowable limit")
        offset = asked.get("offset", 0)
        return past[offset : offset + asked.get("count", 10)]

    async def _recent(self, request: Request) -> list[dict[str, Any]]:
        newest = [past[0] for person in self.people.values() if (past := self._past(person))]
        return self._page(request, sorted(newest, key=lambda one: one["time"], reverse=True))

    async def _conversation(self, request: Request) -> list[dict[str, Any]]:
        return self._page(request, self._past(self._known_person(self._asked(request).get("user_id"))))

    async def _quota(self, request: Request) -> dict[str, Any]:
        person = self._known_person((await self._json(request)).get("user_id"))
        data: dict[str, Any] = {"promotion": {"daily_remain": 1, "daily_total": 1}}
        if person.last_heard is not None:
            data["last_interaction"] = str(int(person.last_heard * 1000))
        if self.modes.oa_free is not None:
            data["cs_reply"] = {"remain": self.modes.oa_free - person.free_used, "total": self.modes.oa_free}
        return data

    async def _tag(self, request: Request) -> Any:
        match request.path_params["what"]:
            case "gettagsofoa":
                return sorted(self._tags)
            case "tagfollower":
                body = await self._json(request)
                self._tags.setdefault(body["tag_name"], set()).add(str(body["user_id"]))
            case "rmfollowerfromtag":
                body = await self._json(request)
                self._tags.get(body["tag_name"], set()).discard(str(body["user_id"]))
            case "rmtag":
                self._tags.pop((await self._json(request))["tag_name"], None)
            case _:
                raise _Refused(-201, "tag is invalid!")
        return {}


class _Refused(Exception):
    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code, self.said = code, said


def _units(text: object) -> int:
    return len(text.encode("utf-16-le")) // 2 if isinstance(text, str) else 10**9


def _no_more(items: Any, most: int) -> list[Any]:
    if not isinstance(items, list) or not 1 <= len(items) <= most:
        raise _Refused(-210, "Parameter exceeds allowable limit")
    return items
