"""The addresses of a sheet: `/phieu/<receipt>`, its PDF and its QR code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from channels.errors import NotFound, Refusal, TooMany
from channels.sheet import pdf, qr
from channels.sheet.desk import PREFIX, SheetDesk
from channels.sheet.model import Sheet
from channels.sheet.words import sheet_words

STATIC = Path(__file__).with_name("static")
_TEMPLATES = Path(__file__).with_name("templates")
# Nobody else's answer is ever shown from a cache, and no search engine lists who asked for what.
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

router = APIRouter(prefix=PREFIX, include_in_schema=False)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


async def _answer(request: Request, typed: str, show: Callable[[Sheet], Awaitable[Response]]) -> Response:
    """Gives what `show` makes of the sheet, or a page that says why there is none and what to do."""
    desk: SheetDesk = request.app.state.sheets
    try:
        await desk.admit(request)
        answer = await show(await desk.sheet(typed, request))
    except Refusal as error:
        return _trouble(error)
    answer.headers.update(_HEADERS)
    return answer


def _trouble(error: Refusal) -> Response:
    words = sheet_words()
    said = words.troubles.get(error.problem) or words.troubles["storage_unavailable"]
    page = _templates().get_template("trouble.html").render(words=words, said=said)
    retry = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    return HTMLResponse(page, error.status, _HEADERS | retry)


@router.get("/{receipt}.pdf")
async def file(request: Request, receipt: str) -> Response:
    """Gives the sheet as a PDF."""

    async def show(sheet: Sheet) -> Response:
        async with request.app.state.sheets.drawing:
            content = await asyncio.to_thread(pdf.draw, sheet)
        named = {"Content-Disposition": f'inline; filename="phieu-{sheet.receipt}.pdf"'}
        return Response(content, media_type="application/pdf", headers=named)

    return await _answer(request, receipt, show)


@router.get("/{receipt}/qr.svg")
async def code(request: Request, receipt: str) -> Response:
    """Gives the QR code that leads to the page."""

    async def show(sheet: Sheet) -> Response:
        return Response(qr.svg(sheet.address), media_type="image/svg+xml")

    return await _answer(request, receipt, show)


@router.get("/{receipt}")
async def page(request: Request, receipt: str) -> Response:
    """Gives the sheet as a page, which prints on A4."""

    async def show(sheet: Sheet) -> Response:
        return HTMLResponse(_templates().get_template("sheet.html").render(**_shown(sheet)))

    return await _answer(request, receipt, show)


@router.get("")
async def nothing(request: Request) -> Response:
    """Says what belongs behind the address."""
    return _trouble(NotFound())


def _shown(sheet: Sheet) -> dict[str, Any]:
    return {"sheet": sheet, "words": sheet_words(), "here": f"{PREFIX}/{sheet.receipt}"}
