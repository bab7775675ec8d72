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
from channels.desk import Desk
from channels.errors import CannotStart
from channels.rasa_client import RasaClient
from channels.rates import Proxies, Rates
from channels.web import api, page, problems
from channels.web.guard import Guard
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
    except (OSError, ValueError, KeyError, YAMLError) as cause:
        raise CannotStart(f"the wording files cannot be read: {' '.join(str(cause).split())}") from cause
    rates = Rates(settings.rate_storage, settings.rate_per_session, settings.rate_per_address)
    proxies = Proxies(settings.trusted_proxies)
    desk = Desk(settings, rasa or _bot(settings), rates)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await desk.sessions.finish_erasures()
        posting = asyncio.create_task(desk.postbox.keep_posting())
        yield
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
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
    app.include_router(api.router)
    app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    problems.install(app)

    # The last one added is the first to see a request.
    app.add_middleware(Guard, rates=rates, proxies=proxies, frame_ancestors=settings.frame_ancestors)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[o.strip() for o in settings.allowed_origins.split(",") if o.strip()],
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
