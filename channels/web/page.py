"""The pages with the widget – `/` and `/kiosk` –, its own address, and what an operator's monitor asks for."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from channels import wording
from channels.errors import NotFound
from channels.web.api import DeskOf
from channels.web.assets import compressed
from channels.web.bundle import Shelf
from motcua.settings import Settings

_TEMPLATES = Path(__file__).with_name("templates")
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")

router = APIRouter(include_in_schema=False)


@cache
def templates() -> Environment:
    """Gives the pages' templates: everything put into them is escaped, everything missing is an error."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


def root_of(request: Request, settings: Settings) -> str:
    """Gives the address under which this request reached us, such as `https://tro-ly.example.gov.vn`."""
    host = request.headers.get("host", "")
    own = settings.public_url.rstrip("/")
    if own and urlsplit(own).netloc == host:
        return own
    if not _HOST.fullmatch(host):
        return own
    # Only the person's own proxy can have written this, and only the person's own page is made of it.
    told = request.headers.get("x-forwarded-proto", "")
    return f"{told if told in ('http', 'https') else request.url.scheme}://{host}"


def snippet(root: str, shelf: Shelf, attributes: dict[str, str]) -> Markup:
    """Writes the line of HTML that puts the widget on a page.

    Args:
        root: address of the gateway.
        shelf: the widget.
        attributes: what the widget is told; those without a value are left out.
    """
    told = Markup("").join(Markup(' data-{}="{}"').format(k, v) for k, v in attributes.items() if v)
    line = Markup('<script src="{}/widget/{}/widget.js" integrity="{}" crossorigin="anonymous" async{}></script>')
    return line.format(root, shelf.script.digest, shelf.script.integrity, told)


@router.get("/")
async def portal(request: Request, desk: DeskOf) -> Response:
    """Gives a page that looks like a province's portal, with the widget and the line that puts it there."""
    words = wording.page()["portal"]
    province = desk.settings.province or words["province"]
    told = {"title": words["widget_title"], "province": province}
    line = snippet(root_of(request, desk.settings), _shelf(request), told)
    page = templates().get_template("portal.html").render(words=words, snippet=line, shown=str(line), province=province)
    return compressed(request, page)


@router.get("/kiosk")
async def kiosk(request: Request, desk: DeskOf) -> Response:
    """Gives the page for a kiosk at the counter."""
    words = wording.page()["kiosk"]
    told = {"mode": "kiosk", "title": words["name"], "province": desk.settings.province}
    line = snippet(root_of(request, desk.settings), _shelf(request), told)
    page = templates().get_template("kiosk.html").render(words=words, snippet=line)
    return compressed(request, page, {"Cache-Control": "no-store"})


@router.get("/widget.js")
async def widget(request: Request) -> Response:
    """Gives the newest widget, for a portal that wants no version in its page."""
    return _shelf(request).script.answer(request, versioned=False)


@router.get("/widget/{digest}/widget.{kind}")
async def widget_version(request: Request, digest: str, kind: str) -> Response:
    """Gives one version of the widget, or of its style, for good.

    Raises:
        NotFound: there never was one here.
    """
    asset = _shelf(request).find({"js": "script", "css": "style"}.get(kind, ""), digest)
    if asset is None:
        raise NotFound
    return asset.answer(request, versioned=True)


@router.get("/healthz")
async def healthz() -> JSONResponse:
    """Says that the process is up."""
    return JSONResponse({"status": "up"})


@router.get("/readyz")
async def readyz(desk: DeskOf) -> JSONResponse:
    """Says whether a question would be answered: 200, or 503 with the part that fails."""
    parts = {"database": await desk.storage.answers(), "rasa": await desk.rasa.is_ready()}
    ready = all(parts.values())
    body = {"status": "ready" if ready else "not ready"}
    body |= {name: "ok" if works else "unavailable" for name, works in parts.items()}
    return JSONResponse(body, 200 if ready else 503)
