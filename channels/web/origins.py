"""Which site a request comes from, and whether that site may use the chat.

A browser names the site of the page (`Origin`) with every request that another site's page makes and with every
one that writes. Our own pages are "home", written as an empty origin; programs that are no browser name none and
are home too: the origin keeps sites apart, it does not tell who somebody is.
"""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

from starlette.requests import Request

from channels.errors import CannotStart, OriginRefused

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:\d{1,5})?")

HOME = ""
"""The origin of our own pages."""


@cache
def listed(setting: str) -> frozenset[str]:
    """Reads a list of origins, comma separated.

    Raises:
        CannotStart: one of them is not an origin as browsers write it (no path, no star, lower case).
    """
    origins = frozenset(part.strip() for part in setting.split(",") if part.strip())
    for origin in sorted(origins):
        if not _ORIGIN.fullmatch(origin) or origin != origin.lower():
            raise CannotStart(
                f'MOTCUA_ALLOWED_ORIGINS needs origins such as "https://portal.example.gov.vn", without a path: '
                f"{origin!r}"
            )
    return origins


def origin_of(request: Request, allowed: str, own: str = "") -> str:
    """Gives the origin a request comes from: `HOME`, or one of the allowed ones.

    Args:
        request: any request.
        allowed: the setting with the allowed origins.
        own: the address under which people reach the gateway, or empty.

    Raises:
        OriginRefused: another site's page made it.
    """
    origin = request.headers.get("origin", "")
    if not origin or is_home(request, own):
        return HOME
    if origin in listed(allowed):
        return origin
    raise OriginRefused


def is_home(request: Request, own: str = "") -> bool:
    """Says whether a page of ours made the request, or no page at all."""
    origin = request.headers.get("origin", "")
    site = request.headers.get("sec-fetch-site", "")
    if site in ("cross-site", "same-site"):
        return False
    if not origin:
        return True
    if origin == own.rstrip("/"):
        return True
    # Behind a proxy the scheme is not ours to know; the host is what the browser asked for.
    return urlsplit(origin).netloc == request.headers.get("host", "")
