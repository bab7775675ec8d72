"""The gateway application: what stands at which address, and in which order a request passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles
from yaml import YAMLError

from channels import wording
from channels.console.access import ROOT as CONSOLE
from channels.console.app import create_console, entrance
from channels.console.conversations_officers import has_officers
from channels.desk import Desk
from channels.errors import CannotStart
from channels.rasa_client import RasaClient
from channels.rates import Proxies, Rates
from channels.sheet import page as sheet_page
from channels.sheet.desk import SheetDesk
from channels.sheet.words import sheet_words
from channels.web import api, page, plain, problems, ratings
from channels.web.bundle import Shelf
from channels.web.guard import Guard
from channels.web.origins import listed
from motcua.errors import CannotSeal
from motcua.settings import Settings

_STATIC = Path(__file__).parent / "web" / "static"


def create_app(settings: Settings, rasa: RasaClient | None = None) -> FastAPI:
    """Makes the gateway.

    The database must have its newest shape (`motcua.database.upgrade`).

    Args:
        settings: what the operator set.
        rasa: the bot; by default the one on the loopback port of the settings.

    Raises:
        CannotStart: a setting or a wording file cannot be used; the message names it.
        DatabaseUnusable: the folder of an SQLite database cannot be made.
    """
    try:
        wording.read_all()
        sheet_words()
    except (OSError, ValueError, KeyError, YAMLError) as cause:
        raise CannotStart(f"the wording files cannot be read: {' '.join(str(cause).split())}") from cause
    rates = Rates(settings.rate_storage, settings.rate_per_session, settings.rate_per_address)
    proxies = Proxies(settings.trusted_proxies)
    try:
        desk = Desk(settings, rasa or _bot(settings), rates, has_officers)
    except CannotSeal as cause:
        raise CannotStart(str(cause)) from cause
    sheets = SheetDesk(settings, desk.storage, rates, proxies)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await desk.sessions.finish_erasures()
        working = [asyncio.create_task(desk.postbox.keep_posting()), asyncio.create_task(desk.keeper.keep())]
        yield
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        await sheets.close()
        await desk.close()

    app = FastAPI(
        title="Motcua",
        version="1",
        description="Web chat with the assistant for administrative procedures.",
        lifespan=lifespan,
        openapi_url=f"{api.PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk = desk
    app.state.sheets = sheets
    app.state.shelf = Shelf(settings, api.PREFIX)
    app.include_router(api.router)
    app.include_router(ratings.router)
    app.include_router(page.router)
    app.include_router(plain.router)
    app.include_router(entrance)
    app.mount(CONSOLE, create_console(desk, proxies), name="console")
    app.include_router(sheet_page.router)
    app.mount("/static/phieu", StaticFiles(directory=sheet_page.STATIC), name="static-sheet")
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    problems.install(app)

    # The last one added is the first to see a request.
    app.add_middleware(Guard, rates=rates, proxies=proxies, frame_ancestors=settings.frame_ancestors)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=sorted(listed(settings.allowed_origins)),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        expose_headers=["Retry-After"],
    )
    return app


def _bot(settings: Settings) -> RasaClient:
    return RasaClient(
        f"http://127.0.0.1:{settings.rasa_port}",
        settings.internal_token.get_secret_value(),
        settings.reply_timeout,
    )
