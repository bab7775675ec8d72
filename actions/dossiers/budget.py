"""How often anybody may try to open a dossier: a budget per person, per account, per code, and one for all.

A try is counted before anything is looked up and forgiven when it was right, so tries made at once count as well.
Four digits have 10,000 values: what guards them is that nobody gets to try many, from wherever they come. Counts
lie in the database, under keyed hashes; a restart forgets none of them.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from actions.dossiers.budget_tables import DossierAlert, DossierTry
from actions.dossiers.errors import SourceDown
from actions.dossiers.keys import KeyBook
from actions.dossiers.rows import in_utc
from motcua.database import lock_for_writing

log = logging.getLogger(__name__)

Scope = Literal["person", "account", "code", "all"]

HOURLY: Final = 5
"""Wrong tries an hour for a person and for a code."""

BY_ACCOUNT: Final = 30
"""Wrong tries an hour for an account: on the web an address, behind which a whole office or district may sit."""

_HOUR: Final = timedelta(hours=1)
_REMEMBERED: Final = timedelta(days=1)
_DELAYS: Final = (timedelta(0), timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
_LONGEST: Final = timedelta(hours=12)
_EVERYBODY: Final = "all"
_MOST_NOTED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Granted:
    """A try that may be made; it counts until it is forgiven."""

    attempt: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A try that may not be made yet: how long not."""

    time: timedelta


class TryBudget:
    """Counts tries. Safe to use from several threads and processes."""

    def __init__(
        self,
        engine: Engine,
        keys: KeyBook,
        *,
        for_all: int = 200,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Takes the database.

        Args:
            engine: the database, brought up to date.
            keys: what codes and persons are hashed with.
            for_all: wrong tries an hour over all persons and codes; whoever changes both at every try meets it.
            now: the time, for tests.
        """
        self._engine, self._keys, self._for_all, self._now = engine, keys, for_all, now
        # Who hammers at a closed door costs no database. It only ever repeats what the database said.
        self._closed: dict[tuple[Scope, str], datetime] = {}

    def ask(self, *, person: str, code: str, account: str = "") -> Granted | Wait:
        """Grants a try, or says how long to wait; says the same of codes that exist and that do not.

        Args:
            person: whoever asks, as their channel names the conversation.
            code: the code, or the end of one, that is to be opened.
            account: the account or address behind the person where the channel knows one.

        Raises:
            SourceDown: the database cannot be written; nothing may be tried then.
        """
        told: list[tuple[Scope, str]] = [("person", person), ("account", account), ("code", code)]
        whose: dict[Scope, str] = {scope: self._keys.mark_of(scope, text) for scope, text in told if text}
        whose["all"] = _EVERYBODY
        now = self._now()
        open_again = max(self._closed.get((scope, who), now) for scope, who in whose.items())
        if open_again > now:
            return Wait(open_again - now)
        try:
            with Session(self._engine) as session, session.begin():
                lock_for_writing(session, DossierTry.__tablename__)
                return self._grant(session, whose, now)
        except SQLAlchemyError as cause:
            raise SourceDown(f"tries cannot be counted ({type(cause).__name__})") from None

    def forgive(self, granted: Granted) -> None:
        """Takes a try back: it was right, or nothing could be compared. Never raises."""
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(DossierTry).where(DossierTry.attempt == granted.attempt))
        except SQLAlchemyError as cause:
            log.warning("a right try stays counted: %s", type(cause).__name__)
        self._closed.clear()

    def _grant(self, session: Session, whose: Mapping[Scope, str], now: datetime) -> Granted | Wait:
        session.execute(delete(DossierTry).where(DossierTry.at <= now - _REMEMBERED))
        longest = now
        for scope, who in whose.items():
            again = self._open_again(session, scope, who)
            if again and again > now:
                longest = max(longest, again)
                if len(self._closed) >= _MOST_NOTED:
                    self._closed.clear()
                self._closed[scope, who] = again
        if longest > now:
            return Wait(longest - now)
        attempt = secrets.token_hex(16)
        session.execute(
            insert(DossierTry),
            [{"attempt": attempt, "scope": scope, "who": who, "at": now} for scope, who in whose.items()],
        )
        for scope, who in whose.items():
            self._alert(session, scope, who, now)
        return Granted(attempt)

    def _open_again(self, session: Session, scope: Scope, who: str) -> datetime | None:
        """When the next try is due; None when nothing was tried."""
        mine = (DossierTry.scope == scope, DossierTry.who == who)
        if scope in ("all", "account"):
            # The oldest of the last so many tries: once it is an hour old there is room for one more.
            oldest = session.scalar(
                select(DossierTry.at).where(*mine).order_by(DossierTry.at.desc()).offset(self._most(scope) - 1).limit(1)
            )
            return in_utc(oldest) + _HOUR if oldest else None
        tries, last = session.execute(select(func.count(), func.max(DossierTry.at)).where(*mine)).one()
        return in_utc(last) + pause_after(tries) if tries else None

    def _most(self, scope: Scope) -> int:
        """Wrong tries an hour."""
        return {"all": self._for_all, "account": BY_ACCOUNT}.get(scope, HOURLY)

    def _alert(self, session: Session, scope: Scope, who: str, now: datetime) -> None:
        limit = self._most(scope)
        mine = (DossierTry.scope == scope, DossierTry.who == who, DossierTry.at > now - _HOUR)
        tries = session.scalar(select(func.count()).where(*mine)) or 0
        if tries < limit:
            return
        told = (DossierAlert.scope == scope, DossierAlert.who == who, DossierAlert.at > now - _HOUR)
        if session.scalar(select(func.count()).where(*told)):
            return
        session.add(DossierAlert(scope=scope, who=who, tries=tries, at=now))
        log.warning("dossiers: %d wrong tries within an hour (%s); no more are taken for a while", tries, scope)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many wrong tries of the last 24 hours: nothing, seconds, minutes, then hours."""
    if tries < 1:
        return timedelta(0)
    if tries < HOURLY:
        return _DELAYS[tries - 1]
    # Doubling beyond the cap would only overflow.
    doublings: int = 2 ** min(tries - HOURLY, 10)
    return min(_HOUR * doublings, _LONGEST)
