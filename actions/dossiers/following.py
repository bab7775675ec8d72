"""Who asked to be told of what: "báo tôi khi xong", and its end.

The conversation calls `Followers`; `watching` finds the changes and has them told. Only a dossier that opened to
its second key may be followed: whoever calls sees to that.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from actions.dossiers.codes import DossierCode
from actions.dossiers.following_codes import CodeSeal
from actions.dossiers.following_tables import DossierNotice, Follower
from actions.dossiers.keys import KeyBook
from actions.dossiers.model import Dossier, DossierState
from actions.dossiers.opening import open_keys
from motcua.privacy import mask
from motcua.settings import Settings

MOST = 20
"""Dossiers that one person may follow at a time."""

OVER: tuple[int, ...] = tuple(int(state) for state in DossierState if state.is_over)
WAITING, TOLD = 0, 1
_LONGEST_SAID = 300


class Followers:
    """Keeps who follows which dossier. Safe to use from several threads and processes at once."""

    def __init__(
        self, engine: Engine, keys: KeyBook, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Takes the database.

        Args:
            engine: the database, brought up to date.
            keys: whose secret codes are hashed and sealed with (`DossierChain.keys`).
            now: the time, for tests.
        """
        self._engine, self._seal, self._now = engine, CodeSeal(keys), now

    def follow(self, person: str, dossier: Dossier, *, said: str = "", channel: str = "web") -> bool:
        """Has a person told of every change of state from here on. Asking again changes nothing.

        Args:
            person: account in the channel: the sender of the conversation.
            dossier: as the person was just told of it, opened with the second key.
            said: the words in which the person agreed; kept, masked, as the record of the consent.
            channel: which channel carries the notices.

        Returns:
            Whether it is followed now; False where nothing more will come of it (it is over), or the person
            follows `MOST` already.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database cannot be written.
        """
        if dossier.state.is_over:
            return False
        values = {"state": int(dossier.state), "as_of": dossier.as_of}
        return self._enter(channel, person, "change", dossier.code, said, values)

    def tell_when_back(self, person: str, code: DossierCode, *, said: str = "", channel: str = "web") -> bool:
        """Has a person told once when the source can say something of this code again; of the dossier, nothing.

        Args, Returns, Raises: as for `follow`.
        """
        return self._enter(channel, person, "back", code, said, {"state": WAITING, "as_of": self._now()})

    def stop(self, person: str, *, channel: str = "web") -> int:
        """Ends everything that a person asked to be told of, with what is on its way; gives how many it was.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database cannot be written.
        """
        theirs = (Follower.channel == channel) & (Follower.person == person)
        with self._engine.begin() as connection:
            return end(connection, theirs, self._now())

    def following(self, person: str, *, channel: str = "web") -> int:
        """Gives how many dossiers a person is being told of.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database cannot be read.
        """
        with self._engine.connect() as connection:
            return _count(connection, channel, person)

    def _enter(
        self,
        channel: str,
        person: str,
        kind: Literal["change", "back"],
        code: DossierCode,
        said: str,
        values: dict[str, Any],
    ) -> bool:
        key = {"channel": channel, "person": person, "kind": kind, "code_hash": self._seal.hash_of(code)}
        this = (
            (Follower.channel == channel)
            & (Follower.person == person)
            & (Follower.kind == kind)
            & (Follower.code_hash == key["code_hash"])
        )
        new = {
            **values,
            "code_sealed": self._seal.seal(code),
            "said": mask(said)[:_LONGEST_SAID],
            "followed_at": self._now(),
            "looked_at": None,
            "ended_at": None,
        }
        with self._engine.begin() as connection:
            known = connection.execute(select(Follower.ended_at, Follower.state).where(this)).one_or_none()
            is_over = known is not None and known.state in (OVER if kind == "change" else (TOLD,))
            if known is not None and known.ended_at is None and not is_over:
                return True
            if kind == "change" and _count(connection, channel, person) >= MOST:
                return False
            if known is not None:
                connection.execute(update(Follower).where(this).values(new))
                return True
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(Follower).values(**key, **new, changes=0))
        except IntegrityError:
            # The same wish came twice at once, and the other one is in.
            return True
        return True


def open_followers(config: Settings, engine: Engine) -> Followers:
    """Opens the followers of the settings in force.

    Raises:
        NotConfigured, BadKey: as for `open_keys`.
    """
    return Followers(engine, open_keys(config))


def active(kind: Literal["change", "back"]) -> ColumnElement[bool]:
    """What tells followers that still wait for something from the others."""
    waits = Follower.state.not_in(OVER) if kind == "change" else Follower.state == WAITING
    return (Follower.kind == kind) & Follower.ended_at.is_(None) & waits


def end(connection: Connection, which: ColumnElement[bool], now: datetime) -> int:
    """Ends followers with the notices that nobody took yet; gives how many."""
    numbers = select(Follower.number).where(which, Follower.ended_at.is_(None))
    waiting = delete(DossierNotice).where(DossierNotice.done_at.is_(None), DossierNotice.follower.in_(numbers))
    connection.execute(waiting)
    ended = update(Follower).where(which, Follower.ended_at.is_(None)).values(ended_at=now, code_sealed="")
    return connection.execute(ended).rowcount


def _count(connection: Connection, channel: str, person: str) -> int:
    theirs = (Follower.channel == channel, Follower.person == person, active("change"))
    return connection.scalar(select(func.count()).select_from(Follower).where(*theirs)) or 0
