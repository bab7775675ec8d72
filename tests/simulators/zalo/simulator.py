"""All of Zalo on one loopback port."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.simulators.server import LoopbackServer
from tests.simulators.zalo.account import AccountSide
from tests.simulators.zalo.bot import BotSide
from tests.simulators.zalo.clock import SimClock
from tests.simulators.zalo.deliveries import Deliveries
from tests.simulators.zalo.faults import FaultBook, Gate, Journal
from tests.simulators.zalo.media import MediaSide
from tests.simulators.zalo.modes import Modes
from tests.simulators.zalo.oauth import App, OAuthSide
from tests.simulators.zalo.templates import TemplateSide


class Board:
    """A port that one simulator after the other may use: starting one takes longer than most tests."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.server = LoopbackServer(self)
        self.is_up = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        assert self.app, "no simulator stands behind this port"
        await self.app(scope, receive, send)

    def start(self) -> None:
        if not self.is_up:
            self.server.start()
            self.is_up = True

    def stop(self) -> None:
        if self.is_up:
            self.server.stop()
            self.is_up = False


class ZaloSimulator:
    """Started with `start` or as a context; the addresses are to be given to the settings.

    Attributes:
        clock: Zalo's clock, to be put forward.
        modes: the switches; may be changed at any time.
        faults: what goes wrong between a client and Zalo.
        journal: every request of a client.
        deliveries: what sends webhooks, with `ways` for what goes wrong there.
        oauth, account, templates, bots, media: the services.
        server: a `Board`, which may be stopped and started ("connection refused").
    """

    def __init__(self, modes: Modes | None = None, board: Board | None = None) -> None:
        self.clock = SimClock()
        self.modes = modes or Modes()
        self.faults, self.journal = FaultBook(), Journal()
        self.deliveries = Deliveries(self.clock)
        account = "3886000000000000001"
        self.oauth = OAuthSide(self.clock, self.modes, App(), account)
        self.account = AccountSide(self.clock, self.modes, self.oauth, self.deliveries, account)
        self.templates = TemplateSide(self.account)
        self.bots = BotSide(self.clock, self.modes, self.deliveries)
        self.media = MediaSide(self.clock)
        self.deliveries.on_dropped = self.account.switched_off
        app = Starlette(
            routes=[
                Mount("/oauth/v4", routes=self.oauth.routes),
                Mount("/openapi", routes=self.account.routes),
                Mount("/zns", routes=self.templates.routes),
                Mount("/bot-api", routes=self.bots.routes),
                Mount("/media", routes=self.media.routes),
            ]
        )
        self._app = Gate(app, self.faults, self.journal)
        self._is_guest = board is not None
        self.server = board or Board()

    @property
    def oauth_url(self) -> str:
        return f"{self.server.server.url}/oauth/v4"

    @property
    def api_url(self) -> str:
        return f"{self.server.server.url}/openapi"

    @property
    def templates_url(self) -> str:
        return f"{self.server.server.url}/zns"

    @property
    def bot_url(self) -> str:
        return f"{self.server.server.url}/bot-api"

    @property
    def secrets(self) -> set[str]:
        """Everything that must never stand in a log."""
        return self.oauth.secrets | {bot.secret for bot in self.bots.bots.values()}

    def start(self) -> Self:
        self.server.app = self._app
        self.server.start()
        self.media.root = f"{self.server.server.url}/media"
        self.deliveries.start()
        return self

    def stop(self) -> None:
        self.deliveries.stop()
        if not self._is_guest:
            self.server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
