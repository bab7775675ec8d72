"""Sessions of the staff, in the database: who is signed in at which browser, and how far they have come.

The browser holds a random token; the database only its digest. The token is replaced whenever somebody has proved
more (password, second factor, new password), so that one that was planted before is worth nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from channels.console.csrf import form_token
from channels.console.permissions import Permission, Role, permissions_of, roles_of
from channels.console.tables import StaffAccount, StaffRole, StaffSession
from channels.storage import in_utc
from motcua.settings import Settings

_SEEN_EVERY = timedelta(seconds=30)


class Stage(StrEnum):
    """How far a session has come: what its member must do next, or `FULL`."""

    CODE = "code"
    PASSWORD = "password"
    SET_UP = "set_up"
    FULL = "full"


@dataclass(frozen=True)
class Member:
    """Whoever makes a request.

    Attributes:
        id: of the account.
        name: user name, as it stands in the audit log.
        display: how colleagues are shown this member.
        roles: at the moment of the request.
        stage: how far the session has come.
        session: digest of its token.
        csrf: the token that every form of this session carries.
        has_second_factor: whether one is set up.
        pending_secret: of a second factor being set up, sealed, or empty.
    """

    id: int
    name: str
    display: str
    roles: frozenset[Role]
    stage: Stage
    session: str
    csrf: str
    has_second_factor: bool
    pending_secret: str = ""

    def may(self, permission: Permission | str) -> bool:
        """Says whether a role of this member permits it."""
        return self.stage is Stage.FULL and permission in permissions_of(self.roles)


def begin(connection: Connection, staff_id: int, hours: int, moment: datetime) -> str:
    """Begins a session and gives its token; sessions that are over are cleared away."""
    connection.execute(delete(StaffSession).where(StaffSession.expires_at < moment))
    token = secrets.token_urlsafe(32)
    values = {"made_at": moment, "seen_at": moment, "expires_at": moment + timedelta(hours=hours)}
    connection.execute(
        insert(StaffSession).values(
            digest=digest_of(token), staff_id=staff_id, second_at=None, pending_secret=None, **values
        )
    )
    return token


def find(connection: Connection, token: str, ours: Settings, moment: datetime) -> Member | None:
    """Finds whose token it is; None when the session is over or the account disabled."""
    asked = (
        select(StaffSession, StaffAccount)
        .join(StaffAccount, StaffAccount.id == StaffSession.staff_id)
        .where(StaffSession.digest == digest_of(token), StaffAccount.disabled_at.is_(None))
    )
    row = connection.execute(asked).one_or_none()
    if row is None:
        return None
    idle = moment - in_utc(row.seen_at)
    if in_utc(row.expires_at) <= moment or idle > timedelta(minutes=ours.console_idle_minutes):
        return None
    if idle > _SEEN_EVERY:
        this = update(StaffSession).where(StaffSession.digest == row.digest)
        connection.execute(this.values(seen_at=moment))
    listed = connection.scalars(select(StaffRole.role).where(StaffRole.staff_id == row.id))
    roles = roles_of(listed)
    return Member(
        id=row.id,
        name=row.name,
        display=row.display,
        roles=roles,
        stage=_stage(row, is_second_required(roles, ours)),
        session=row.digest,
        csrf=form_token(token),
        has_second_factor=bool(row.totp_secret),
        pending_secret=row.pending_secret or "",
    )


def renew(connection: Connection, digest: str, **changes: Any) -> str:
    """Gives a session a new token, and other values to its columns; the old token no longer counts."""
    token = secrets.token_urlsafe(32)
    this = update(StaffSession).where(StaffSession.digest == digest)
    connection.execute(this.values(digest=digest_of(token), **changes))
    return token


def end(connection: Connection, digest: str) -> None:
    """Ends one session."""
    connection.execute(delete(StaffSession).where(StaffSession.digest == digest))


def end_all(connection: Connection, staff_id: int, but: str = "") -> int:
    """Ends every session of an account, but one when its digest is given; says how many."""
    theirs = delete(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.digest != but)
    return connection.execute(theirs).rowcount


def is_second_required(roles: frozenset[Role], ours: Settings) -> bool:
    """Says whether the operator requires a second factor of somebody with these roles."""
    if ours.console_second_factor == "everyone":
        return True
    return ours.console_second_factor == "administrators" and Role.ADMINISTRATOR in roles


def digest_of(token: str) -> str:
    """Gives what the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _stage(row: Any, required: bool) -> Stage:
    if row.totp_secret and row.second_at is None:
        return Stage.CODE
    if row.must_change or row.password_hash is None:
        return Stage.PASSWORD
    return Stage.SET_UP if required and not row.totp_secret else Stage.FULL
