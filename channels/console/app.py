"""The console as an application: all pages, behind the door, with an answer to everything that goes wrong."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import TemplateError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from yaml import YAMLError

from channels.console import conversations, receipts, reports, showing
from channels.console.access import ROOT, gates
from channels.console.envelope import Envelope
from channels.console.errors import AccountRefused, GoTo, Refused
from channels.console.page import Page
from channels.console.pages import audit_log, entry, home, me, staff
from channels.console.passwords import Hashing
from channels.console.seal import open_seal
from channels.desk import Desk
from channels.errors import CannotStart, Refusal
from channels.rates import Proxies

PAGES: tuple[Page, ...] = (
    entry.PAGE,
    home.PAGE,
    conversations.PAGE,
    reports.PAGE,
    receipts.PAGE,
    staff.PAGE,
    audit_log.PAGE,
    me.PAGE,
)
"""Every group of pages, in the order of the navigation."""

STATIC = showing.FOLDER / "static"

logger = logging.getLogger(__name__)
entrance = APIRouter(include_in_schema=False)


@entrance.get(ROOT)
async def without_slash() -> Response:
    """Leads `/console` to the home page; a path alone, because a proxy may have another name and scheme."""
    return RedirectResponse(f"{ROOT}/", 307)


def create_console(desk: Desk, proxies: Proxies, pages: tuple[Page, ...] = PAGES) -> FastAPI:
    """Makes the console, to be mounted at `/console`.

    Args:
        desk: the parts of the gateway.
        proxies: whose word about addresses is taken.
        pages: all groups of pages.

    Raises:
        CannotStart: a route does not say who may pass, or the words or templates cannot be read, or there
            is no secret for second factors.
    """
    check(pages)
    try:
        showing.words()
        for name in showing.templates().list_templates():
            showing.templates().get_template(name)
    except (OSError, ValueError, YAMLError, TemplateError) as cause:
        raise CannotStart(f"the pages of the console cannot be read: {' '.join(str(cause).split())}") from cause
    app = FastAPI(title="Motcua console", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.desk, app.state.hashing, app.state.seal = desk, Hashing(), open_seal(desk.settings)
    app.state.tiles = [tile for page in pages for tile in page.tiles]
    for page in pages:
        app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="console-static")
    uploads = {address: size for page in pages for address, size in page.uploads.items()}
    app.add_middleware(Envelope, proxies=proxies, uploads=uploads)
    _answer_everything(app)
    return app


def check(pages: tuple[Page, ...]) -> None:
    """Checks that every route says who may pass.

    Raises:
        CannotStart: one does not; the message names it.
    """
    for page in pages:
        for route in page.router.routes:
            path = f"{ROOT}{getattr(route, 'path', '')}"
            if not isinstance(route, APIRoute):
                raise CannotStart(f"{path} of the console is no plain route: its permission cannot be told")
            if not any(gates(route.dependant)):
                raise CannotStart(f"{path} of the console does not say who may pass (channels.console.access)")


def _answer_everything(app: FastAPI) -> None:
    async def on_go_to(request: Request, error: Any) -> Response:
        return showing.lead(request, error.address)

    async def on_refused(request: Request, error: Any) -> Response:
        return showing.refuse(request, error)

    async def on_account(request: Request, error: Any) -> Response:
        words = showing.words()
        told = words["refusals"]["account"]
        return showing.problem(request, 409, told["title"], words["faults"][error.words], told["next"])

    async def on_gateway(request: Request, error: Any) -> Response:
        if error.status >= 500:
            logger.warning("no answer: %s: %s", type(error).__name__, error)
        return _told(request, error.status)

    async def on_http(request: Request, error: Any) -> Response:
        return _told(request, error.status_code)

    async def on_validation(request: Request, _: Any) -> Response:
        return _told(request, 422)

    async def on_unforeseen(request: Request, _: Any) -> Response:
        # The guard around the gateway logs it.
        return _told(request, 500)

    app.add_exception_handler(GoTo, on_go_to)
    app.add_exception_handler(Refused, on_refused)
    app.add_exception_handler(AccountRefused, on_account)
    app.add_exception_handler(Refusal, on_gateway)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(Exception, on_unforeseen)


def _told(request: Request, status: int) -> Response:
    key = {404: "not_here", 405: "not_here", 503: "storage"}.get(status, "malformed" if status < 500 else "internal")
    told = showing.words()["refusals"][key]
    headers = {"Retry-After": "5"} if status == 503 else {}
    return showing.problem(request, status, told["title"], told["detail"], told["next"], headers)
