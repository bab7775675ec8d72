"""Whether anybody of the staff may answer people."""

from __future__ import annotations

from sqlalchemy import Connection, select

from channels.console.permissions import ROLES, Permission
from channels.console.tables import StaffAccount, StaffRole

_ANSWERING = [role.value for role, may in ROLES.items() if Permission.CONVERSATIONS_ANSWER in may]


def has_officers(connection: Connection) -> bool:
    """Says whether there is an account in use whose role may answer people."""
    officer = (
        select(StaffAccount.id)
        .join(StaffRole, StaffRole.staff_id == StaffAccount.id)
        .where(StaffAccount.disabled_at.is_(None), StaffRole.role.in_(_ANSWERING))
        .limit(1)
    )
    return connection.scalar(officer) is not None
