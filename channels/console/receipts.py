"""What was told under a receipt, for whoever is shown one at the counter."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from channels.console.access import ROOT, DeskOf, needs
from channels.console.page import Page, Tile
from channels.console.permissions import Permission
from channels.console.sessions import Member
from channels.console.showing import show
from channels.handover.receipts import find_receipts

router = APIRouter(prefix="/receipts")
_HERE = f"{ROOT}/receipts"
Reader = Annotated[Member, needs(Permission.KNOWLEDGE_READ)]


@router.get("")
async def look_up(
    request: Request, desk: DeskOf, who: Reader, code: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Shows the answer under a receipt, however it is typed."""
    typed = code.replace("\0", "").strip()
    found = await desk.storage.run(partial(find_receipts, typed=typed)) if typed else []
    return show(request, "receipts/look-up.html", typed=typed, found=found)


PAGE = Page(router, (Tile(_HERE, Permission.KNOWLEDGE_READ, "receipts"),))
