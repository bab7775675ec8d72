"""The staff: who has an account, and what each may do."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from channels.console import accounts
from channels.console.access import ROOT, DeskOf, needs
from channels.console.errors import AccountRefused, NotHere
from channels.console.page import Page, Tile
from channels.console.pages.entry import Text
from channels.console.permissions import Permission, Role, roles_of
from channels.console.sessions import Member
from channels.console.showing import go, show
from channels.desk import Desk

router = APIRouter(prefix="/staff")
_STAFF = f"{ROOT}/staff"
Administrator = Annotated[Member, needs(Permission.STAFF_MANAGE)]
Roles = Annotated[list[str], Form(default_factory=list)]


@router.get("")
async def listed(request: Request, desk: DeskOf, _: Administrator) -> Response:
    """Lists the accounts."""
    return show(request, "staff/list.html", accounts=await desk.storage.run(accounts.everyone))


@router.get("/add")
async def add_page(request: Request, _: Administrator) -> Response:
    """Shows the form for a new account."""
    return _add_form(request)


@router.post("/add")
async def add(
    request: Request, desk: DeskOf, who: Administrator, roles: Roles, name: Text = "", display: Text = ""
) -> Response:
    """Makes an account and shows its one-time code, this once."""
    given, hours = roles_of(roles), desk.settings.console_code_hours
    work = partial(accounts.add, by=who.name, name=name, display=display, roles=given, code_hours=hours)
    try:
        code = await desk.storage.run(work)
    except AccountRefused as refused:
        return _add_form(request, refused.words, name, display, given)
    return _code(request, accounts.folded(name), code, hours, "added")


@router.get("/accounts/{name}")
async def account(request: Request, desk: DeskOf, _: Administrator, name: str) -> Response:
    """Shows one account."""
    return await _account(request, desk, name)


@router.post("/accounts/{name}/roles")
async def set_roles(request: Request, desk: DeskOf, who: Administrator, name: str, roles: Roles) -> Response:
    """Gives an account other roles; they count from its next request."""
    work = partial(accounts.set_roles, by=who.name, name=name, roles=roles_of(roles))
    return await _change(request, desk, name, work, "roles_set")


@router.post("/accounts/{name}/reset")
async def reset(request: Request, desk: DeskOf, who: Administrator, name: str, second_factor: Text = "") -> Response:
    """Takes the password away and shows a one-time code, this once."""
    hours = desk.settings.console_code_hours
    work = partial(accounts.reset, by=who.name, name=name, second_factor=bool(second_factor), code_hours=hours)
    try:
        code = await desk.storage.run(work)
    except AccountRefused as refused:
        return await _account(request, desk, name, refused.words)
    return _code(request, accounts.folded(name), code, hours, "reset")


@router.post("/accounts/{name}/disable")
async def disable(request: Request, desk: DeskOf, who: Administrator, name: str) -> Response:
    """Closes an account."""
    return await _change(request, desk, name, partial(accounts.disable, by=who.name, name=name), "disabled")


@router.post("/accounts/{name}/enable")
async def enable(request: Request, desk: DeskOf, who: Administrator, name: str) -> Response:
    """Opens an account again."""
    return await _change(request, desk, name, partial(accounts.enable, by=who.name, name=name), "enabled")


async def _change(request: Request, desk: Desk, name: str, work: partial[None], done: str) -> Response:
    try:
        await desk.storage.run(work)
    except AccountRefused as refused:
        return await _account(request, desk, name, refused.words)
    return go(f"{_STAFF}/accounts/{accounts.folded(name)}", done)


async def _account(request: Request, desk: Desk, name: str, fault: str = "") -> Response:
    found = await desk.storage.run(partial(accounts.find, name=name))
    if found is None:
        raise NotHere
    return show(request, "staff/account.html", 409 if fault else 200, account=found, fault=fault, every_role=list(Role))


def _add_form(
    request: Request,
    fault: str = "",
    name: str = "",
    display: str = "",
    roles: frozenset[Role] = frozenset(),
) -> Response:
    return show(
        request,
        "staff/add.html",
        422 if fault else 200,
        fault=fault,
        name=name,
        display=display,
        roles=roles,
        every_role=list(Role),
    )


def _code(request: Request, name: str, code: str, hours: int, why: str) -> Response:
    return show(request, "staff/code.html", name=name, code=code, hours=hours, why=why)


PAGE = Page(router, (Tile(_STAFF, Permission.STAFF_MANAGE, "staff"),))
