"""The inbox: every message is written down before the bot is asked, and answered once.

A message is known by its session and the id that the client gave it. Sent again, it gets the same
message id and the same replies; when there was no answer the first time (the bot was down, the process
ended), it is asked again. While an officer has the conversation, the bot is not asked and the answer is
no reply: what the officer writes comes later, as a notice.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, insert, null, select, update

from channels.errors import NotFound, RasaUnavailable, SessionUnknown, StorageUnavailable
from channels.handover.cases import Conversation
from channels.handover.conversation import Handovers, Heeded, Said
from channels.inbound import Inbound
from channels.rasa_client import Answer, RasaClient
from channels.sessions import CHANNEL
from channels.storage import Storage, in_utc, now
from channels.tables import ChatMessage, ChatSession
from channels.turns import Turns
from motcua.privacy import mask_answer
from motcua.reply import Reply

_REPLIES = TypeAdapter(list[Reply])
# How far back the title of a tapped choice is looked for.
_LOOK_BACK = 20


logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One message as the inbox holds it; `replies` is None while it has no answer."""

    id: str
    client_message_id: str
    text: str
    received_at: datetime
    replies: list[Reply] | None


@dataclass(frozen=True)
class Answered:
    """A message and its replies."""

    message_id: str
    replies: list[Reply]


class Transcript(Protocol):
    """Where the talk of a channel's conversations can be read, masked."""

    async def history(self, conversation: str, limit: int, /) -> list[Entry]:
        """Gives the newest messages of a conversation, oldest first; none where it is not there any more."""


class Inbox:
    """Takes messages one conversation at a time, in order, and remembers what was answered."""

    def __init__(
        self,
        storage: Storage,
        rasa: RasaClient,
        patience: float,
        handovers: Handovers,
        finish_erasure: Callable[[str], Awaitable[None]],
    ) -> None:
        """Prepares the inbox.

        Args:
            storage: where messages are kept.
            rasa: the bot.
            patience: seconds from taking a message to its answer, waiting for its turn included.
            handovers: takes what is for an officer, and does what the bot's signals ask for.
            finish_erasure: deletes what is left of a session that was marked as erased.
        """
        self._storage = storage
        self._rasa = rasa
        self._patience = patience
        self._handovers = handovers
        self._finish_erasure = finish_erasure
        self._turns = Turns()

    async def receive(self, session_id: str, client_message_id: str, inbound: Inbound, account: str = "") -> Answered:
        """Answers one message, or gives the answer it had.

        Args:
            session_id: whose conversation.
            client_message_id: the client's own name of the message.
            inbound: the message.
            account: what stands for the address it came from, or empty.

        Raises:
            RasaUnavailable: no answer in time; the same message may be sent again.
            SessionUnknown: the session was erased meanwhile.
            StorageUnavailable: the message or its answer could not be kept.
        """
        deadline = asyncio.get_running_loop().time() + self._patience
        try:
            async with asyncio.timeout_at(deadline) as limit, self._turns.of(session_id):
                entry = await self._write_down(session_id, client_message_id, inbound)
                if entry.replies is not None:
                    return Answered(entry.id, entry.replies)
                answer = (
                    Answer((inbound.reply,))
                    if inbound.reply
                    else await self._rasa.ask(session_id, inbound.message, account)
                )
                # There is an answer: keeping it is no longer part of the wait.
                limit.reschedule(None)
                heeded = await self._keep(session_id, entry.id, answer)
        except TimeoutError:
            raise RasaUnavailable("no answer in time") from None
        if heeded.erases:
            await self._erased(session_id)
        return Answered(entry.id, heeded.replies)

    async def history(self, session_id: str, limit: int, before: str = "") -> list[Entry]:
        """Gives the newest messages of a session, oldest first.

        Args:
            session_id: whose messages.
            limit: how many at most.
            before: id of a message; only older ones are given.

        Raises:
            NotFound: `before` is no message of this session.
            StorageUnavailable: the database cannot be read.
        """

        def look(connection: Connection) -> list[Entry]:
            query = _entries(session_id).order_by(ChatMessage.number.desc()).limit(limit)
            if before:
                number = connection.scalar(
                    select(ChatMessage.number).where(ChatMessage.session_id == session_id, ChatMessage.id == before)
                )
                if number is None:
                    raise NotFound
                query = query.where(ChatMessage.number < number)
            return [_entry(row) for row in connection.execute(query)][::-1]

        return await self._storage.run(look)

    async def _write_down(self, session_id: str, client_message_id: str, inbound: Inbound) -> Entry:
        def write(connection: Connection) -> Entry:
            known = connection.execute(
                _entries(session_id).where(ChatMessage.client_message_id == client_message_id)
            ).one_or_none()
            if known is not None and known.replies is not None:
                return _entry(known)
            if not _is_open(connection, session_id):
                raise SessionUnknown
            shown = _title(connection, session_id, inbound.payload) or inbound.shown
            if known is not None:
                entry = _entry(known)
            else:
                entry = Entry(secrets.token_hex(16), client_message_id, mask_answer(shown), now(), None)
                connection.execute(
                    insert(ChatMessage).values(
                        id=entry.id,
                        session_id=session_id,
                        client_message_id=client_message_id,
                        text=entry.text,
                        received_at=entry.received_at,
                    )
                )
            if not shown:
                return entry
            said = Said(entry.id, shown, inbound.payload)
            replies = self._handovers.hear(connection, _conversation(session_id), said, now())
            if replies is None:
                return entry
            _answer(connection, entry.id, replies)
            return replace(entry, replies=replies)

        return await self._storage.run(write)

    async def _keep(self, session_id: str, message_id: str, answer: Answer) -> Heeded:
        def keep(connection: Connection) -> Heeded:
            if answer.signals and not _hold_open(connection, session_id):
                raise SessionUnknown
            heeded = self._handovers.heed(connection, _conversation(session_id), message_id, answer, now())
            if heeded.erases:
                this = update(ChatSession).where(ChatSession.id == session_id)
                connection.execute(this.values(erased_at=now()))
            elif not _answer(connection, message_id, heeded.replies):
                raise SessionUnknown
            return heeded

        return await self._storage.run(keep)

    async def _erased(self, session_id: str) -> None:
        try:
            await self._finish_erasure(session_id)
        except StorageUnavailable as cause:
            # The session is closed; what is left of it is deleted with the next look.
            logger.warning("an erasure is not finished yet: %s", cause)


def _entries(session_id: str) -> Select[str, str, str, datetime, str | None]:
    return select(
        ChatMessage.id,
        ChatMessage.client_message_id,
        ChatMessage.text,
        ChatMessage.received_at,
        ChatMessage.replies,
    ).where(ChatMessage.session_id == session_id)


def _entry(row: Row[str, str, str, datetime, str | None]) -> Entry:
    message_id, client_message_id, text, received_at, replies = row
    return Entry(
        message_id,
        client_message_id,
        text,
        in_utc(received_at),
        None if replies is None else _REPLIES.validate_json(replies),
    )


def _conversation(session_id: str) -> Conversation:
    return Conversation(CHANNEL, session_id, session_id)


def _answer(connection: Connection, message_id: str, replies: list[Reply]) -> bool:
    """Keeps the answer to a message; False when the person erased the conversation while the bot was thinking."""
    values = {"replies": _REPLIES.dump_json(replies).decode(), "answered_at": now()}
    return connection.execute(update(ChatMessage).where(ChatMessage.id == message_id).values(values)).rowcount > 0


def _hold_open(connection: Connection, session_id: str) -> bool:
    """Takes the session's row: an erasure that comes now waits for us, or is found done (False)."""
    this = update(ChatSession).where(ChatSession.id == session_id, ChatSession.erased_at.is_(None))
    return connection.execute(this.values(erased_at=null())).rowcount > 0


def _is_open(connection: Connection, session_id: str) -> bool:
    erased = select(ChatSession.erased_at).where(ChatSession.id == session_id)
    row = connection.execute(erased).one_or_none()
    return row is not None and row.erased_at is None


def _title(connection: Connection, session_id: str, payload: str) -> str:
    """Gives the title of the button that was tapped, as the person saw it, or nothing."""
    if not payload:
        return ""
    shown = connection.scalars(
        select(ChatMessage.replies)
        .where(ChatMessage.session_id == session_id, ChatMessage.replies.is_not(None))
        .order_by(ChatMessage.number.desc())
        .limit(_LOOK_BACK)
    )
    for replies in shown:
        for reply in _REPLIES.validate_json(replies or "[]"):
            for choice in reply.choices:
                if choice.payload == payload:
                    return choice.title
    return ""
