"""Forgery of requests from other sites: every request that changes something carries a token of its session.

The token is made from the session's own (or, before signing in, from a cookie made for that), so nothing is stored,
and it changes whenever the session's does. Browsers also say where a request comes from; another site is refused
whatever it carries.
"""

from __future__ import annotations

import hmac

from starlette.requests import Request

from channels.console.errors import FormStale

FIELD = "csrf"
HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_OWN = ("", "same-origin", "none")


def form_token(key: str) -> str:
    """Gives the token that forms carry, for the token of a session or the cookie of the door."""
    return hmac.digest(key.encode("utf-8", "replace"), b"motcua console form", "sha256").hex()


async def check(request: Request, expected: str) -> None:
    """Checks a request that changes something: its header, or the field of its form.

    Raises:
        FormStale: no token, another session's, or sent by another site.
    """
    if request.headers.get("sec-fetch-site", "") not in _OWN:
        raise FormStale
    sent: object = request.headers.get(HEADER)
    if sent is None and _is_form(request):
        sent = (await request.form()).get(FIELD)
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode("utf-8", "replace"), expected.encode()):
        raise FormStale


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("application/x-www-form-urlencoded", "multipart/form-data")
