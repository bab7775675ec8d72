"""Around every request to the console: the size of what comes in, and what browsers may do with what goes out."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.console.csrf import SAFE
from channels.console.errors import FormTooLarge, LengthUnknown, Refused
from channels.console.showing import refuse
from channels.rates import Proxies

_FORM_BYTES = 1024 * 1024
"""A long record of the catalogue, written as a form, has some 200 kB."""

_HEADERS = {
    # As everywhere in the gateway, but forms may be sent here, and no site may frame the console.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Envelope:
    """ASGI middleware. Written bare because it must not touch streams (server-sent events)."""

    def __init__(self, app: ASGIApp, proxies: Proxies, uploads: Mapping[str, int]) -> None:
        """Takes what it needs.

        Args:
            app: what is wrapped.
            proxies: whose word about addresses is taken.
            uploads: bytes that an address takes, where they are more than those of a form.
        """
        self._app, self._proxies, self._uploads = app, proxies, dict(uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        peer = request.client.host if request.client else ""
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        scope.setdefault("state", {})["caller"] = self._proxies.caller(peer, forwarded)
        is_file = "/static/" in request.url.path

        async def enveloped_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-cache" if is_file else "no-store")
            await send(message)

        try:
            self._weigh(request)
        except Refused as error:
            await refuse(request, error)(scope, receive, enveloped_send)
            return
        await self._app(scope, receive, enveloped_send)

    def _weigh(self, request: Request) -> None:
        # Before anybody has signed in nothing may cost much, and a form is read before the door is asked.
        if request.method in SAFE:
            return
        declared = request.headers.get("content-length", "")
        if not declared.isdigit():
            if declared or "transfer-encoding" in request.headers:
                raise LengthUnknown
            return
        if int(declared) > self._uploads.get(request.url.path, _FORM_BYTES):
            raise FormTooLarge
