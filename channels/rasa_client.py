"""The bot, as the gateway sees it: one call that gives replies and signals, or fails openly.

A signal is not for the person but for the gateway: that an officer is wanted, that the last answer is said to be
wrong, that everything is to be deleted. It stands in the bot's list of messages where a reply would stand.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from channels.errors import RasaUnavailable
from motcua.reply import PAYLOAD, Reply

_CONNECT_S = 1.0
# Shorter than the five seconds after which Rasa's server closes an idle connection: a message is never
# sent into a connection that is being closed, for it could not be sent again without doubling it.
_KEEP_S = 4.0
_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=_KEEP_S)

logger = logging.getLogger(__name__)


class _Signal(BaseModel):
    model_config = ConfigDict(frozen=True)


class HandoverSignal(_Signal):
    """The person is to talk to an officer: it was asked for, the bot failed, or the person complains."""

    signal: Literal["handover"] = "handover"
    reason: Literal["asked", "failed", "complaint"]


class ReportSignal(_Signal):
    """The person says that the last answer is wrong."""

    signal: Literal["report"] = "report"
    reason: Literal["wrong"]


class EraseSignal(_Signal):
    """The person has confirmed that everything is to be deleted."""

    signal: Literal["erase"] = "erase"


Signal = HandoverSignal | ReportSignal | EraseSignal


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot makes of one message: at least one reply or signal."""

    replies: tuple[Reply, ...]
    signals: tuple[Signal, ...] = ()


class _Message(BaseModel):
    recipient_id: str
    custom: dict[str, Any]


_MESSAGES = TypeAdapter(list[_Message])
_SIGNAL: TypeAdapter[Signal] = TypeAdapter(Signal)
_NAMES = frozenset({"handover", "report", "erase"})


class RasaClient:
    """Sends people's messages to Rasa's gateway channel.

    A message is sent once: when the outcome is unknown the person is told, and decides.
    """

    def __init__(
        self, url: str, token: str, patience: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Prepares the client; nothing is connected yet.

        Args:
            url: root of Rasa's HTTP server.
            token: shared secret of the internal services.
            patience: seconds that a whole answer may take.
            transport: replaces the network, for tests.
        """
        self._patience = patience
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(patience, connect=min(_CONNECT_S, patience)),
            limits=_LIMITS,
            transport=transport,
            trust_env=False,
        )

    async def ask(self, sender: str, message: str, account: str = "") -> Answer:
        """Gives what the bot makes of one message.

        Args:
            sender: name of the conversation.
            account: what stands for the address behind the conversation, or empty; the bot counts tries by it.
            message: one clean line, or an intent such as `/ask_fee{"procedure":"1.001193"}`.

        Raises:
            RasaUnavailable: unreachable, too slow, an error status, silence, or not a list of replies and signals.
        """
        metadata = {"channel": "web"} | ({"account": account} if account else {})
        body = {"sender": sender, "message": message, "metadata": metadata}
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._http.post("/webhooks/gateway/webhook", json=body)
        except (httpx.HTTPError, TimeoutError) as cause:
            raise RasaUnavailable(type(cause).__name__) from None
        if answer.status_code != httpx.codes.OK:
            raise RasaUnavailable(f"status {answer.status_code}")
        try:
            messages = _MESSAGES.validate_json(answer.content)
        except ValidationError:
            raise RasaUnavailable("the answer is not a list of replies") from None
        if any(m.recipient_id != sender for m in messages):
            raise RasaUnavailable("a reply to somebody else")
        told = _read([m.custom for m in messages])
        if not told.replies and not told.signals:
            raise RasaUnavailable("no reply")
        return told

    async def is_ready(self) -> bool:
        """Says whether Rasa answers and has a model."""
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._http.get("/webhooks/gateway/")
        except (httpx.HTTPError, TimeoutError):
            return False
        return answer.status_code == httpx.codes.OK

    async def forget(self, sender: str) -> None:
        """Has the bot delete what it keeps of a conversation.

        Raises:
            RasaUnavailable: it cannot be reached or did not delete.
        """
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._http.post("/webhooks/gateway/forget", json={"sender": sender})
        except (httpx.HTTPError, TimeoutError) as cause:
            raise RasaUnavailable(type(cause).__name__) from None
        if answer.is_error:
            raise RasaUnavailable(f"status {answer.status_code}")

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()


def _read(said: list[dict[str, Any]]) -> Answer:
    """Separates signals from replies.

    Raises:
        RasaUnavailable: something is neither.
    """
    replies: list[Reply] = []
    signals: list[Signal] = []
    for one in said:
        try:
            if "signal" not in one:
                replies.append(_with_known_choices(Reply.model_validate(one)))
            elif one["signal"] in _NAMES:
                signals.append(_SIGNAL.validate_python(one))
            else:
                logger.warning("the bot gave a signal that is not known")
        except (ValidationError, TypeError):
            raise RasaUnavailable("the answer is not a list of replies and signals") from None
    return Answer(tuple(replies), tuple(signals))


def _with_known_choices(reply: Reply) -> Reply:
    # A button that the gateway would refuse when tapped is a dead end, so it is not shown.
    known = tuple(c for c in reply.choices if PAYLOAD.fullmatch(c.payload))
    if len(known) == len(reply.choices):
        return reply
    logger.warning("left out %d choices whose payload is not known", len(reply.choices) - len(known))
    return reply.model_copy(update={"choices": known})
