"""The home page: what this member may do."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from channels.console.access import signed_in
from channels.console.page import Page
from channels.console.showing import show

router = APIRouter()


@router.get("/", dependencies=[signed_in()])
async def home(request: Request) -> Response:
    """Shows a tile for each group of pages."""
    return show(request, "home/home.html")


PAGE = Page(router)
