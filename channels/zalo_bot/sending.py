"""What the outbox calls to send for the bot. Nothing tells what became of an unknown outcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from channels.durable.model import Message as Kept
from channels.durable.model import Outcome, Sent
from channels.storage import now
from channels.zalo.errors import CallFailed
from channels.zalo.outcomes import outcome_of
from channels.zalo_bot.client import BotClient
from channels.zalo_bot.messages import BotMessage


def outgoing(message: BotMessage) -> dict[str, Any]:
    """Gives what the outbox keeps of a message (`Outgoing.body`)."""
    return {"text": message.text, "marked": message.marked}


class BotSender:
    """Implements `channels.durable.model.Sender`."""

    def __init__(self, client: BotClient, *, clock: Callable[[], datetime] = now) -> None:
        """Takes the client of the bot; `clock` is for tests."""
        self._client, self._clock = client, clock

    async def send(self, message: Kept) -> Outcome:
        """Makes the call."""
        text = BotMessage(message.body["text"], message.body["marked"])
        try:
            return Sent((await self._client.send(message.address.conversation, text)).message_id)
        except CallFailed as failure:
            return outcome_of(failure, message.attempt, self._clock())

    async def settle(self, message: Kept) -> Outcome | None:
        """Says that there is no way to find out: the Bot API has no history."""
        return None
