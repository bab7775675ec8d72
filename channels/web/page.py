"""The chat page at `/`, and what an operator's monitor asks for: `/healthz`, `/readyz`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, JSONResponse

from channels import wording
from channels.web import api
from channels.web.api import DeskOf

_TEMPLATES = Path(__file__).with_name("templates")

router = APIRouter(include_in_schema=False)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


@router.get("/")
async def page(desk: DeskOf) -> HTMLResponse:
    """Gives the chat page."""
    domains = [d.strip() for d in desk.settings.link_domains.split(",") if d.strip()]
    return HTMLResponse(
        _templates()
        .get_template("chat.html")
        .render(
            words=wording.page(),
            api=api.PREFIX,
            message_length=desk.settings.message_length,
            link_domains=domains,
        )
    )


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
