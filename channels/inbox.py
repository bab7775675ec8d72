"""The inbox: every message is written down before the bot is asked, and answered once.

A message is known by its session and the id that the client gave it. Sent again, it gets the same
message id and the same replies; when there was no answer the first time (the bot was down, the process
ended), it is asked again.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, insert, select, update

from channels.errors import NotFound, RasaUnavailable, SessionUnknown
from channels.inbound import Inbound
from channels.rasa_client import RasaClient
from channels.storage import Storage, in_utc, now
from channels.tables import ChatMessage, ChatSession
from channels.turns import Turns
from motcua.privacy import mask_answer
from motcua.reply import Reply

_REPLIES = TypeAdapter(list[Reply])
# How far back the title of a tapped choice is looked for.
_LOOK_BACK = 20


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


class Inbox:
    """Takes messages one conversation at a time, in order, and remembers what was answered."""

    def __init__(self, storage: Storage, rasa: RasaClient, patience: float) -> None:
        """Prepares the inbox.

        Args:
            storage: where messages are kept.
            rasa: the bot.
            patience: seconds from taking a message to its answer, waiting for its turn included.
        """
        self._storage = storage
        self._rasa = rasa
        self._patience = patience
        self._turns = Turns()

    async def receive(
        self, session_id: str, client_message_id: str, inbound: Inbound, account: str = ""
    ) -> Answered:
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
                replies = (
                    [inbound.reply] if inbound.reply else await self._rasa.ask(session_id, inbound.message, account)
                )
                # There is an answer: keeping it is no longer part of the wait.
                limit.reschedule(None)
                await self._keep(entry.id, replies)
                return Answered(entry.id, replies)
        except TimeoutError:
            raise RasaUnavailable("no answer in time") from None

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
                    select(ChatMessage.number).where(
                        ChatMessage.session_id == session_id, ChatMessage.id == before
                    )
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
            if known is not None:
                return _entry(known)
            if not _is_open(connection, session_id):
                raise SessionUnknown
            shown = _title(connection, session_id, inbound.payload) or inbound.shown
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
            return entry

        return await self._storage.run(write)

    async def _keep(self, message_id: str, replies: list[Reply]) -> None:
        answer = (
            update(ChatMessage)
            .where(ChatMessage.id == message_id)
            .values(replies=_REPLIES.dump_json(replies).decode(), answered_at=now())
        )
        # No row is left when the person erased the conversation while the bot was thinking.
        if (await self._storage.run(lambda connection: connection.execute(answer).rowcount)) == 0:
            raise SessionUnknown


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
