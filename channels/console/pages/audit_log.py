"""The audit log, to be read: newest first, filtered, page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection, func, select
from starlette.requests import Request
from starlette.responses import Response

from channels.console.access import ROOT, DeskOf, needs
from channels.console.page import Page, Tile
from channels.console.permissions import Permission
from channels.console.showing import VIETNAM, audit_words, show
from channels.console.tables import AuditRow

router = APIRouter(prefix="/audit")
_AUDIT = f"{ROOT}/audit"
_ROWS = 50
_DIGITS = 18


@dataclass(frozen=True)
class Asked:
    """What of the log somebody wants to see; empty: no matter."""

    who: str = ""
    what: str = ""
    about: str = ""
    since: str = ""
    until: str = ""

    def as_query(self, **more: object) -> str:
        """Writes it as the query of an address."""
        return urlencode({key: value for key, value in {**self.__dict__, **more}.items() if value})


@router.get("", dependencies=[needs(Permission.AUDIT_READ)])
async def log(request: Request, desk: DeskOf) -> Response:
    """Shows a page of the log."""
    query = request.query_params
    asked = Asked(
        *(query.get(name, "").replace("\0", "").strip()[:128] for name in ("who", "what", "about", "since", "until"))
    )
    before = query.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) <= _DIGITS else 0
    rows, count = await desk.storage.run(partial(_read, asked=asked, before=number))
    older = asked.as_query(before=rows[_ROWS - 1]["number"]) if len(rows) > _ROWS else ""
    return show(
        request,
        "audit/log.html",
        rows=rows[:_ROWS],
        count=count,
        asked=asked,
        told=audit_words(),
        older=f"{_AUDIT}?{older}" if older else "",
        newest=f"{_AUDIT}?{asked.as_query()}" if number else "",
    )


def _read(connection: Connection, asked: Asked, before: int) -> tuple[list[dict[str, Any]], int]:
    wanted = [column == value for column, value in _equal(asked) if value]
    since, until = _midnight(asked.since), _midnight(asked.until, days=1)
    if since:
        wanted.append(AuditRow.at >= since)
    if until:
        wanted.append(AuditRow.at < until)
    count = connection.scalar(select(func.count()).select_from(AuditRow).where(*wanted)) or 0
    if before:
        wanted.append(AuditRow.number < before)
    page = select(AuditRow).where(*wanted).order_by(AuditRow.number.desc()).limit(_ROWS + 1)
    rows = connection.execute(page).mappings()
    return [{**row, "details": json.loads(row["details"])} for row in rows], count


def _equal(asked: Asked) -> tuple[tuple[Any, str], ...]:
    return (AuditRow.who, asked.who), (AuditRow.what, asked.what), (AuditRow.about, asked.about)


def _midnight(day: str, days: int = 0) -> datetime | None:
    try:
        at = datetime.combine(date.fromisoformat(day), datetime.min.time(), VIETNAM) + timedelta(days=days)
        # All times are stored in UTC, and SQLite compares them as text.
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


PAGE = Page(router, (Tile(_AUDIT, Permission.AUDIT_READ, "audit"),))
