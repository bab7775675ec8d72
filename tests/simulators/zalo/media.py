"""Files that events point to: with an end, with a redirect to a private address, of the wrong kind, without end."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.simulators.zalo.clock import SimClock

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass
class MediaSide:
    """Serves what was put there.

    Attributes:
        fetched: how often each name was asked for.
    """

    clock: SimClock
    fetched: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._ends: dict[str, tuple[float, int]] = {}
        self.root = ""

    def picture(self, *, lasts_s: float = 3600.0, times: int = 10**6) -> str:
        """The address of a picture that can be fetched for a while, or a few times."""
        name = f"picture-{next(self._numbers)}.png"
        self._ends[name] = (self.clock.now() + lasts_s, times)
        return f"{self.root}/{name}"

    def trap(self, kind: str) -> str:
        """An address that must not be followed: "private" (redirect), "html", "endless"."""
        return f"{self.root}/trap-{kind}"

    @property
    def routes(self) -> list[Route]:
        return [Route("/{name}", self._serve)]

    async def _serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        self.fetched[name] = self.fetched.get(name, 0) + 1
        match name:
            case "trap-private":
                return RedirectResponse("http://169.254.169.254/latest/meta-data/", 302)
            case "trap-html":
                return Response("<html></html>", media_type="text/html")
            case "trap-endless":
                return StreamingResponse(_endless(), media_type="image/png")
        until, times = self._ends.get(name, (0.0, 0))
        if self.clock.now() > until or self.fetched[name] > times:
            return PlainTextResponse("gone", 410)
        return Response(PICTURE, media_type="image/png")


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(400):
        yield bytes(65_536)
