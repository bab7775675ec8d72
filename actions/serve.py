"""The actions server: `python -m actions.serve`. Loopback only, and only with the internal token."""

from __future__ import annotations

import hmac
import logging
import sys
from datetime import timedelta
from typing import Any

from rasa_sdk import utils
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler
from sanic.request import Request
from sanic.response import HTTPResponse, json
from sqlalchemy import Engine

from actions.compose import answer_about, spoken_name
from actions.compose.documents import PAPER
from actions.dossiers.asking import DossierDesk
from actions.dossiers.budget import TryBudget
from actions.dossiers.chain import DossierChain
from actions.dossiers.errors import DossierError
from actions.dossiers.following import Followers
from actions.dossiers.inquiry import Inquiry
from actions.dossiers.opening import open_dossiers, open_working_days
from actions.dossiers.sought import SoughtBook
from actions.dossiers.sql_source import SqlDossiers
from actions.errors import NotReady
from actions.offices import OfficeDesk
from actions.rasa_actions import all_actions
from actions.receipts import ReceiptBook
from actions.world import World
from knowledge.errors import KnowledgeError
from knowledge.places import PlaceBook
from knowledge.search import SearchEngine
from knowledge.store import Catalogue
from motcua import logs
from motcua.database import is_current, open_database
from motcua.reply import Aspect
from motcua.settings import Settings, settings
from nlu.encoder import load_encoder
from nlu.errors import NluError

log = logging.getLogger("actions")

_ON_SHEET: tuple[Aspect, ...] = ("documents", "fee", "duration", "where", "steps")


def build_world(config: Settings) -> World:
    """Opens catalogue, encoder and index.

    Raises:
        NotReady: one of them is missing or damaged; the message says which and what to run.
    """
    engine = open_database(config.database)
    if not is_current(engine):
        raise NotReady("the database is not up to date: run 'motcua db upgrade'")
    try:
        encoder = load_encoder(config.encoder_in_force, config.encoder_threads)
        search = SearchEngine(config.index_folder, encoder, province=config.province)
    except (KnowledgeError, NluError) as cause:
        raise NotReady(str(cause)) from cause
    return World(
        Catalogue(engine),
        search,
        ReceiptBook(engine),
        province=config.province,
        dossiers=open_desk(config, engine),
        dossier_patience_s=config.dossier_answer_within,
        offices=OfficeDesk(PlaceBook(engine, home=config.province)),
        public_url=config.public_url,
    )


def open_desk(config: Settings, engine: Engine) -> DossierDesk | None:
    """Opens what answers where a dossier stands; None, with a line in the log, where no source is configured."""
    try:
        chain = open_dossiers(config, engine)
        keys = chain.keys
        kept = chain
        if config.dossier_source == "chain":
            stale_after = timedelta(hours=config.dossier_stale_hours)
            kept = DossierChain(keys, known=SqlDossiers(engine, keys, stale_after=stale_after), stale_after=stale_after)
        budget = TryBudget(engine, keys, for_all=config.dossier_tries_all)
        inquiry = Inquiry(
            chain,
            budget,
            kept=None if config.dossier_source == "http" else kept,
            patience_s=0.75 * config.dossier_answer_within,
        )
        followers = Followers(engine, keys) if config.following else None
        return DossierDesk(inquiry, SoughtBook(engine, keys), open_working_days(config), followers=followers)
    except DossierError as cause:
        log.warning("where dossiers stand cannot be told: %s", cause)
        return None


class _Discreet(ErrorHandler):
    """Reports faults without the message that led to them: neither in the answer nor in the log."""

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        status = exception.status_code if isinstance(exception, SanicException) else 500
        if status >= 500:
            log.error("a call failed: %s", type(exception).__name__)
        return json({"error": type(exception).__name__}, status=status)


def build_app(world: World, token: str) -> Sanic[Any, Any]:
    """Makes the server; every request but the health check needs `Authorization: Bearer <token>`."""
    # Rasa 3.6 and its sdk have different minor versions on purpose; the sdk warns of it on every call.
    utils.check_version_compatibility = lambda _: None
    executor = ActionExecutor()
    for action in all_actions(world):
        executor.register_action(action)
    app: Sanic[Any, Any] = create_app(executor)
    app.error_handler = _Discreet()
    expected = f"Bearer {token}".encode()

    async def admit(request: Request) -> HTTPResponse | None:
        if request.path == "/health":
            return None
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
            return json({"error": "unauthorised"}, status=401)
        if request.method == "POST" and not isinstance(request.json, dict):
            return json({"error": "the body is no JSON object"}, status=400)
        return None

    app.register_middleware(admit, "request")

    async def sheet(_: Request, code: str) -> HTTPResponse:
        """What a printed sheet tells of a procedure: its plain name, and a Reply for each part."""
        procedure = world.procedure(code)
        if procedure is None:
            return json({"error": "unknown"}, status=404)
        told = _ON_SHEET if procedure.is_detailed else ()
        said = (answer_about(procedure, aspect, province=world.province, budget=PAPER) for aspect in told)
        replies = [reply.model_dump(mode="json") for reply in said]
        return json({"name": spoken_name(procedure), "replies": replies})

    app.add_route(sheet, "/sheet/<code:str>")
    return app


def main() -> int:
    """Runs the server until it is stopped; 2 when it cannot start."""
    config = settings()
    logs.set_up(config.log_level, "actions")
    token = config.internal_token.get_secret_value()
    if not token:
        print("MOTCUA_INTERNAL_TOKEN is not set: start everything with 'motcua run'", file=sys.stderr)
        return 2
    try:
        world = build_world(config)
    except NotReady as cause:
        print(cause, file=sys.stderr)
        return 2
    world.engine.search("đăng ký khai sinh cần giấy tờ gì")
    app = build_app(world, token)
    log.info("ready on port %d", config.actions_port)
    app.run(host="127.0.0.1", port=config.actions_port, single_process=True, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
