"""Web chat sessions: who may read and continue a conversation, proved by a random token.

A token is `<session id>.<secret>`. The id finds the row; the secret is compared, as a digest and in
constant time, with what the row holds. Nobody who reads the database can act as a visitor. The digest is
taken together with the site that the session was opened from: no other site's page can use the token.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Connection, delete, insert, select, update

from channels.errors import RasaUnavailable, SessionUnknown
from channels.handover.retention import delete_messages
from channels.storage import Storage, in_utc, now
from channels.tables import ChatSession

CHANNEL = "web"
"""The web's name among the channels."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NewSession:
    """A session just opened; the token is shown this once."""

    id: str
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class Session:
    """A session whose token was right."""

    id: str
    expires_at: datetime


def _digest(secret: str, origin: str = "") -> str:
    # A line break stands in neither part, so no other pair reads the same.
    bound = f"{secret}\n{origin}" if origin else secret
    return hashlib.sha256(bound.encode()).hexdigest()


# Sessions whose token was right a moment ago are not looked up again for each message. Whoever writes
# into a session finds out in the same transaction whether it was erased meanwhile (`channels.inbox`).
_PROVED_S = 30.0
_MOST_PROVED = 10_000


def _delete(session_id: str, connection: Connection) -> None:
    connection.execute(delete(ChatSession).where(ChatSession.id == session_id))


class Memory(Protocol):
    """Whoever else keeps something of a conversation."""

    async def forget(self, sender: str) -> None:
        """Deletes it; raises `RasaUnavailable` when that cannot be done now."""


class Sessions:
    """Opens, finds and erases sessions."""

    def __init__(self, storage: Storage, hours: int, memory: Memory) -> None:
        self._storage = storage
        self._memory = memory
        self._lasting = timedelta(hours=hours)
        self._proved: dict[str, tuple[float, Session]] = {}

    async def open(self, origin: str = "") -> NewSession:
        """Opens a session.

        Args:
            origin: the site it is for; empty for our own pages.

        Raises:
            StorageUnavailable: the database cannot be written.
        """
        session_id, secret, moment = secrets.token_hex(16), secrets.token_urlsafe(32), now()
        row = {
            "id": session_id,
            "token_sha256": _digest(secret, origin),
            "created_at": moment,
            "expires_at": moment + self._lasting,
        }
        await self._storage.run(lambda connection: connection.execute(insert(ChatSession).values(row)))
        return NewSession(session_id, f"{session_id}.{secret}", moment + self._lasting)

    async def find(self, token: str, origin: str = "") -> Session:
        """Gives the session that a token opens.

        Args:
            token: as it was given when the session was opened.
            origin: the site that shows it; empty for our own pages.

        Raises:
            SessionUnknown: no such session, a wrong secret, another site's, expired or erased.
            StorageUnavailable: the database cannot be read.
        """
        session_id, _, secret = token.partition(".")
        if len(session_id) != 32 or not session_id.isascii() or not secret:
            raise SessionUnknown
        shown, proof = _digest(secret, origin), _digest(token, origin)
        until, session = self._proved.get(proof, (0.0, None))
        if session and until > time.monotonic() and session.expires_at > now():
            return session

        def look(connection: Connection) -> Session:
            row = connection.execute(
                select(ChatSession.token_sha256, ChatSession.expires_at, ChatSession.erased_at).where(
                    ChatSession.id == session_id
                )
            ).one_or_none()
            # A digest is compared in either case, so that an unknown id takes as long as a wrong secret.
            right = hmac.compare_digest(row.token_sha256 if row else _digest(""), shown)
            if row is None or not right or row.erased_at or in_utc(row.expires_at) <= now():
                raise SessionUnknown
            return Session(session_id, in_utc(row.expires_at))

        session = await self._storage.run(look)
        if len(self._proved) >= _MOST_PROVED:
            self._proved.clear()
        self._proved[proof] = time.monotonic() + _PROVED_S, session
        return session

    async def erase(self, session_id: str) -> None:
        """Deletes a session and its messages.

        The session is closed first, in a transaction of its own: should the deleting fail half-way,
        nobody can use the session any more, and `finish_erasures` deletes it at the next start.

        Raises:
            StorageUnavailable: the database cannot be written.
        """
        self._proved = {key: held for key, held in self._proved.items() if held[1].id != session_id}
        closed = update(ChatSession).where(ChatSession.id == session_id).values(erased_at=now())
        await self._storage.run(lambda connection: connection.execute(closed))
        await self.finish_erasures()

    async def finish_erasures(self) -> None:
        """Deletes every session marked as erased, with its messages, its cases and what the bot keeps of it.

        A session that the bot cannot forget at the moment stays marked, its messages already gone, until
        the next call.

        Raises:
            StorageUnavailable: the database cannot be written.
        """
        erased = select(ChatSession.id).where(ChatSession.erased_at.is_not(None))

        def remove_messages(connection: Connection) -> list[str]:
            delete_messages(connection, CHANNEL)
            return list(connection.scalars(erased))

        for session_id in await self._storage.run(remove_messages):
            try:
                await self._memory.forget(session_id)
            except RasaUnavailable as cause:
                logger.warning("the bot could not forget a conversation yet: %s", cause)
                return
            await self._storage.run(partial(_delete, session_id))
