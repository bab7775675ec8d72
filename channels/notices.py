"""Notices on the web: written into the conversation by whoever makes them, given to the pages by the gateway.

`WebNotices` is the web's `motcua.notice.NoticeChannel`; it works in the maker's own process, over the database. A
notice is a message of the conversation under the notice's id, so that it stands in the history, is deleted with the
conversation, and can be put there only once. `Postbox` hands it to the open streams, or keeps it for the next one.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, insert, literal, null, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from channels.errors import StorageUnavailable
from channels.events import Event, EventHub
from channels.storage import Storage, now
from channels.tables import ChatMessage, ChatNotice, ChatSession
from motcua.notice import Notice, Outcome

logger = logging.getLogger(__name__)

_LOOK_S = 2.0
_AT_ONCE = 500


class WebNotices:
    """Writes notices into web conversations."""

    def __init__(self, engine: Engine) -> None:
        """Takes the gateway's database, brought up to date."""
        self._engine = engine

    def deliver(self, notice: Notice) -> Outcome:
        """Puts a notice into the conversation of a session; see `NoticeChannel.deliver`."""
        try:
            with self._engine.begin() as connection:
                return self._put(connection, notice)
        except IntegrityError:
            # Somebody put it there at the same time, or the session was deleted; the next try will tell.
            return Outcome.LATER
        except SQLAlchemyError as cause:
            logger.warning("a notice could not be written: %s", type(cause).__name__)
            return Outcome.LATER

    def gone(self, persons: Collection[str]) -> set[str]:
        """Gives the sessions that have ended or were erased; see `NoticeChannel.gone`."""
        there = select(ChatSession.id).where(_open(now()), ChatSession.id.in_(persons))
        try:
            with self._engine.connect() as connection:
                return set(persons) - set(connection.scalars(there))
        except SQLAlchemyError:
            return set()

    def _put(self, connection: Connection, notice: Notice) -> Outcome:
        moment = now()
        # A session that is being erased waits for us, or we find it erased.
        session = select(ChatSession.id).where(_open(moment), ChatSession.id == notice.person)
        if connection.dialect.name != "sqlite":
            connection.execute(session.with_for_update())
        if connection.scalar(select(ChatMessage.id).where(ChatMessage.id == notice.id)) is not None:
            return Outcome.SENT
        values = {
            "id": literal(notice.id),
            "session_id": ChatSession.id,
            # No client can have sent this: their ids have no colon.
            "client_message_id": literal(f"notice:{notice.id}"),
            "text": literal(""),
            "received_at": literal(moment, ChatMessage.received_at.type),
            "answered_at": literal(moment, ChatMessage.received_at.type),
            "replies": literal(f"[{notice.reply.model_dump_json()}]"),
        }
        row = select(*values.values()).where(_open(moment), ChatSession.id == notice.person)
        written = connection.execute(insert(ChatMessage).from_select(list(values), row))
        if not written.rowcount:
            return Outcome.UNREACHABLE
        kept = insert(ChatNotice).values(message_id=notice.id, session_id=notice.person, delivered_at=null())
        connection.execute(kept)
        return Outcome.SENT


class Postbox:
    """Hands notices to the streams of this process."""

    def __init__(self, storage: Storage, hub: EventHub, every: float = _LOOK_S) -> None:
        """Takes where notices lie, who listens, and the seconds between two looks."""
        self._storage, self._hub, self._every = storage, hub, every

    async def kept_for(self, session_id: str, after: str = "") -> list[Event]:
        """Gives what no stream of a session took yet, and what came after a message that its page has seen.

        Args:
            session_id: whose notices.
            after: id of a message; one that is none of this session's is not heeded.

        Raises:
            StorageUnavailable: the database cannot be read.
        """

        def look(connection: Connection) -> list[Event]:
            seen = select(ChatMessage.number).where(ChatMessage.session_id == session_id, ChatMessage.id == after)
            wanted: ColumnElement[bool] = ChatNotice.delivered_at.is_(None)
            number = connection.scalar(seen) if after else None
            if number is not None:
                wanted = wanted | (ChatMessage.number > number)
            asked = _notices().where(ChatNotice.session_id == session_id, wanted)
            return [_event(row) for row in connection.execute(asked)]

        return await self._storage.run(look)

    async def delivered(self, message_id: str) -> None:
        """Notes that a stream took a notice; where that fails, it is given again and the page knows its id."""
        this = update(ChatNotice).where(ChatNotice.message_id == message_id, ChatNotice.delivered_at.is_(None))
        try:
            await self._storage.run(lambda connection: connection.execute(this.values(delivered_at=now())))
        except StorageUnavailable as cause:
            logger.warning("a notice may be given twice: %s", cause)

    async def keep_posting(self) -> None:
        """Gives new notices to whoever listens, for as long as the gateway runs."""
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.post()
            except StorageUnavailable as cause:
                logger.warning("notices cannot be read: %s", cause)

    async def post(self) -> None:
        """Looks once.

        Raises:
            StorageUnavailable: the database cannot be read.
        """
        sessions = self._hub.listened_to()
        for at in range(0, len(sessions), _AT_ONCE):
            some = sessions[at : at + _AT_ONCE]
            asked = _notices().where(ChatNotice.session_id.in_(some), ChatNotice.delivered_at.is_(None))
            for row in await self._storage.run(partial(_rows, asked)):
                await self._hub.publish(row.session_id, _event(row))


def _open(moment: datetime) -> ColumnElement[bool]:
    return ChatSession.erased_at.is_(None) & (ChatSession.expires_at > moment)


def _notices() -> Select[str, str, str | None]:
    return (
        select(ChatMessage.id, ChatNotice.session_id, ChatMessage.replies)
        .join(ChatNotice, ChatNotice.message_id == ChatMessage.id)
        .order_by(ChatMessage.number)
    )


def _rows(asked: Select[str, str, str | None], connection: Connection) -> list[Row[str, str, str | None]]:
    return list(connection.execute(asked))


def _event(row: Row[str, str, str | None]) -> Event:
    data = {"message_id": row.id, "replies": json.loads(row.replies or "[]")}
    return Event("replies", json.dumps(data, ensure_ascii=False), row.id)
