"""Files that browsers may keep: compressed once, named by their content, never the wrong one for a name."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property

import brotli
from starlette.requests import Request
from starlette.responses import Response

_FOREVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=300"
# The header is a line of a stranger's: more parts than any browser sends are not read.
_PARTS = 20
_WEIGHT = re.compile(r"\s*q\s*=\s*(\d(?:\.\d{0,3})?)\s*")


@dataclass(frozen=True)
class Asset:
    """One file.

    Attributes:
        content: its bytes, not compressed.
        media_type: as in Content-Type.
    """

    content: bytes = field(repr=False)
    media_type: str

    @cached_property
    def digest(self) -> str:
        """Names the content: 16 hexadecimal digits of its SHA-256."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @cached_property
    def integrity(self) -> str:
        """What a page says of the content (Subresource Integrity)."""
        return f"sha384-{base64.b64encode(hashlib.sha384(self.content).digest()).decode()}"

    @cached_property
    def gzip(self) -> bytes:
        """The content in gzip, the same at every start."""
        return gzip.compress(self.content, 9, mtime=0)

    @cached_property
    def brotli(self) -> bytes:
        """The content in Brotli."""
        return bytes(brotli.compress(self.content, mode=brotli.MODE_TEXT, quality=11))

    def answer(self, request: Request, *, versioned: bool) -> Response:
        """Gives the file as the browser likes it best.

        Args:
            request: names the encodings that are taken, and the version that the browser has.
            versioned: whether the address names the content; only then may it be kept for good.
        """
        coding = best_coding(request.headers.get("accept-encoding", ""))
        tag = f'"{self.digest}-{coding or "plain"}"'
        headers = {
            "Cache-Control": _FOREVER if versioned else _BRIEFLY,
            "ETag": tag,
            "Vary": "Accept-Encoding",
            # A portal may have asked its browsers to load only what agrees to be loaded.
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
        if tag in known:
            return Response(status_code=304, headers=headers)
        if coding:
            headers["Content-Encoding"] = coding
        body = self.brotli if coding == "br" else self.gzip if coding == "gzip" else self.content
        return Response(body, headers=headers, media_type=self.media_type)


def best_coding(accepted: str, offered: tuple[str, ...] = ("br", "gzip")) -> str:
    """Chooses one of the codings offered, or none, by what a browser says it takes."""
    weights: dict[str, float] = {}
    for part in accepted.split(",")[:_PARTS]:
        name, _, rest = part.strip().lower().partition(";")
        weight = _WEIGHT.fullmatch(rest)
        weights[name.strip()] = float(weight[1]) if weight else 1.0
    for coding in offered:
        if weights.get(coding, weights.get("*", 0.0)) > 0:
            return coding
    return ""


def compressed(request: Request, page: str, headers: dict[str, str] | None = None, status: int = 200) -> Response:
    """Gives a page made just now, in gzip where the browser takes it: every byte counts over a slow network."""
    body, sent = page.encode(), {"Vary": "Accept-Encoding"} | (headers or {})
    if best_coding(request.headers.get("accept-encoding", ""), ("gzip",)):
        body, sent["Content-Encoding"] = gzip.compress(body, 6, mtime=0), "gzip"
    return Response(body, status, sent, media_type="text/html")
