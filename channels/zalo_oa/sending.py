"""What the outbox calls to send for the Official Account, and to find out what became of an unknown outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from channels.durable.model import Message as Kept
from channels.durable.model import NotSent, Outcome, Sent, Unknown
from channels.storage import now
from channels.zalo.errors import CallFailed, CannotReach, ConsentLost
from channels.zalo.outcomes import outcome_of
from channels.zalo_oa.client import OaClient
from channels.zalo_oa.messages import Message

# Not heard of for seven days, or for longer than the account's package allows: a template may still reach the person.
_OUT_OF_WINDOW = (-230, -232)
_CLOCKS_DIFFER = timedelta(seconds=5)
_HISTORY_LATE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Template:
    """A registered text that says the same, for somebody who has been silent for too long."""

    id: str
    fields: Mapping[str, str] = field(repr=False)


def outgoing(message: Message, template: Template | None = None) -> dict[str, Any]:
    """Gives what the outbox keeps of a message (`Outgoing.body`).

    Args:
        message: what to send.
        template: what to send in its place where the person has been silent for too long, or None.
    """
    body: dict[str, Any] = {"message": message.body()}
    if template:
        body["template"] = {"id": template.id, "fields": dict(template.fields)}
    return body


class OaSender:
    """Implements `channels.durable.model.Sender`."""

    def __init__(self, client: OaClient, *, clock: Callable[[], datetime] = now) -> None:
        """Takes the client of the account; `clock` is for tests."""
        self._client, self._clock = client, clock

    async def send(self, message: Kept) -> Outcome:
        """Makes the call; where the person has been silent for too long, the one with the template."""
        person, body = message.address.conversation, message.body
        try:
            try:
                return Sent((await self._client.send(person, body["message"])).message_id)
            except CannotReach as failure:
                template = body.get("template")
                if not template or failure.code not in _OUT_OF_WINDOW:
                    raise
            sent = await self._client.send_template(person, template["id"], template["fields"])
            return Sent(sent.message_id, as_template=True)
        except (CallFailed, ConsentLost) as failure:
            return outcome_of(failure, message.attempt, self._clock())

    async def settle(self, message: Kept) -> Outcome | None:
        """Looks the message up in the account's history, which may be some seconds late.

        A text that stands there was sent; one that does not stand there after half a minute was not. Messages without
        a text, and those that may have gone out as a template, cannot be told apart there.
        """
        text = message.body["message"].get("text", "")
        if not text:
            return None
        try:
            found = await self._client.find_said(message.address.conversation, text, message.tried_at - _CLOCKS_DIFFER)
        except (CallFailed, ConsentLost) as failure:
            return Unknown(str(failure))
        if found:
            return Sent(found)
        if "template" in message.body:
            return None
        if self._clock() - message.tried_at < _HISTORY_LATE:
            return Unknown("not in the history yet")
        return NotSent("not in the history")
