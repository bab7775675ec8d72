"""Signing in and out: password, one-time code, second factor.

Whether an account exists shows neither in the words nor in the time: a hash is computed for unknown names as well.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form
from sqlalchemy import Connection, select, update
from starlette.requests import Request
from starlette.responses import Response

from channels.console import accounts, codes, passwords, second_factor, sessions, tries
from channels.console.access import (
    ROOT,
    SIGN_IN,
    DeskOf,
    address_of,
    anybody,
    hashing_of,
    is_own_page,
    next_page,
    seal_of,
    signed_in,
)
from channels.console.audit import NOBODY, audit
from channels.console.errors import AccountRefused
from channels.console.page import Page
from channels.console.sessions import Member, Stage
from channels.console.showing import go, keep, show
from channels.console.tables import StaffAccount
from channels.desk import Desk
from channels.storage import now

logger = logging.getLogger(__name__)
router = APIRouter()
Text = Annotated[str, Form()]
_NAME_LENGTH = 64


@router.get("/sign-in")
async def sign_in_page(request: Request, desk: DeskOf, who: Annotated[Member | None, anybody()]) -> Response:
    """Shows the form, or says how the first administrator is made."""
    if who is not None:
        return go(next_page(who))
    if await desk.storage.run(accounts.is_empty):
        return show(request, "entry/nobody_yet.html")
    return _form(request, request.query_params.get("next", ""))


@router.post("/sign-in", dependencies=[anybody()])
async def sign_in(
    request: Request,
    desk: DeskOf,
    name: Text = "",
    password: Text = "",
    wanted: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Signs in with user name and password."""
    name, address = name[:_NAME_LENGTH], address_of(request)
    attempt = await desk.storage.run(partial(tries.begin, name=name, address=address, moment=now()))
    staff_id, known, hashed = await desk.storage.run(partial(_hash_of, name=name))
    # Also where there is no such account, so that this takes as long.
    right = await hashing_of(request).is_right(hashed, password)
    if staff_id is None or not right:
        await desk.storage.run(partial(_failed, known=known, what="staff.sign_in_failed"))
        return _form(request, wanted, "wrong", 401)
    fresh = await hashing_of(request).make(password) if hashed and passwords.is_outdated(hashed) else None

    def begin(connection: Connection) -> str:
        tries.forgive(connection, attempt, name, address)
        if fresh:
            connection.execute(
                update(StaffAccount)
                .where(StaffAccount.id == staff_id, StaffAccount.password_hash == hashed)
                .values(password_hash=fresh)
            )
        return _begin_session(connection, request, desk, staff_id, known)

    return await _come_in(request, desk, await desk.storage.run(begin), wanted)


@router.get("/one-time-code", dependencies=[anybody()])
async def one_time_code_page(request: Request) -> Response:
    """Shows the form with which a new or reset account gets its password."""
    return show(request, "entry/one_time_code.html", fault="", name=request.query_params.get("name", ""))


@router.post("/one-time-code", dependencies=[anybody()])
async def one_time_code(
    request: Request, desk: DeskOf, name: Text = "", code: Text = "", password: Text = "", repeated: Text = ""
) -> Response:
    """Chooses a password with a one-time code, and signs in."""
    name, address = name[:_NAME_LENGTH], address_of(request)
    fault = fault_of(password, repeated, name)
    if fault:
        return show(request, "entry/one_time_code.html", 422, fault=fault, name=name)
    attempt = await desk.storage.run(partial(tries.begin, name=name, address=address, moment=now()))
    hashed = await hashing_of(request).make(password)

    def choose(connection: Connection) -> str:
        account = accounts.find(connection, name)
        right = account is not None and account.disabled_at is None
        if account is None or not right or not codes.use(connection, account.id, codes.FIRST, code, now()):
            _failed(connection, account.name if account else "", "staff.code_failed")
            return ""
        tries.forgive(connection, attempt, name, address)
        sessions.end_all(connection, account.id)
        set_password(connection, account.id, hashed)
        token = _begin_session(connection, request, desk, account.id, account.name)
        audit(connection, account.name, "password.chosen", account.subject)
        return token

    token = await desk.storage.run(choose)
    if not token:
        return show(request, "entry/one_time_code.html", 401, fault="wrong", name=name)
    return await _come_in(request, desk, token, "")


@router.get("/second-factor", dependencies=[signed_in(Stage.CODE)])
async def second_factor_page(request: Request) -> Response:
    """Asks for the code of the second factor."""
    return show(request, "entry/second_factor.html", fault="", wanted=request.query_params.get("next", ""))


@router.post("/second-factor")
async def give_second_factor(
    request: Request,
    desk: DeskOf,
    who: Annotated[Member, signed_in(Stage.CODE)],
    code: Text = "",
    wanted: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Takes a code of the second factor, or a recovery code."""
    address = address_of(request)
    attempt = await desk.storage.run(partial(tries.begin, name=who.name, address=address, moment=now()))

    def use(connection: Connection) -> str:
        moment = now()
        sealed = connection.scalar(select(StaffAccount.totp_secret).where(StaffAccount.id == who.id)) or ""
        secret = seal_of(request).open(sealed)
        if not secret:
            logger.error("second factors cannot be read: the secret of the console is another one now")
        by_recovery = codes.use(connection, who.id, codes.RECOVERY, code, moment)
        if not by_recovery and not second_factor.use(connection, who.id, secret, code, moment):
            audit(connection, who.name, "staff.second_factor_failed", f"staff:{who.name}")
            return ""
        tries.forgive(connection, attempt, who.name, address)
        token = sessions.renew(connection, who.session, second_at=moment)
        audit(connection, who.name, "staff.second_factor", f"staff:{who.name}", {"recovery_code": by_recovery})
        return token

    token = await desk.storage.run(use)
    if not token:
        return show(request, "entry/second_factor.html", 401, fault="code_wrong", wanted=wanted)
    return await _come_in(request, desk, token, wanted)


@router.post("/sign-out")
async def sign_out(request: Request, desk: DeskOf, who: Annotated[Member, signed_in(*Stage)]) -> Response:
    """Ends this session."""
    await desk.storage.run(partial(sessions.end, digest=who.session))
    return keep(request, go(SIGN_IN, "signed_out"), "")


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(request: Request, desk: DeskOf, who: Annotated[Member, signed_in(*Stage)]) -> Response:
    """Ends every session of this member, this one included."""

    def end(connection: Connection) -> None:
        ended = sessions.end_all(connection, who.id)
        audit(connection, who.name, "staff.sessions_ended", f"staff:{who.name}", {"sessions_ended": ended})

    await desk.storage.run(end)
    return keep(request, go(SIGN_IN, "signed_out_everywhere"), "")


def fault_of(password: str, repeated: str, name: str) -> str:
    """Says what is wrong with a new password, as a key of `faults`; empty: nothing."""
    if password != repeated:
        return "password_differs"
    try:
        passwords.check(password, name)
    except AccountRefused as refused:
        return refused.words
    return ""


def set_password(connection: Connection, staff_id: int, hashed: str) -> None:
    """Gives an account a password that its member chose."""
    this = update(StaffAccount).where(StaffAccount.id == staff_id)
    connection.execute(this.values(password_hash=hashed, must_change=False))


def _hash_of(connection: Connection, name: str) -> tuple[int | None, str, str | None]:
    asked = select(StaffAccount.id, StaffAccount.name, StaffAccount.password_hash).where(
        StaffAccount.name == accounts.folded(name), StaffAccount.disabled_at.is_(None)
    )
    row = connection.execute(asked).one_or_none()
    return (row.id, row.name, row.password_hash) if row else (None, "", None)


def _failed(connection: Connection, known: str, what: str) -> None:
    # What was typed may be a password in the wrong field: only names that exist are written down.
    audit(connection, NOBODY, what, f"staff:{known or NOBODY}")


def _begin_session(connection: Connection, request: Request, desk: Desk, staff_id: int, name: str) -> str:
    before: Any = getattr(request.state, "member", None)
    if before is not None:
        sessions.end(connection, before.session)
    token = sessions.begin(connection, staff_id, desk.settings.console_session_hours, now())
    audit(connection, name, "staff.signed_in", f"staff:{name}")
    return token


async def _come_in(request: Request, desk: Desk, token: str, wanted: str) -> Response:
    found = partial(sessions.find, token=token, ours=desk.settings, moment=now())
    member = await desk.storage.run(found)
    if member is None:
        return go(SIGN_IN)
    ahead = next_page(member)
    if is_own_page(wanted):
        ahead = wanted if member.stage is Stage.FULL else _with_wanted(member, ahead, wanted)
    return keep(request, go(ahead), token)


def _with_wanted(member: Member, ahead: str, wanted: str) -> str:
    return f"{ahead}?next={quote(wanted, safe='/')}" if member.stage is Stage.CODE else ahead


def _form(request: Request, wanted: str, fault: str = "", status: int = 200) -> Response:
    return show(
        request, "entry/sign_in.html", status, fault=fault, wanted=wanted if is_own_page(wanted) else f"{ROOT}/"
    )


PAGE = Page(router)
