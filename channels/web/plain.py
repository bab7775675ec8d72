"""The chat without JavaScript, at `/chat`: forms, pages made by the server, the same answers.

The session's token lies in a cookie that scripts cannot read and that other sites' pages do not send; besides, a
form is taken from our own pages only. After each form the browser is sent to the page again, so that going back or
loading it anew asks nothing twice; a form that comes twice all the same has the same message id.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from channels import wording
from channels.desk import Desk
from channels.errors import OriginRefused, Refusal, SessionUnknown, TooMany
from channels.events import Event
from channels.inbox import Entry
from channels.sessions import Session
from channels.web.api import DeskOf, MessageIn, account_of, read_bytes
from channels.web.assets import compressed
from channels.web.links import Piece, allows, pieces
from channels.web.origins import is_home
from channels.web.page import templates
from channels.web.problems import faults

PATH = "/chat"
COOKIE = "motcua_chat"
_SHOWN = 50
# Browsers write "Origin: null" in a form of a page with no referrer at all; within our own pages they may tell.
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Draft:
    """What stands in the form.

    Attributes:
        id: the message's id once it is sent.
        text: what was written already.
        payload: of the choice that was tapped, when it has to be sent again.
    """

    id: str
    text: str = ""
    payload: str = ""


@router.get(PATH)
async def show(request: Request, desk: DeskOf) -> Response:
    """Gives the conversation so far, and the form to ask."""
    return await _page(request, desk, Draft(secrets.token_hex(16)))


@router.post(PATH)
async def ask(request: Request, desk: DeskOf) -> Response:
    """Takes a question or a choice, and leads back to the conversation."""
    draft = Draft(secrets.token_hex(16))
    try:
        fields = await _form(request, desk)
        said = {name: fields[name] for name in ("text", "payload") if fields.get(name)}
        draft = Draft(fields.get("id", ""), fields.get("text", ""), fields.get("payload", ""))
        message = _message({"client_message_id": draft.id, **(said or {"text": ""})})
        token = await _token(request, desk)
        session = await desk.sessions.find(token)
        await desk.rates.session.count(session.id)
        secret = desk.settings.internal_token.get_secret_value()
        await desk.inbox.receive(
            session.id,
            message.client_message_id,
            message.read(desk.settings.message_length),
            account_of(request, secret),
        )
    except Refusal as problem:
        return await _page(request, desk, draft, problem)
    answer = RedirectResponse(f"{PATH}#moi", 303, _HEADERS)
    _give(answer, request, desk, token)
    return answer


@router.get(f"{PATH}/xoa")
async def ask_before_erasing(request: Request) -> Response:
    """Asks whether to erase."""
    page = templates().get_template("plain_erase.html").render(words=wording.page()["plain"], path=PATH)
    return compressed(request, page, _HEADERS)


@router.post(f"{PATH}/xoa")
async def erase(request: Request, desk: DeskOf) -> Response:
    """Erases the conversation, and leads to an empty one."""
    try:
        await _form(request, desk)
        session = await _session(request, desk)
        if session:
            await desk.sessions.erase(session.id)
            await desk.hub.publish(session.id, Event("erased", "{}"))
    except Refusal as problem:
        return await _page(request, desk, Draft(secrets.token_hex(16)), problem)
    answer = RedirectResponse(f"{PATH}?xoa=1", 303, _HEADERS)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


async def _form(request: Request, desk: Desk) -> dict[str, str]:
    """Reads a form of our own page.

    Raises:
        OriginRefused: another site's page sent it.
        BodyTooLarge, TooMany: what the names say.
    """
    if not is_home(request, desk.settings.public_url):
        raise OriginRefused
    await desk.rates.address.count(str(getattr(request.state, "caller", "")))
    body = (await read_bytes(request)).decode(errors="replace")
    read = parse_qs(body, keep_blank_values=True, max_num_fields=20) if body.count("&") < 20 else {}
    return {name: values[0] for name, values in read.items()}


def _message(fields: dict[str, str]) -> MessageIn:
    try:
        return MessageIn.model_validate(fields)
    except ValidationError as error:
        raise faults(error) from None


async def _session(request: Request, desk: Desk) -> Session | None:
    try:
        return await desk.sessions.find(request.cookies.get(COOKIE, ""))
    except SessionUnknown:
        return None


async def _token(request: Request, desk: Desk) -> str:
    """Gives the token of the visitor's session, which is opened when there is none."""
    if await _session(request, desk):
        return request.cookies[COOKIE]
    return (await desk.sessions.open()).token


def _give(answer: Response, request: Request, desk: Desk, token: str) -> None:
    answer.set_cookie(
        COOKIE,
        token,
        max_age=desk.settings.session_hours * 3600,
        path=PATH,
        httponly=True,
        samesite="lax",
        # Behind a proxy only the browser knows whether the page came over TLS; it says so with every form.
        secure=request.headers.get("origin", "").startswith("https:"),
    )


def _with_officer(entries: list[Entry]) -> set[str]:
    """Gives the ids of the messages that an officer has: from the handing over until the assistant answers again."""
    with_officer, ids = False, set()
    for entry in entries:
        # What comes without a question is the officer's own.
        if entry.text and entry.replies:
            with_officer = any(reply.kind == "handoff" for reply in entry.replies)
        elif with_officer:
            ids.add(entry.id)
    return ids


async def _page(request: Request, desk: Desk, draft: Draft, problem: Refusal | None = None) -> Response:
    """Makes the page.

    Args:
        request: with the cookie.
        desk: the gateway's parts.
        draft: what stands in the form.
        problem: what went wrong just now, or None.
    """
    entries: list[Entry] = []
    try:
        if session := await _session(request, desk):
            entries = await desk.inbox.history(session.id, _SHOWN)
    except Refusal as failed:
        problem = problem or failed
    domains = [d.strip().lower() for d in desk.settings.link_domains.split(",") if d.strip()]

    def cut(text: str) -> list[list[Piece]]:
        return [list(pieces(line, domains)) for line in text.split("\n") if line.strip()]

    words: dict[str, Any] = wording.page()["plain"]
    page = (
        templates()
        .get_template("plain.html")
        .render(
            words=words,
            path=PATH,
            entries=entries,
            draft=draft,
            problem=problem and wording.problems()[problem.problem],
            wait=problem.retry_after if isinstance(problem, TooMany) else 0,
            erased="xoa" in request.query_params and not entries,
            with_officer=_with_officer(entries),
            length=desk.settings.message_length,
            cut=cut,
            allows=lambda address: allows(address, domains),
        )
    )
    headers = dict(_HEADERS)
    if isinstance(problem, TooMany):
        headers["Retry-After"] = str(problem.retry_after)
    return compressed(request, page, headers, problem.status if problem else 200)
