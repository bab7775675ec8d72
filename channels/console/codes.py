"""Codes that serve once: the first password of an account, and recovery codes of the second factor.

Sixteen signs of an alphabet without look-alikes, 80 bits: they can be told over the telephone and not be guessed.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from channels.console.tables import StaffCode

_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH, _GROUP = 16, 4
RECOVERY_CODES = 10

FIRST = "first"
RECOVERY = "recovery"


def give_first(connection: Connection, staff_id: int, hours: int, moment: datetime) -> str:
    """Gives the code with which a member chooses a password; one given before no longer counts."""
    connection.execute(delete(StaffCode).where(StaffCode.staff_id == staff_id, StaffCode.kind == FIRST))
    return _give(connection, staff_id, FIRST, moment, moment + timedelta(hours=hours))


def give_recovery(connection: Connection, staff_id: int, moment: datetime) -> list[str]:
    """Gives new recovery codes; those given before no longer count."""
    connection.execute(delete(StaffCode).where(StaffCode.staff_id == staff_id, StaffCode.kind == RECOVERY))
    return [_give(connection, staff_id, RECOVERY, moment, None) for _ in range(RECOVERY_CODES)]


def use(connection: Connection, staff_id: int, kind: str, code: str, moment: datetime) -> bool:
    """Uses a code up.

    Returns:
        Whether it was one of this member's that still counted; of two who come at once, one gets True.
    """
    this = (
        update(StaffCode)
        .where(
            StaffCode.digest == _digest(code),
            StaffCode.staff_id == staff_id,
            StaffCode.kind == kind,
            StaffCode.used_at.is_(None),
            StaffCode.expires_at.is_(None) | (StaffCode.expires_at > moment),
        )
        .values(used_at=moment)
    )
    return connection.execute(this).rowcount == 1


def left(connection: Connection, staff_id: int) -> int:
    """Counts the recovery codes that still count."""
    mine = (StaffCode.staff_id == staff_id, StaffCode.kind == RECOVERY, StaffCode.used_at.is_(None))
    return connection.scalar(select(func.count()).select_from(StaffCode).where(*mine)) or 0


def _give(connection: Connection, staff_id: int, kind: str, moment: datetime, until: datetime | None) -> str:
    code = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
    values = {"staff_id": staff_id, "kind": kind, "made_at": moment, "expires_at": until, "used_at": None}
    connection.execute(insert(StaffCode).values(digest=_digest(code), **values))
    return "-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def _digest(code: str) -> str:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
