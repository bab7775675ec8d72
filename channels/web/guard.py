"""Around every request: the address's rate limit, security headers, and no error without an answer."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.errors import Refusal
from channels.rates import Proxies, Rates
from channels.web.problems import refusal, unexpected

_LIMITED = "/api/"


class Guard:
    """ASGI middleware. Written bare because it must not touch streams (server-sent events)."""

    def __init__(self, app: ASGIApp, rates: Rates, proxies: Proxies, frame_ancestors: str) -> None:
        """Prepares the headers.

        Args:
            app: what is guarded.
            rates: the limits in force.
            proxies: whose word about addresses is taken.
            frame_ancestors: who may show our pages in a frame, as in Content-Security-Policy.
        """
        self._app = app
        self._rates = rates
        self._proxies = proxies
        self._headers = {
            "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
            "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
            f"frame-ancestors {frame_ancestors}",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            # Dictation is the widget's; the browser asks the person before it listens.
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
        }
        if frame_ancestors == "'none'":
            self._headers["X-Frame-Options"] = "DENY"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                # Nothing of a conversation stays in a cache; the page's own files are asked for anew.
                fresh = "no-store" if scope["path"].startswith(_LIMITED) else "no-cache"
                headers.setdefault("Cache-Control", fresh)
            await send(message)

        try:
            caller = self._caller(Request(scope))
            scope.setdefault("state", {})["caller"] = caller
            if scope["path"].startswith(_LIMITED):
                await self._rates.address.count(caller)
            await self._app(scope, receive, guarded_send)
        except Refusal as error:
            await refusal(error)(scope, receive, guarded_send)
        except Exception as error:
            answer = unexpected(error)
            if not started:
                await answer(scope, receive, guarded_send)

    def _caller(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        return self._proxies.caller(peer, ",".join(request.headers.getlist("x-forwarded-for")))
