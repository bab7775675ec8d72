"""The one way into Rasa: the gateway's messages, with its token, answered or refused openly.

Rasa's own REST channel asks for no token, logs what people write and answers `200 []` when something
broke. This one answers 401, 422 and 500 as problem+json (RFC 9457) and logs neither text nor sender.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty
from sanic.response import json as json_response

from bot.tuning import check_action_schema_once, limit_action_time

logger = logging.getLogger(__name__)

MAX_MESSAGE_CHARS = 2_000
MAX_SENDER_CHARS = 200

# Rasa takes any text with a leading slash for an intent of full confidence, `/restart` included. Only
# what our own buttons send may pass as such: a named intent with, at most, flat JSON entities.
_PAYLOAD = re.compile(
    r"/(?:ask_[a-z]+|choose|check_status|feedback|handoff|help|office_info|affirm|deny)(?:\{[^{}]*\})?"
)


class MalformedMessage(ValueError):
    """The body of a request is not what the gateway sends."""


@dataclass(frozen=True)
class GatewayMessage:
    """One message of one conversation, as the gateway sends it."""

    sender: str
    text: str
    metadata: dict[str, Any]

    @classmethod
    def from_body(cls, body: bytes) -> GatewayMessage:
        """Reads a request body.

        Raises:
            MalformedMessage: when it is not the JSON object `{"sender", "message", "metadata"?}`.
        """
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            raise MalformedMessage("the body is not JSON") from None
        if not isinstance(data, dict):
            raise MalformedMessage("the body is not a JSON object")
        metadata = data.get("metadata")
        if metadata is not None and not isinstance(metadata, dict):
            raise MalformedMessage("'metadata' is not an object")
        return cls(
            sender=_text(data, "sender", MAX_SENDER_CHARS),
            text=_harmless(_text(data, "message", MAX_MESSAGE_CHARS)),
            metadata=metadata or {},
        )


def _text(data: dict[str, Any], field: str, limit: int) -> str:
    value = data.get(field)
    if not isinstance(value, str) or not value.strip():
        raise MalformedMessage(f"'{field}' is missing or not a text")
    if len(value) > limit:
        raise MalformedMessage(f"'{field}' is longer than {limit} characters")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedMessage(f"'{field}' is not valid Unicode") from None
    return value.strip()


def _harmless(text: str) -> str:
    """Takes the leading slashes off anything that is not a payload of ours."""
    if not text.startswith("/") or _PAYLOAD.fullmatch(text):
        return text
    return text.lstrip("/ ") or "?"


def _problem(status: int, title: str, detail: str) -> HTTPResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return json_response(body, status=status, content_type="application/problem+json")


class GatewayInput(InputChannel):
    """Takes `POST webhook {"sender", "message", "metadata"}` and answers with the list of messages.

    A message of the list is `{"recipient_id", "custom": Reply}`. `GET /` says whether a model is
    loaded (200 or 503), `POST forget {"sender"}` deletes a conversation (204).
    """

    def __init__(self, token: str, action_timeout_s: float, answer_timeout_s: float) -> None:
        """Keeps the token that the gateway must show.

        Args:
            token: shared secret of the internal services.
            action_timeout_s: how long the actions server may take; Rasa's own limit is five minutes.
            answer_timeout_s: how long one message may take altogether, waiting for its turn included.

        Raises:
            RasaException: when the token is empty, or the log level would write messages to the log.
        """
        if not token.strip() or token.startswith("$"):
            raise RasaException("MOTCUA_INTERNAL_TOKEN is empty: the gateway channel does not open without it.")
        if logging.getLogger("rasa").isEnabledFor(logging.DEBUG):
            raise RasaException("Log level DEBUG would write people's messages to the log; use INFO or above.")
        self._token = token.strip().encode()
        self._answer_timeout_s = answer_timeout_s
        limit_action_time(action_timeout_s)
        check_action_schema_once()

    @classmethod
    def name(cls) -> str:
        """Gives the channel's name, part of its address: `/webhooks/gateway/`."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayInput:
        """Opens the channel from its section of `credentials.yml` and the environment."""
        return cls(
            token=str((credentials or {}).get("token") or ""),
            action_timeout_s=float(os.environ.get("MOTCUA_ACTIONS_TIMEOUT_S", "1.2")),
            answer_timeout_s=float(os.environ.get("MOTCUA_BOT_TIMEOUT_S", "10")),
        )

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Gives the routes of the channel."""
        routes = Blueprint("gateway_channel")

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return json_response({"status": "no model"}, status=503)
            return json_response({"status": "ready", "model": agent.model_name})

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            if not self._knows(request):
                return _problem(401, "Unauthorized", "the bearer token is missing or wrong")
            try:
                message = GatewayMessage.from_body(request.body)
            except MalformedMessage as error:
                return _problem(422, "Unprocessable message", str(error))
            return await self._answer(message, on_new_message)

        @routes.post("/forget")
        async def forget(request: Request) -> HTTPResponse:
            if not self._knows(request):
                return _problem(401, "Unauthorized", "the bearer token is missing or wrong")
            try:
                data = json.loads(request.body)
                sender = _text(data if isinstance(data, dict) else {}, "sender", MAX_SENDER_CHARS)
            except ValueError as error:
                return _problem(422, "Unprocessable message", str(error))
            store = request.app.ctx.agent.tracker_store
            # Rasa wraps the store that endpoints.yml names, and the wrapper deletes nothing.
            await getattr(store, "_tracker_store", store).delete(sender)
            return empty()

        return routes

    def _knows(self, request: Request) -> bool:
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), self._token)

    async def _answer(
        self, message: GatewayMessage, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> HTTPResponse:
        collector = CollectingOutputChannel()
        user_message = UserMessage(
            message.text, collector, message.sender, input_channel=self.name(), metadata=message.metadata
        )
        try:
            await asyncio.wait_for(on_new_message(user_message), self._answer_timeout_s)
        except asyncio.TimeoutError:
            logger.error("A message was not answered within %s s.", self._answer_timeout_s)
            return _problem(500, "No answer", "handling the message took too long")
        except Exception as error:
            # Only the kind: the text of an exception may quote the message.
            logger.error("Handling a message raised %s.", type(error).__name__)
            return _problem(500, "No answer", "handling the message failed")
        if not collector.messages:
            # Every rule ends in an action that speaks; silence means that the actions server is down,
            # slow or broke, which Rasa logs and otherwise passes over.
            return _problem(500, "No answer", "no action answered")
        return json_response(collector.messages)
