"""The Bot Platform: bots, people and groups, updates by webhook or poll, and the methods."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import json
import re
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.simulators.zalo.clock import SimClock
from tests.simulators.zalo.deliveries import Deliveries
from tests.simulators.zalo.modes import Modes

_MARK = re.compile(r"\\(.)")
_MOST_KEPT = 200


@dataclass
class BotPerson:
    """Somebody who writes to a bot."""

    id: str
    name: str


@dataclass
class Group:
    """A group that a bot is in."""

    id: str
    name: str


@dataclass
class BotShown:
    """A message of the bot as a chat shows it; `text` after its marks were read. A picture may end up "black"."""

    message_id: str
    text: str
    raw: dict[str, Any]
    kind: str = "text"
    is_black: bool = False


@dataclass
class Bot:
    """One bot.

    Attributes:
        sees: what each chat shows of it.
        sent: messages it has sent this month.
    """

    id: str
    name: str
    secret: str
    joins_groups: bool = True
    webhook_url: str = ""
    webhook_secret: str = ""
    changed: str = ""
    sent: int = 0
    chats: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    sees: dict[str, list[BotShown]] = field(default_factory=dict)
    waiting: deque[dict[str, Any]] = field(default_factory=deque)
    given: list[dict[str, Any]] = field(default_factory=list)
    polls: int = 0
    recent: list[float] = field(default_factory=list)
    typing: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        return f"{self.id}:{self.secret}"

    def texts(self, chat: str) -> list[str]:
        return [shown.text for shown in self.sees.get(chat, [])]


class BotSide:
    """The platform.

    Attributes:
        poll_scale: what the seconds of a poll are multiplied by, so that an empty one ends sooner.
        picture_again_s: seconds after which a picture is fetched a second time.
        slow_photo_s: how long `sendPhoto` takes besides.
        allows_private: test flag: whether a webhook may lie at a loopback address without HTTPS.
        fakes_secret: sends webhooks with this instead of the right secret; None for the right one.
    """

    def __init__(self, clock: SimClock, modes: Modes, deliveries: Deliveries) -> None:
        self.clock, self.modes, self.deliveries = clock, modes, deliveries
        self.poll_scale = 1.0
        self.picture_again_s = 0.1
        self.slow_photo_s = 0.0
        self.allows_private = True
        self.fakes_secret: str | None = None
        self.bots: dict[str, Bot] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._background: set[asyncio.Task[None]] = set()

    # --- people

    def bot(self, name: str = "Bot Một cửa") -> Bot:
        with self._lock:
            one = Bot(str(1459232241454765289 + next(self._numbers)), name, secrets.token_urlsafe(18))
            self.bots[one.token] = one
            return one

    def person(self, name: str = "Trần Thị Bình") -> BotPerson:
        return BotPerson(f"6ede9afa66b8{next(self._numbers):08x}", name)

    def group(self, bot: Bot, name: str = "Tổ dân phố 5") -> Group:
        assert bot.joins_groups, "this bot may not join groups"
        group = Group(f"9c1d77{next(self._numbers):014x}", name)
        bot.groups.add(group.id)
        bot.chats.add(group.id)
        return group

    def says(self, bot: Bot, person: BotPerson, text: str, *, at: float | None = None) -> str:
        return self.sends(bot, person, "message.text.received", {"text": text}, at=at)

    def says_in_group(self, bot: Bot, group: Group, person: BotPerson, text: str, *, answers: bool = False) -> str:
        """A text in a group; the bot hears it only where it is mentioned or answered."""
        if f"@{bot.name}" not in text and not answers:
            return ""
        return self.sends(bot, person, "message.text.received", {"text": text}, group=group)

    def sends_photo(self, bot: Bot, person: BotPerson, url: str, caption: str = "") -> str:
        content = {self.modes.bot_photo: url} | ({"caption": caption} if caption else {})
        return self.sends(bot, person, "message.image.received", content)

    def sends(
        self,
        bot: Bot,
        person: BotPerson,
        name: str,
        content: dict[str, Any],
        *,
        group: Group | None = None,
        at: float | None = None,
    ) -> str:
        """Anything of a person; gives the message's id."""
        message_id = f"2d758cb5e222{next(self._numbers):08x}"
        chat = {"id": group.id, "chat_type": "GROUP"} if group else {"id": person.id, "chat_type": "PRIVATE"}
        message = {
            "message_id": message_id,
            "date": int((self.clock.now() if at is None else at) * 1000),
            "from": {"id": person.id, "display_name": person.name, "is_bot": False},
            "chat": chat,
            "message_type": "CHAT_MESSAGE",
            **content,
        }
        bot.chats.add(chat["id"])
        self.tell(bot, {"event_name": name, "message": message})
        return message_id

    def tell(self, bot: Bot, update: dict[str, Any]) -> None:
        """Sends an update to the webhook, or keeps it for the next poll."""
        with self._lock:
            if not bot.webhook_url:
                bot.waiting.append(update)
                return
        content = {"ok": True, "result": update} if self.modes.bot_wrapped else update
        headers = {"content-type": "application/json"}
        secret = bot.webhook_secret if self.fakes_secret is None else self.fakes_secret
        if secret:
            headers["X-Bot-Api-Secret-Token"] = secret
        ladder = (1.0,) * self.modes.bot_retries
        body = json.dumps(content, ensure_ascii=False).encode()
        self.deliveries.send(bot.webhook_url, body, headers, ladder)

    # --- methods

    @property
    def routes(self) -> list[Route]:
        return [Route("/bot{token}/{method}", self._method, methods=["GET", "POST"]), Route("/{rest:path}", _nowhere)]

    async def _method(self, request: Request) -> Response:
        bot = self.bots.get(request.path_params["token"])
        work = self._methods.get(request.path_params["method"])
        if bot is None:
            return self._error(401, "Unauthorized")
        if work is None:
            return self._error(404, "Not Found")
        try:
            fields = await _fields(request)
        except ValueError:
            return self._error(400, "Bad request")
        try:
            result = await work(self, bot, fields)
        except _Refused as refused:
            return self._error(refused.code, refused.said)
        return JSONResponse({"ok": True} if result is None else {"ok": True, "result": result})

    def _error(self, code: int, said: str) -> Response:
        body: dict[str, Any] = {"ok": False, "description": said}
        if code not in (404, 408) or self.modes.bot_code_on_idle:
            body["error_code"] = code
        # The end of an empty poll has always been seen with a status of its own.
        return JSONResponse(body, code if self.modes.bot_status or code == 408 else 200)

    async def _me(self, bot: Bot, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": bot.id,
            "account_name": f"bot.{bot.id[-6:]}",
            "display_name": bot.name,
            "account_type": "BASIC",
            "can_join_groups": bot.joins_groups,
        }

    async def _updates(self, bot: Bot, fields: dict[str, Any]) -> Any:
        if bot.webhook_url:
            raise _Refused(400, "Bad request: a webhook is set")
        try:
            wait_s = float(fields.get("timeout", 30)) * self.poll_scale
        except ValueError:
            raise _Refused(400, "Bad request") from None
        with self._lock:
            bot.polls += 1
            is_second = bot.polls > 1
        try:
            if is_second and self.modes.bot_second_poll == "error":
                raise _Refused(400, "Bad request: another getUpdates is running")
            loop = asyncio.get_running_loop()
            deadline = loop.time() + wait_s
            while True:
                with self._lock:
                    found = None if is_second else self._next(bot)
                if found is not None:
                    return [found] if self.modes.bot_list else found
                if loop.time() >= deadline:
                    raise _Refused(408, "Request timeout")
                await asyncio.sleep(0.005)
        finally:
            with self._lock:
                bot.polls -= 1

    def _next(self, bot: Bot) -> dict[str, Any] | None:
        if bot.waiting:
            bot.given = [*bot.given[-_MOST_KEPT:], bot.waiting.popleft()]
            return bot.given[-1]
        if self.modes.bot_updates == "replay" and bot.given:
            # What was given comes again, one after the other, for ever.
            bot.given.append(bot.given.pop(0))
            return bot.given[-1]
        return None

    async def _set_webhook(self, bot: Bot, fields: dict[str, Any]) -> dict[str, Any]:
        url, secret = str(fields.get("url", "")), str(fields.get("secret_token", ""))
        if not secret:
            raise _Refused(400, "The secret_token must not be empty")
        if not 8 <= len(secret) <= 256:
            raise _Refused(400, "Bad request: secret_token")
        if not self.allows_private and not _is_public(url):
            raise _Refused(400, "Bad request: url")
        with self._lock:
            bot.webhook_url, bot.webhook_secret, bot.changed = url, secret, self.clock.ms()
        return {"url": url, "updated_at": int(bot.changed)}

    async def _delete_webhook(self, bot: Bot, _: dict[str, Any]) -> dict[str, Any]:
        bot.webhook_url, bot.changed = "", self.clock.ms()
        return {"url": "", "updated_at": int(bot.changed)}

    async def _webhook_info(self, bot: Bot, _: dict[str, Any]) -> dict[str, Any]:
        if not bot.webhook_url:
            raise _Refused(404, "Not Found")
        return {"url": bot.webhook_url, "updated_at": int(bot.changed)}

    async def _send_message(self, bot: Bot, fields: dict[str, Any]) -> dict[str, Any]:
        text = fields.get("text")
        if not isinstance(text, str) or not text.strip() or _units(text) > 2000:
            raise _Refused(400, "Bad request: text")
        chat = self._chat(bot, fields)
        mode = fields.get("parse_mode")
        if mode is not None:
            if mode not in ("markdown", "html") or (mode == "markdown" and not _pairs(text)):
                raise _Refused(400, "Bad request: can't parse entities")
            text = _read_marks(text) if mode == "markdown" else text
        return self._sent(bot, chat, BotShown("", text, fields))

    async def _send_photo(self, bot: Bot, fields: dict[str, Any]) -> dict[str, Any]:
        chat, url = self._chat(bot, fields), str(fields.get("photo", ""))
        if "caption" in fields and not 1 <= _units(str(fields["caption"])) <= 2000:
            raise _Refused(400, "Bad request: caption")
        await asyncio.sleep(self.slow_photo_s)
        if not await _is_picture(url):
            raise _Refused(400, "Bad request: photo")
        shown = BotShown("", str(fields.get("caption", "")), fields, kind="photo")
        result = self._sent(bot, chat, shown)

        async def look_again() -> None:
            await asyncio.sleep(self.picture_again_s)
            shown.is_black = not await _is_picture(url)

        task = asyncio.create_task(look_again())
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return result

    async def _send_sticker(self, bot: Bot, fields: dict[str, Any]) -> dict[str, Any]:
        if not re.fullmatch(r"[0-9a-f]{8,}", str(fields.get("sticker", ""))):
            raise _Refused(400, "Bad request: sticker")
        return self._sent(bot, self._chat(bot, fields), BotShown("", "", fields, kind="sticker"))

    async def _send_voice(self, bot: Bot, fields: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(bot, fields)
        if not str(fields.get("voice_url", "")).endswith(".aac"):
            raise _Refused(400, "Bad request: voice_url")
        if chat in bot.groups:
            return {"message_id": secrets.token_hex(10), "date": int(self.clock.ms())}
        return self._sent(bot, chat, BotShown("", "", fields, kind="voice"))

    async def _chat_action(self, bot: Bot, fields: dict[str, Any]) -> None:
        if fields.get("action") != "typing":
            raise _Refused(400, "Bad request: action")
        bot.typing.append(self._chat(bot, fields))

    def _chat(self, bot: Bot, fields: dict[str, Any]) -> str:
        chat = fields.get("chat_id")
        if not isinstance(chat, str) or chat not in bot.chats:
            raise _Refused(400, "Bad request: chat not found")
        return chat

    def _sent(self, bot: Bot, chat: str, shown: BotShown) -> dict[str, Any]:
        with self._lock:
            moment = self.clock.now()
            bot.recent = [one for one in bot.recent if one > moment - 60]
            if self.modes.bot_rate is not None and len(bot.recent) >= self.modes.bot_rate:
                raise _Refused(429, "Quota exceeded")
            if bot.sent >= self.modes.bot_monthly:
                raise _Refused(429, "Quota exceeded")
            bot.recent.append(moment)
            bot.sent += 1
            shown.message_id = f"82599fa32f56{next(self._numbers):08x}"
            bot.sees.setdefault(chat, []).append(shown)
        date = int(self.clock.ms())
        if self.modes.bot_echoes:
            kind = "GROUP" if chat in bot.groups else "PRIVATE"
            writer = {"id": bot.id, "display_name": bot.name, "is_bot": True}
            message = {"message_id": shown.message_id, "date": date, "from": writer, "text": shown.text,
                       "chat": {"id": chat, "chat_type": kind}}  # fmt: skip
            self.tell(bot, {"event_name": "message.text.received", "message": message})
        return {"message_id": shown.message_id, "date": date}

    _methods: ClassVar[dict[str, Any]] = {
        "getMe": _me,
        "getUpdates": _updates,
        "setWebhook": _set_webhook,
        "deleteWebhook": _delete_webhook,
        "getWebhookInfo": _webhook_info,
        "sendMessage": _send_message,
        "sendPhoto": _send_photo,
        "sendSticker": _send_sticker,
        "sendVoice": _send_voice,
        "sendChatAction": _chat_action,
    }


class _Refused(Exception):
    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code, self.said = code, said


async def _nowhere(_: Request) -> Response:
    return PlainTextResponse("not found", 404)


async def _fields(request: Request) -> dict[str, Any]:
    fields: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0]
    if body and kind == "application/json":
        content = json.loads(body)
        if not isinstance(content, dict):
            raise ValueError("not an object")
        fields |= content
    elif body and kind == "application/x-www-form-urlencoded":
        fields |= dict(parse_qsl(body.decode()))
    elif kind == "multipart/form-data":
        async with request.form() as form:
            fields |= {name: value for name, value in form.items() if isinstance(value, str)}
    return fields


async def _is_picture(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            answer = await http.get(url)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return answer.status_code == 200 and answer.headers.get("content-type", "").startswith("image/")


def _is_public(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.hostname == "localhost":
        return False
    try:
        return ipaddress.ip_address(parts.hostname).is_global
    except ValueError:
        return "." in parts.hostname


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _pairs(text: str) -> bool:
    """Whether every mark that is not escaped has its partner."""
    bare = _MARK.sub("", text)
    bare = re.sub(r"(?:https?://|www\.)\S+", "", bare)
    return all(len(re.findall(re.escape(mark), bare)) % 2 == 0 for mark in ("**", "`"))


def _read_marks(text: str) -> str:
    """What a person sees of a marked text: pairs gone, escaped signs as themselves."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[1])
        return f"\0{len(kept) - 1}\0"

    shown = re.sub(r"\*\*(.+?)\*\*", r"\1", re.sub(r"\\(.)", keep, text))
    shown = re.sub(r"(?<!\w)[*_](\S(?:.*?\S)?)[*_](?!\w)", r"\1", shown)
    return re.sub(r"\0(\d+)\0", lambda found: kept[int(found[1])], shown)
