"""Accounts of the staff: made, changed and closed, each change with its row in the audit log.

Every function that changes something must be the first thing in its transaction: it lets one writer in at a time, so
that two administrators cannot take the last administrator's role at once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.orm import Session

from channels.console import codes, sessions
from channels.console.audit import audit
from channels.console.errors import AccountRefused
from channels.console.permissions import Role, roles_of
from channels.console.tables import StaffAccount, StaffRole
from channels.storage import in_utc, now
from motcua.database import lock_for_writing

COMMAND_LINE = "motcua"
"""Who did it, in the audit log, where it was done by `motcua staff`; no account may have this name."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])")
_DISPLAY = 80


@dataclass(frozen=True)
class Account:
    """One member's account, as it stands."""

    id: int
    name: str
    display: str
    roles: frozenset[Role]
    has_password: bool
    has_second_factor: bool
    made_at: datetime
    disabled_at: datetime | None

    @property
    def subject(self) -> str:
        """How the audit log names it."""
        return f"staff:{self.name}"


def is_empty(connection: Connection) -> bool:
    """Says whether there is no account yet."""
    return connection.scalar(select(StaffAccount.id).limit(1)) is None


def everyone(connection: Connection) -> list[Account]:
    """Gives all accounts by name, the disabled ones last."""
    found = _read(connection, select(StaffAccount))
    return sorted(found, key=lambda account: (account.disabled_at is not None, account.name))


def find(connection: Connection, name: str) -> Account | None:
    """Finds an account by its user name."""
    found = _read(connection, select(StaffAccount).where(StaffAccount.name == folded(name)))
    return found[0] if found else None


def password_hash(connection: Connection, staff_id: int) -> str | None:
    """Gives the hash of an account's password, if it has one."""
    return connection.scalar(select(StaffAccount.password_hash).where(StaffAccount.id == staff_id))


def add(
    connection: Connection,
    by: str,
    name: str,
    display: str,
    roles: Iterable[Role],
    *,
    code_hours: int = 0,
    first_hash: str | None = None,
) -> str:
    """Makes an account.

    Args:
        connection: in a transaction of its own.
        by: who does it.
        name: user name, in lower-case letters without accents, digits, dots and dashes.
        display: how colleagues are shown this member; the user name if empty.
        roles: at least one.
        code_hours: for how long the one-time code counts.
        first_hash: of a first password that must be changed, instead of a code.

    Returns:
        The one-time code, or nothing where there is a first password.

    Raises:
        AccountRefused: the name is taken or unfit, the displayed name too long, or there is no role.
    """
    _only_writer(connection)
    name, given = folded(name), frozenset(roles)
    display = " ".join("".join(sign if sign.isprintable() else " " for sign in display).split())
    if not _NAME.fullmatch(name) or name == COMMAND_LINE:
        raise AccountRefused(
            "name_unfit", "a user name has 2 to 32 lower-case letters without accents, digits, dots or dashes"
        )
    if len(display) > _DISPLAY:
        raise AccountRefused("display_long", f"the displayed name may have at most {_DISPLAY} characters")
    _check(given)
    if find(connection, name) is not None:
        raise AccountRefused("name_taken", f"there is an account {name} already")
    moment = now()
    values: dict[str, Any] = {
        "name": name,
        "display": display or name,
        "password_hash": first_hash,
        "must_change": first_hash is not None,
        "totp_secret": None,
        "totp_step": None,
        "made_at": moment,
        "disabled_at": None,
    }
    staff_id = connection.scalar(insert(StaffAccount).values(**values).returning(StaffAccount.id))
    assert staff_id is not None
    _write_roles(connection, staff_id, given)
    code = "" if first_hash else codes.give_first(connection, staff_id, code_hours, moment)
    audit(connection, by, "staff.added", f"staff:{name}", {"roles": sorted(given)})
    return code


def set_roles(connection: Connection, by: str, name: str, roles: Iterable[Role]) -> None:
    """Gives an account other roles.

    Raises:
        AccountRefused: no such account, no role, or it is the last administrator.
    """
    _only_writer(connection)
    account, given = _existing(connection, name), frozenset(roles)
    _check(given)
    if Role.ADMINISTRATOR not in given:
        _keep_an_administrator(connection, account)
    connection.execute(delete(StaffRole).where(StaffRole.staff_id == account.id))
    _write_roles(connection, account.id, given)
    audit(
        connection,
        by,
        "staff.roles",
        account.subject,
        {"from": sorted(account.roles), "to": sorted(given)},
    )


def reset(connection: Connection, by: str, name: str, *, second_factor: bool, code_hours: int) -> str:
    """Takes an account's password away and gives a one-time code to choose another; its sessions end.

    Args:
        connection: in a transaction of its own.
        by: who does it.
        name: whose account.
        second_factor: whether the second factor is taken away as well (a lost telephone).
        code_hours: for how long the code counts.

    Raises:
        AccountRefused: no such account, or it is disabled.
    """
    _only_writer(connection)
    account = _existing(connection, name)
    if account.disabled_at is not None:
        raise AccountRefused("is_disabled", f"the account {account.name} is disabled")
    changes: dict[str, Any] = {"password_hash": None, "must_change": False}
    if second_factor:
        changes |= {"totp_secret": None, "totp_step": None}
    connection.execute(update(StaffAccount).where(StaffAccount.id == account.id).values(**changes))
    ended = sessions.end_all(connection, account.id)
    code = codes.give_first(connection, account.id, code_hours, now())
    audit(connection, by, "staff.reset", account.subject, {"second_factor": second_factor, "sessions_ended": ended})
    return code


def disable(connection: Connection, by: str, name: str) -> None:
    """Closes an account; it can be opened again. Its sessions end.

    Raises:
        AccountRefused: no such account, one's own, or the last administrator.
    """
    _only_writer(connection)
    account = _existing(connection, name)
    if account.name == by:
        raise AccountRefused("is_own", "nobody closes the own account")
    if account.disabled_at is not None:
        return
    _keep_an_administrator(connection, account)
    connection.execute(update(StaffAccount).where(StaffAccount.id == account.id).values(disabled_at=now()))
    sessions.end_all(connection, account.id)
    audit(connection, by, "staff.disabled", account.subject)


def enable(connection: Connection, by: str, name: str) -> None:
    """Opens an account again.

    Raises:
        AccountRefused: no such account.
    """
    _only_writer(connection)
    account = _existing(connection, name)
    if account.disabled_at is None:
        return
    connection.execute(update(StaffAccount).where(StaffAccount.id == account.id).values(disabled_at=None))
    audit(connection, by, "staff.enabled", account.subject)


def folded(name: str) -> str:
    """Gives a user name as it is kept: in lower case, without spaces around."""
    return unicodedata.normalize("NFKC", name.replace("\0", "")).strip().lower()


def _only_writer(connection: Connection) -> None:
    lock_for_writing(Session(bind=connection), StaffAccount.__tablename__)


def _existing(connection: Connection, name: str) -> Account:
    account = find(connection, name)
    if account is None:
        raise AccountRefused("unknown", f"there is no account {folded(name)}")
    return account


def _check(roles: frozenset[Role]) -> None:
    if not roles:
        raise AccountRefused("no_role", "an account needs at least one role")


def _keep_an_administrator(connection: Connection, leaving: Account) -> None:
    if Role.ADMINISTRATOR not in leaving.roles or leaving.disabled_at is not None:
        return
    others = (
        select(StaffAccount.id)
        .join(StaffRole, StaffRole.staff_id == StaffAccount.id)
        .where(
            StaffRole.role == Role.ADMINISTRATOR,
            StaffAccount.disabled_at.is_(None),
            StaffAccount.id != leaving.id,
        )
    )
    if connection.scalar(others.limit(1)) is None:
        raise AccountRefused("last_administrator", "this is the last administrator: make another one first")


def _write_roles(connection: Connection, staff_id: int, roles: frozenset[Role]) -> None:
    connection.execute(insert(StaffRole), [{"staff_id": staff_id, "role": role} for role in sorted(roles)])


def _read(connection: Connection, asked: Any) -> list[Account]:
    rows = connection.execute(asked).all()
    roles: dict[int, set[str]] = {}
    listed = select(StaffRole).where(StaffRole.staff_id.in_([row.id for row in rows]))
    for row in connection.execute(listed):
        roles.setdefault(row.staff_id, set()).add(row.role)
    return [
        Account(
            id=row.id,
            name=row.name,
            display=row.display,
            roles=roles_of(roles.get(row.id, ())),
            has_password=row.password_hash is not None,
            has_second_factor=row.totp_secret is not None,
            made_at=in_utc(row.made_at),
            disabled_at=in_utc(row.disabled_at) if row.disabled_at else None,
        )
        for row in rows
    ]
