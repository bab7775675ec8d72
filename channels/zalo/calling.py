"""The HTTP seam to Zalo: one call, sent once, that either has an answer or says what is known of its outcome."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from channels.zalo.errors import CallFailed, NotConfigured, NotSent, OutcomeUnknown, Passing
from channels.zalo.redaction import redact_http_log

CONNECT_S = 5.0
_LARGEST = 2_000_000
# Idle connections are dropped before the other side does: a message is never sent into one that is being closed.
_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=4.0)
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: HTTP status.
        content: the JSON object, or None where the body is none (an error page, an answer cut short).
    """

    status: int
    content: dict[str, Any] | None


@cache
def _trusted() -> ssl.SSLContext:
    # Reading the certificates takes a while, and all hosts are trusted by the same.
    return httpx.create_ssl_context(trust_env=False)


class Caller:
    """Calls one host. Addresses, headers and bodies appear in no log line and no error."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Prepares the connections; nothing is connected yet.

        Args:
            url: root address of the host.
            transport: replaces the network, for tests.

        Raises:
            NotConfigured: this is no address.
        """
        redact_http_log()
        try:
            root = httpx.URL(url)
        except httpx.InvalidURL:
            root = httpx.URL("")
        if root.scheme not in ("http", "https") or not root.host or root.userinfo:
            raise NotConfigured("an address of Zalo in the settings is none such as https://openapi.zalo.me")
        self._root = url.rstrip("/")
        self._http = httpx.AsyncClient(
            transport=transport, limits=_LIMITS, follow_redirects=False, trust_env=False, verify=_trusted()
        )

    async def call(
        self,
        name: str,
        method: str,
        path: str,
        *,
        read_s: float,
        harmless: bool = False,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> Answer:
        """Makes a call once.

        Args:
            name: what errors call it by.
            method, path: of the request; the path begins with "/".
            read_s: seconds to wait for the answer.
            harmless: whether doing it twice changes nothing, so that an unknown outcome matters to nobody.
            headers: besides the usual ones.
            content: as httpx takes it: `json`, `data`, `files`, `params`.

        Raises:
            NotSent: no connection.
            OutcomeUnknown: it broke off, or no whole answer came in time.
            Passing: the same, of a harmless call.
        """
        times = httpx.Timeout(read_s, connect=CONNECT_S, pool=CONNECT_S)
        try:
            # Each wait for bytes may be short enough, but they may be many.
            async with asyncio.timeout(2 * CONNECT_S + read_s + 1.0):
                request = self._http.build_request(
                    method, self._root + path, headers=dict(headers or {}), timeout=times, **content
                )
                response = await self._http.send(request, stream=True)
                try:
                    body = bytearray()
                    async for some in response.aiter_bytes():
                        body += some
                        if len(body) > _LARGEST:
                            raise _broken(name, harmless, "the answer is larger than it can be")
                finally:
                    await response.aclose()
        except _NOTHING_SENT as cause:
            raise NotSent(name, f"no connection ({type(cause).__name__})") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError) as cause:
            # The cause's own text may hold the address, and that the token.
            raise _broken(name, harmless, f"no whole answer ({type(cause).__name__})") from None
        return Answer(response.status_code, _an_object(bytes(body)))

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()


def _broken(name: str, harmless: bool, why: str) -> CallFailed:
    return Passing(name, why) if harmless else OutcomeUnknown(name, why)


def _an_object(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
