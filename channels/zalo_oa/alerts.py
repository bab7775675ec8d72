"""The alert that an account's consent is lost, in the list of alerts that the operator looks at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from channels.durable.alerts import close_alert, open_alerts, raise_alert

CHANNEL = "zalo_oa"
CONSENT_LOST = "consent_lost"
"""Tokens can no longer be renewed: an administrator of the account must consent again."""


def consent_is_lost(connection: Connection, account: str, code: int | None, at: datetime) -> None:
    """Raises the alert; `code` is what Zalo said, or None."""
    raise_alert(connection, CONSENT_LOST, CHANNEL, account, "no code" if code is None else str(code), at)


def consent_is_back(connection: Connection, account: str, at: datetime) -> None:
    """Closes the alert, if it is open."""
    for alert in open_alerts(connection):
        if (alert.kind, alert.channel, alert.subject) == (CONSENT_LOST, CHANNEL, account):
            close_alert(connection, alert.number, at)
