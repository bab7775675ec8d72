"""Wrong passwords and codes: each costs a pause that grows, kept in the database so that a restart forgets nothing.

A try is counted before anything is looked at and forgiven when it was right, so tries made at once count as well.
Names that no account has are counted like others: nobody learns which exist.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.orm import Session

from channels.console.errors import TooManyTries
from channels.console.tables import StaffTry
from channels.storage import in_utc
from motcua.database import lock_for_writing

_REMEMBERED = timedelta(hours=24)


@dataclass(frozen=True)
class _Scope:
    free: int
    """Wrong tries before the first pause."""
    first: timedelta
    longest: timedelta

    def pause_after(self, tries: int) -> timedelta:
        """Gives how long nothing is taken after so many wrong tries: twice as long after each."""
        if tries < self.free:
            return timedelta()
        doublings: int = 2 ** min(tries - self.free, 12)
        return min(self.first * doublings, self.longest)


# A person who mistypes meets the first; the others stop whoever changes the address or the name at every try. Their
# pauses stay short or begin late, because strangers can bring them about for a name, and colleagues for an office.
_SCOPES = {
    "pair": _Scope(5, timedelta(seconds=30), timedelta(hours=1)),
    "account": _Scope(20, timedelta(minutes=1), timedelta(minutes=15)),
    "address": _Scope(30, timedelta(minutes=1), timedelta(hours=1)),
}


def begin(connection: Connection, name: str, address: str, moment: datetime) -> str:
    """Counts a try. Must be the first thing in its transaction.

    Args:
        connection: the caller's.
        name: as typed.
        address: key of the network address it came from.
        moment: now.

    Returns:
        Mark of the try, for `forgive`.

    Raises:
        TooManyTries: none is taken at the moment; this one does not count.
    """
    lock_for_writing(Session(bind=connection), StaffTry.__tablename__)
    since = moment - _REMEMBERED
    connection.execute(delete(StaffTry).where(StaffTry.at < since))
    wait = timedelta()
    for scope, who in _keys(name, address).items():
        asked = select(func.count(), func.max(StaffTry.at)).where(StaffTry.scope == scope, StaffTry.who == who)
        tries, last = connection.execute(asked).one()
        if tries:
            wait = max(wait, in_utc(last) + _SCOPES[scope].pause_after(tries) - moment)
    if wait > timedelta():
        raise TooManyTries(math.ceil(wait.total_seconds()))
    attempt = secrets.token_hex(16)
    rows = [
        {"attempt": attempt, "scope": scope, "who": who, "at": moment} for scope, who in _keys(name, address).items()
    ]
    connection.execute(insert(StaffTry), rows)
    return attempt


def forgive(connection: Connection, attempt: str, name: str, address: str) -> None:
    """Takes a try back that was right, and with it the slips of the same person before it."""
    mine = (StaffTry.scope == "pair") & (StaffTry.who == _keys(name, address)["pair"])
    connection.execute(delete(StaffTry).where((StaffTry.attempt == attempt) | mine))


def _keys(name: str, address: str) -> dict[str, str]:
    folded = name.strip().casefold()
    return {
        "pair": _digest(f"{folded}\0{address}"),
        "account": _digest(folded),
        "address": _digest(f"\0{address}"),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
