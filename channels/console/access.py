"""The door of the console: every route says who may pass, and nobody else does.

`needs(Permission.…)` is what a page asks for; `signed_in()` lets every member in; `anybody()` everybody. Each gives a
FastAPI dependency, which also checks the anti-forgery token of every request that changes something. A route without
one of the three keeps the gateway from starting (`channels.console.app.check`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from starlette.requests import Request

from channels.console import csrf, sessions
from channels.console.errors import GoTo, NotAllowed
from channels.console.passwords import Hashing
from channels.console.permissions import Permission
from channels.console.seal import Seal
from channels.console.sessions import Member, Stage
from channels.desk import Desk
from channels.storage import now

ROOT = "/console"
"""Where the console lies; every address in it is written out with this."""

SIGN_IN = f"{ROOT}/sign-in"
SESSION_COOKIE = "motcua_console"
DOOR_COOKIE = "motcua_console_door"
"""Made before signing in, so that the forms there carry a token as well."""

_NEXT = {
    Stage.CODE: f"{ROOT}/second-factor",
    Stage.PASSWORD: f"{ROOT}/password",
    Stage.SET_UP: f"{ROOT}/second-factor/set-up",
    Stage.FULL: f"{ROOT}/",
}


@dataclass(frozen=True)
class Gate:
    """Lets a request pass, or sends it where it must go first.

    Attributes:
        permission: what the member must be permitted; None: nothing in particular.
        stages: how far the session may have come; empty: nobody need be signed in.
    """

    permission: Permission | None
    stages: frozenset[Stage]

    @property
    def is_open(self) -> bool:
        """Whether everybody may pass."""
        return not self.stages

    async def __call__(self, request: Request) -> Member | None:
        """Decides.

        Raises:
            GoTo: signing in, or its next step, comes first.
            NotAllowed: no role of the member permits it.
            FormStale: the request changes something and does not carry the token of its session.
        """
        member = await self._member(request)
        request.state.member = member
        if member is None:
            request.state.csrf = csrf.form_token(_door(request))
            if not self.is_open:
                raise GoTo(sign_in_for(request))
        else:
            request.state.csrf = member.csrf
            if self.stages and member.stage not in self.stages:
                raise GoTo(next_page(member))
        if request.method not in csrf.SAFE:
            await csrf.check(request, request.state.csrf)
        if self.permission is not None and not (member and member.may(self.permission)):
            raise NotAllowed
        return member

    @staticmethod
    async def _member(request: Request) -> Member | None:
        token = request.cookies.get(SESSION_COOKIE, "")
        if not token:
            return None
        desk = desk_of(request)
        return await desk.storage.run(partial(sessions.find, token=token, ours=desk.settings, moment=now()))


def needs(permission: Permission) -> Any:
    """Lets members pass whose roles permit it: `who: Annotated[Member, needs(Permission.AUDIT_READ)]`."""
    return Depends(Gate(permission, frozenset({Stage.FULL})))


def signed_in(*stages: Stage) -> Any:
    """Lets every member pass who has come so far; by default all the way."""
    return Depends(Gate(None, frozenset(stages) or frozenset({Stage.FULL})))


def anybody() -> Any:
    """Lets everybody pass: `who: Annotated[Member | None, anybody()]`."""
    return Depends(Gate(None, frozenset()))


def gates(dependant: Dependant) -> Iterator[Gate]:
    """Gives the gates that a route passes."""
    if isinstance(dependant.call, Gate):
        yield dependant.call
    for below in dependant.dependencies:
        yield from gates(below)


def desk_of(request: Request) -> Desk:
    """Gives the parts of the gateway: `desk.storage.run(work)` runs a function on a connection in a transaction."""
    desk: Desk = request.app.state.desk
    return desk


def hashing_of(request: Request) -> Hashing:
    """Gives what hashes passwords."""
    hashing: Hashing = request.app.state.hashing
    return hashing


def seal_of(request: Request) -> Seal:
    """Gives what the secrets of second factors are sealed with."""
    seal: Seal = request.app.state.seal
    return seal


def address_of(request: Request) -> str:
    """Gives the key of the network address that a request came from."""
    return str(getattr(request.state, "caller", ""))


async def _desk(request: Request) -> Desk:
    return desk_of(request)


DeskOf = Annotated[Desk, Depends(_desk)]


def next_page(member: Member) -> str:
    """Gives the page that a session must go to next."""
    return _NEXT[member.stage]


def sign_in_for(request: Request) -> str:
    """Gives the address of signing in, from where a page that was asked for is come back to."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET" or request.url.path in (f"{ROOT}/", SIGN_IN):
        return SIGN_IN
    return f"{SIGN_IN}?next={quote(wanted, safe='/')}"


def is_own_page(address: str) -> bool:
    """Says whether an address that came with a request leads into the console, and nowhere else."""
    return address.startswith(f"{ROOT}/") and address.isprintable() and "\\" not in address and "//" not in address


def is_private(request: Request) -> bool:
    """Says whether the browser speaks HTTPS, if need be to a proxy in front of us.

    Anybody may write that header; whoever lies only gets a stricter cookie.
    """
    return request.url.scheme == "https" or "https" in request.headers.get("x-forwarded-proto", "").lower()


def _door(request: Request) -> str:
    door = request.cookies.get(DOOR_COOKIE, "")
    if len(door) < 32:
        door = secrets.token_urlsafe(32)
        request.state.new_door = door
    return door
