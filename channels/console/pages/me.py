"""The own account: password, second factor, sessions."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter
from sqlalchemy import Connection, update
from starlette.requests import Request
from starlette.responses import Response

from channels.console import accounts, codes, second_factor, sessions, tries
from channels.console.access import ROOT, DeskOf, address_of, hashing_of, seal_of, signed_in
from channels.console.audit import audit
from channels.console.csrf import form_token
from channels.console.errors import NotAllowed
from channels.console.page import Page
from channels.console.pages.entry import Text, fault_of, set_password
from channels.console.seal import Seal
from channels.console.sessions import Member, Stage
from channels.console.showing import go, keep, show
from channels.console.tables import StaffAccount, StaffSession
from channels.desk import Desk
from channels.storage import now

router = APIRouter()
_ME = f"{ROOT}/me"


@router.get("/me")
async def me(request: Request, desk: DeskOf, who: Annotated[Member, signed_in()]) -> Response:
    """Shows the own account."""
    return await _me(request, desk, who)


@router.get("/password", dependencies=[signed_in(Stage.PASSWORD, Stage.FULL)])
async def password_page(request: Request) -> Response:
    """Shows the form for another password."""
    return show(request, "me/password.html", fault="")


@router.post("/password")
async def change_password(
    request: Request,
    desk: DeskOf,
    who: Annotated[Member, signed_in(Stage.PASSWORD, Stage.FULL)],
    current: Text = "",
    password: Text = "",
    repeated: Text = "",
) -> Response:
    """Changes the own password; other sessions of this member end."""
    fault = "password_same" if password == current else fault_of(password, repeated, who.name)
    if not fault and not await _knows_password(request, desk, who, current):
        fault = "current_wrong"
    if fault:
        return show(request, "me/password.html", 422, fault=fault)
    hashed = await hashing_of(request).make(password)

    def change(connection: Connection) -> str:
        set_password(connection, who.id, hashed)
        sessions.end_all(connection, who.id, but=who.session)
        token = sessions.renew(connection, who.session)
        audit(connection, who.name, "password.changed", f"staff:{who.name}")
        return token

    ahead = go(_ME, "password_changed") if who.stage is Stage.FULL else go(f"{ROOT}/")
    return keep(request, ahead, await desk.storage.run(change))


@router.get("/second-factor/set-up")
async def set_up_page(
    request: Request, desk: DeskOf, who: Annotated[Member, signed_in(Stage.SET_UP, Stage.FULL)]
) -> Response:
    """Shows the secret of a new second factor, to be photographed by the telephone."""
    secret = await desk.storage.run(partial(_pending, who=who, seal=seal_of(request)))
    return _set_up(request, who, secret, "")


@router.post("/second-factor/set-up")
async def set_up(
    request: Request,
    desk: DeskOf,
    who: Annotated[Member, signed_in(Stage.SET_UP, Stage.FULL)],
    code: Text = "",
    current: Text = "",
) -> Response:
    """Sets the second factor up, once a code proves that the telephone has it; shows the recovery codes."""
    seal = seal_of(request)
    secret = await desk.storage.run(partial(_pending, who=who, seal=seal))
    if who.has_second_factor and not await _knows_password(request, desk, who, current):
        return _set_up(request, who, secret, "current_wrong")
    moment = now()
    step = second_factor.step_of(secret, code, moment)
    if step is None:
        return _set_up(request, who, secret, "code_wrong")

    def write(connection: Connection) -> tuple[str, list[str]]:
        this = update(StaffAccount).where(StaffAccount.id == who.id)
        connection.execute(this.values(totp_secret=seal.close(secret), totp_step=step))
        sessions.end_all(connection, who.id, but=who.session)
        token = sessions.renew(connection, who.session, second_at=moment, pending_secret=None)
        given = codes.give_recovery(connection, who.id, moment)
        audit(connection, who.name, "second_factor.set_up", f"staff:{who.name}")
        return token, given

    token, given = await desk.storage.run(write)
    request.state.csrf = form_token(token)
    return keep(request, show(request, "me/recovery_codes.html", codes=given), token)


@router.post("/second-factor/codes")
async def new_codes(
    request: Request, desk: DeskOf, who: Annotated[Member, signed_in()], current: Text = ""
) -> Response:
    """Gives new recovery codes."""
    if not who.has_second_factor:
        raise NotAllowed
    if not await _knows_password(request, desk, who, current):
        return await _me(request, desk, who, "current_wrong", 422)

    def give(connection: Connection) -> list[str]:
        given = codes.give_recovery(connection, who.id, now())
        audit(connection, who.name, "second_factor.codes", f"staff:{who.name}")
        return given

    return show(request, "me/recovery_codes.html", codes=await desk.storage.run(give))


@router.post("/second-factor/remove")
async def remove(request: Request, desk: DeskOf, who: Annotated[Member, signed_in()], current: Text = "") -> Response:
    """Takes the second factor away, where it is not required."""
    if not who.has_second_factor or sessions.is_second_required(who.roles, desk.settings):
        raise NotAllowed
    if not await _knows_password(request, desk, who, current):
        return await _me(request, desk, who, "current_wrong", 422)

    def write(connection: Connection) -> str:
        this = update(StaffAccount).where(StaffAccount.id == who.id)
        connection.execute(this.values(totp_secret=None, totp_step=None))
        token = sessions.renew(connection, who.session, second_at=None)
        audit(connection, who.name, "second_factor.removed", f"staff:{who.name}")
        return token

    return keep(request, go(_ME, "second_factor_removed"), await desk.storage.run(write))


async def _me(request: Request, desk: Desk, who: Member, fault: str = "", status: int = 200) -> Response:
    return show(
        request,
        "me/me.html",
        status,
        fault=fault,
        codes_left=await desk.storage.run(partial(codes.left, staff_id=who.id)),
        is_required=sessions.is_second_required(who.roles, desk.settings),
    )


async def _knows_password(request: Request, desk: Desk, who: Member, password: str) -> bool:
    # Whoever finds a browser signed in does not get to guess here either.
    address = address_of(request)
    attempt = await desk.storage.run(partial(tries.begin, name=who.name, address=address, moment=now()))
    hashed = await desk.storage.run(partial(accounts.password_hash, staff_id=who.id))
    right = await hashing_of(request).is_right(hashed, password)
    if right:
        forgive = partial(tries.forgive, attempt=attempt, name=who.name, address=address)
        await desk.storage.run(forgive)
    return right


def _pending(connection: Connection, who: Member, seal: Seal) -> str:
    kept = seal.open(who.pending_secret) if who.pending_secret else ""
    if kept:
        return kept
    secret = second_factor.new_secret()
    this = update(StaffSession).where(StaffSession.digest == who.session)
    connection.execute(this.values(pending_secret=seal.close(secret)))
    return secret


def _set_up(request: Request, who: Member, secret: str, fault: str) -> Response:
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return show(
        request,
        "me/set_up.html",
        422 if fault else 200,
        fault=fault,
        picture=second_factor.picture(secret, who.name),
        secret=grouped,
    )


PAGE = Page(router)
