"""Answers that somebody says are wrong: the masked question, the answer, its receipt, and who has dealt with it."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from channels.console.access import ROOT, DeskOf, needs
from channels.console.audit import audit
from channels.console.errors import Conflict
from channels.console.page import Page, Tile
from channels.console.permissions import Permission
from channels.console.sessions import Member
from channels.console.showing import go, show
from channels.handover.reports import mark_done, reports
from channels.storage import now

router = APIRouter(prefix="/reports")
Reader = Annotated[Member, needs(Permission.KNOWLEDGE_READ)]
Editor = Annotated[Member, needs(Permission.KNOWLEDGE_EDIT)]
_HERE = f"{ROOT}/reports"


@router.get("")
async def listed(request: Request, desk: DeskOf, who: Reader, show_done: str = "") -> Response:
    """Lists the reports that wait, oldest first, or those dealt with."""
    is_done = show_done == "1"
    found = await desk.storage.run(partial(reports, done=is_done))
    return show(request, "reports/list.html", reports=found, is_done=is_done)


@router.post("/{report_id}/done")
async def done(request: Request, desk: DeskOf, who: Editor, report_id: str) -> Response:
    """Marks a report as dealt with."""

    def work(connection: Connection) -> None:
        if not mark_done(connection, report_id, who.name, now()):
            raise Conflict
        audit(connection, who.name, "report.done", f"report:{report_id}")

    await desk.storage.run(work)
    return go(_HERE, "marked")


PAGE = Page(router, (Tile(_HERE, Permission.KNOWLEDGE_READ, "reports"),))
