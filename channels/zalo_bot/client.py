"""Calls to the Bot API, each made once, each failure in its class.

The token is part of every address: it appears in no error, and `channels.zalo.redaction` takes it out of the HTTP
client's own log. Errors come with their own status or with 200, so the JSON is read first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from channels.zalo.calling import Answer, Caller
from channels.zalo.errors import (
    OVER_THE_RATE,
    Again,
    CallFailed,
    NotConfigured,
    OutcomeUnknown,
    Passing,
    Permanent,
    SetUpWrong,
    TokenRefused,
)
from channels.zalo.json_text import a_moment, a_name, a_number, a_text, an_object
from channels.zalo_bot.messages import BotMessage
from channels.zalo_bot.updates import Update, read_result

READ_S, PHOTO_S, POLL_EXTRA_S = 15.0, 150.0, 10.0
_SHORTEST_SECRET, _LONGEST_SECRET = 8, 256


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself."""

    id: str
    name: str
    joins_groups: bool


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where updates are sent; `url` is empty where they are fetched."""

    url: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that Zalo took."""

    message_id: str = field(default="")


class BotClient:
    """Calls of one bot. Safe to use from many tasks of one event loop."""

    def __init__(self, url: str, token: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Prepares the connections.

        Args:
            url: root of the API, such as `https://bot-api.zaloplatforms.com`.
            token: `<id>:<secret>` of the bot.
            transport: replaces the network, for tests.

        Raises:
            NotConfigured: address or token is none.
        """
        number, _, secret = token.partition(":")
        if (
            not (number.isascii() and number.isdigit() and secret.isascii() and secret.isprintable())
            or set(secret) & set(" /?#%\\")
            or not secret
        ):
            raise NotConfigured("MOTCUA_ZALO_BOT_TOKEN is none such as 1234567890:secret")
        self._path = f"/bot{token}"
        self._caller = Caller(url, transport=transport)

    async def me(self) -> Me:
        """Gives the bot itself.

        Raises:
            CallFailed: of the class that says why.
        """
        found = an_object(await self._call("getMe", {}, harmless=True))
        name = a_text(found.get("display_name")) or a_text(found.get("account_name"))
        return Me(a_name(found.get("id")), name, found.get("can_join_groups") is True)

    async def send(self, chat: str, message: BotMessage) -> SentMessage:
        """Sends a text; where Zalo does not take its marks, the same text without them.

        Args:
            chat: id of the person or group, from an update.
            message: what to send.

        Raises:
            CallFailed: of the class that says whether it was sent and whether to try again.
        """
        if message.marked:
            try:
                return await self._send(chat, message.marked, parse_mode="markdown")
            except Permanent as refused:
                if refused.code != httpx.codes.BAD_REQUEST:
                    raise
        return await self._send(chat, message.text)

    async def send_photo(self, chat: str, url: str, caption: str = "") -> SentMessage:
        """Sends a picture that Zalo fetches, more than once and possibly late: its address must last.

        Raises:
            CallFailed: as for `send`; never to be repeated where the outcome is unknown.
        """
        body = {"chat_id": chat, "photo": url} | ({"caption": caption} if caption else {})
        try:
            return _sent("sendPhoto", await self._call("sendPhoto", body, read_s=PHOTO_S))
        except Passing as failure:
            # It may have fetched and shown the picture before it failed.
            failure.again = Again()
            raise

    async def send_sticker(self, chat: str, sticker: str) -> SentMessage:
        """Sends a sticker of the registered packs.

        Raises:
            CallFailed: as for `send`.
        """
        return _sent("sendSticker", await self._call("sendSticker", {"chat_id": chat, "sticker": sticker}))

    async def show_typing(self, chat: str) -> None:
        """Shows for some seconds that an answer is being written.

        Raises:
            CallFailed: as for `send`; it matters to nobody.
        """
        await self._call("sendChatAction", {"chat_id": chat, "action": "typing"}, harmless=True)

    async def updates(self, wait_s: int = 30) -> tuple[Update, ...]:
        """Waits for updates; none is the usual end of a wait.

        Zalo gives one at a time, with nothing to say where to go on: it may give the same again, and may not give
        again what broke off on the way. Whoever calls stores them and knows them by their keys.

        Args:
            wait_s: seconds that Zalo may wait for something to happen.

        Raises:
            TokenRefused: the token is none; stop.
            Permanent: a webhook is set; take it away first.
            CallFailed: try again after a pause.
        """
        try:
            result = await self._call(
                "getUpdates", {"timeout": str(wait_s)}, read_s=wait_s + POLL_EXTRA_S, harmless=True
            )
        except _NothingNew:
            return ()
        return read_result(result)

    async def set_webhook(self, url: str, secret: str) -> Webhook:
        """Has updates sent to an address.

        Args:
            url: public, HTTPS.
            secret: 8 to 256 characters that come back with every update.

        Raises:
            NotConfigured: the secret is none.
            CallFailed: as for `send`.
        """
        if not _SHORTEST_SECRET <= len(secret) <= _LONGEST_SECRET:
            raise NotConfigured("MOTCUA_ZALO_BOT_WEBHOOK_SECRET needs 8 to 256 characters")
        return _webhook(await self._call("setWebhook", {"url": url, "secret_token": secret}, harmless=True))

    async def delete_webhook(self) -> None:
        """Has updates kept for fetching.

        Raises:
            CallFailed: as for `send`.
        """
        await self._call("deleteWebhook", {}, harmless=True)

    async def webhook(self) -> Webhook:
        """Says where updates are sent.

        Raises:
            CallFailed: as for `send`.
        """
        try:
            return _webhook(await self._call("getWebhookInfo", {}, harmless=True))
        except Permanent as refused:
            # This is how Zalo says that none is set.
            if refused.status == httpx.codes.NOT_FOUND or refused.code == httpx.codes.NOT_FOUND:
                return Webhook("", None)
            raise

    async def close(self) -> None:
        """Closes the connections."""
        await self._caller.close()

    async def _send(self, chat: str, text: str, **more: str) -> SentMessage:
        return _sent("sendMessage", await self._call("sendMessage", {"chat_id": chat, "text": text, **more}))

    async def _call(
        self, method: str, body: dict[str, Any], *, read_s: float = READ_S, harmless: bool = False
    ) -> object:
        answer = await self._caller.call(
            method, "POST", f"{self._path}/{method}", read_s=read_s, harmless=harmless, json=body
        )
        return _result(method, answer, harmless)


class _NothingNew(Exception):
    """The usual end of a wait for updates."""


def _result(method: str, answer: Answer, harmless: bool) -> object:
    content, status = answer.content, answer.status
    if content is not None and content.get("ok") is True:
        return content.get("result")
    code = status
    if content is not None and content.get("ok") is False:
        told = a_number(content.get("error_code"))
        # With neither a code nor a status of its own only the words are left.
        if told is not None:
            code = int(told)
        elif status == httpx.codes.OK:
            code = _by_words(a_text(content.get("description")))
    elif status < 400:
        said = "no answer that can be read"
        raise Passing(method, said, status=status) if harmless else OutcomeUnknown(method, said, status=status)
    if code == httpx.codes.REQUEST_TIMEOUT and method == "getUpdates":
        raise _NothingNew
    raise _failure(method, code, status, spoke=content is not None, harmless=harmless)


_WORDS = {"request timeout": 408, "not found": 404, "quota exceeded": 429, "unauthorized": 401}


def _by_words(description: str) -> int:
    return next((code for words, code in _WORDS.items() if words in description.lower()), httpx.codes.BAD_REQUEST)


def _failure(method: str, code: int, status: int, *, spoke: bool, harmless: bool) -> CallFailed:
    match code:
        case 401:
            return TokenRefused(method, "the token is not taken", code=code, status=status)
        # Zalo's own words for 403 are "Internal server error".
        case 403:
            return Passing(method, "Zalo failed", code=code, status=status)
        case 429:
            said = "over the rate or the month's quota"
            return Passing(method, said, code=code, status=status, again=OVER_THE_RATE)
        case 408 | 504:
            # Something between may have given up on a call that was carried out all the same.
            if harmless:
                return Passing(method, "no answer in time", code=code, status=status)
            return OutcomeUnknown(method, "no answer in time", code=code, status=status)
        case _ if code >= 500:
            if spoke or harmless:
                return Passing(method, "Zalo failed", code=code, status=status)
            return OutcomeUnknown(method, "an error page instead of an answer", code=code, status=status)
        case _ if 300 <= code < 400:
            return SetUpWrong(method, "sends elsewhere", code=code, status=status)
        case _:
            return Permanent(method, "refused", code=code, status=status)


def _sent(method: str, result: object) -> SentMessage:
    message_id = a_name(an_object(result).get("message_id"))
    if not message_id:
        raise OutcomeUnknown(method, "a success without a message id")
    return SentMessage(message_id)


def _webhook(result: object) -> Webhook:
    found = an_object(result)
    return Webhook(a_text(found.get("url")), a_moment(found.get("updated_at")))
