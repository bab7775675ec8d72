"""A province's own portal, simulated: a page of another origin that carries the widget, with its own policy."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.simulators.server import LoopbackServer


@dataclass
class PortalSite:
    """The portal; `server` stops and starts it.

    Attributes:
        line: what was pasted into the page.
        style: the page's style sheet.
        policy: its Content-Security-Policy, or none.
        body: what else stands on the page.
    """

    line: str = ""
    style: str = ""
    policy: str = ""
    body: str = "<h1>Cổng thông tin</h1><p>Tin tức</p>"

    def __post_init__(self) -> None:
        routes = [Route("/", self._page), Route("/style.css", self._style)]
        self.server = LoopbackServer(Starlette(routes=routes))

    @property
    def origin(self) -> str:
        return self.server.url

    async def _page(self, _: Request) -> Response:
        link = '<link rel="stylesheet" href="/style.css">' if self.style else ""
        html = f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Cổng</title>{link}</head>'
        headers = {"Content-Security-Policy": self.policy} if self.policy else {}
        return HTMLResponse(f"{html}<body><main>{self.body}</main>{self.line}</body></html>", headers=headers)

    async def _style(self, _: Request) -> Response:
        return Response(self.style, media_type="text/css")
