"""Conversations with officers: the queue, taking over, answering, handing back; the hours in which that is done."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from channels.console.access import ROOT, DeskOf, needs
from channels.console.audit import audit
from channels.console.conversations_hours import read_form, week_as_form
from channels.console.errors import NotHere
from channels.console.page import Page, Tile
from channels.console.permissions import Permission
from channels.console.sessions import Member
from channels.console.showing import go, show
from channels.desk import Desk
from channels.errors import RasaUnavailable, StorageUnavailable
from channels.handover.cases import Case
from channels.handover.counter import CaseView, Revealed
from channels.handover.errors import CaseMoved, CaseUnknown, UnreadMessage
from channels.handover.hours import read_timetable, write_week
from channels.handover.receipts import find_receipts
from channels.handover.suggestion import suggest
from channels.inbox import Entry
from channels.storage import now
from motcua.reply import Reply
from motcua.working_days import WorkingDays
from nlu.text import clean

router = APIRouter(prefix="/conversations")
Officer = Annotated[Member, needs(Permission.CONVERSATIONS_ANSWER)]
Revealer = Annotated[Member, needs(Permission.CONVERSATIONS_REVEAL)]
Typed = Annotated[str, Form()]

REASONS = ("call", "dossier", "address", "urgent", "other")
"""Why somebody opens what is masked; `reasons` of the words tells them."""

_HERE = f"{ROOT}/conversations"
_LONGEST = 2000
_TALK = 60


@dataclass(frozen=True)
class Line:
    """One message of the talk; with the id of the message where a person wrote it."""

    text: str
    at: datetime
    message_id: str = ""


@router.get("")
async def queue(request: Request, desk: DeskOf, who: Officer) -> Response:
    """Shows who waits, who is talked to, and who is to be called."""
    return show(request, "conversations/queue.html", **await _lists(desk))


@router.get("/queue")
async def queue_again(request: Request, desk: DeskOf, who: Officer, have: str = "") -> Response:
    """Gives the lists alone, for the page that asks every few seconds; nothing where it has them as they are."""
    lists = await _lists(desk)
    return _nothing_new() if have == lists["have"] else show(request, "conversations/_queue.html", **lists)


@router.get("/hours")
async def hours(request: Request, desk: DeskOf, who: Officer) -> Response:
    """Shows the hours in which officers answer."""
    table = await desk.storage.run(lambda connection: read_timetable(connection, WorkingDays()))
    return show(request, "conversations/hours.html", week=week_as_form(table.week), fault="")


@router.post("/hours")
async def set_hours(request: Request, desk: DeskOf, who: Officer) -> Response:
    """Sets the hours; they count at once."""
    form = {name: str(value)[:5] for name, value in (await request.form()).items()}
    try:
        week = read_form(form)
    except ValueError:
        typed = {key: form.get(key, "") for key in week_as_form({})}
        return show(request, "conversations/hours.html", 422, week=typed, fault="hours")

    def work(connection: Connection) -> None:
        write_week(connection, week)
        audit(connection, who.name, "conversation.hours", "hours:handover", {"days": sorted(str(d) for d in week)})

    await desk.storage.run(work)
    return go(f"{_HERE}/hours", "hours")


@router.get("/{case_id}")
async def case(request: Request, desk: DeskOf, who: Officer, case_id: str) -> Response:
    """Shows one conversation, masked, with what may be done."""
    return await _page(request, desk, case_id)


@router.get("/{case_id}/talk")
async def talk(
    request: Request, desk: DeskOf, who: Officer, case_id: str, state: str = "", officer: str = "", have: str = ""
) -> Response:
    """Gives the talk alone, for the page that asks every few seconds; says so when the case has moved on."""
    view = await _view(desk, case_id)
    moved = (state, officer) != (view.case.state, view.case.officer)
    told = _talk(view, await _entries(desk, view.case))
    if have == told["have"] and not moved:
        return _nothing_new()
    return show(request, "conversations/_talk.html", **told, opened=None, has_moved=moved)


@router.post("/{case_id}/take")
async def take(request: Request, desk: DeskOf, who: Officer, case_id: str) -> Response:
    """Takes a conversation over; of two who come at once, one is told who has it."""
    step = partial(desk.counter.take, case_id=case_id, officer=who.name)
    return await _do(request, desk, who, case_id, step, "conversation.taken", "taken")


@router.post("/{case_id}/answer")
async def answer(
    request: Request,
    desk: DeskOf,
    who: Officer,
    case_id: str,
    text: Typed = "",
    token: Typed = "",
    receipt: Typed = "",
) -> Response:
    """Sends the person an answer, once for each form."""
    said = "\n".join(clean(line) for line in text.splitlines()).strip()
    fault = "empty" if not said else "long" if len(said) > _LONGEST else ""
    if fault:
        return await _page(request, desk, case_id, 422, fault=fault, draft=text)

    def step(connection: Connection) -> None:
        suggested = _suggested(connection, receipt, said)
        if suggested:
            desk.counter.pass_on(connection, case_id, who.name, suggested, token)
        else:
            desk.counter.say(connection, case_id, who.name, said, token)

    return await _do(request, desk, who, case_id, step, "conversation.answered", "answered", draft=text)


@router.post("/{case_id}/suggestion")
async def suggestion(request: Request, desk: DeskOf, who: Officer, case_id: str, text: Typed = "") -> Response:
    """Shows what the bot would answer, to be sent as it is or changed; below what was typed already."""
    view = await _view(desk, case_id)
    try:
        replies = await suggest(desk.rasa, await _entries(desk, view.case))
    except RasaUnavailable:
        replies = []
    if not replies:
        return await _page(request, desk, case_id, 409, fault="no_suggestion", draft=text)
    typed = text.strip()
    receipt = replies[0].receipt if len(replies) == 1 and not typed else ""
    draft = "\n\n".join([*([typed] if typed else []), *(reply.text for reply in replies)])
    return await _page(request, desk, case_id, draft=draft, receipt=receipt)


@router.post("/{case_id}/note")
async def note(request: Request, desk: DeskOf, who: Officer, case_id: str, text: Typed = "") -> Response:
    """Keeps a note for the colleagues."""
    said = clean(text)[:_LONGEST]
    if not said:
        return await _page(request, desk, case_id, 422, fault="empty")
    step = partial(desk.counter.note, case_id=case_id, officer=who.name, text=said)
    return await _do(request, desk, who, case_id, step, "conversation.noted", "noted")


@router.post("/{case_id}/hand-back")
async def hand_back(request: Request, desk: DeskOf, who: Officer, case_id: str, seen: Typed = "") -> Response:
    """Gives the conversation back to the assistant."""
    step = partial(desk.counter.hand_back, case_id=case_id, officer=who.name, seen=_number(seen))
    return await _do(request, desk, who, case_id, step, "conversation.handed_back", "handed_back", to=_HERE)


@router.post("/{case_id}/close")
async def close(request: Request, desk: DeskOf, who: Officer, case_id: str, seen: Typed = "") -> Response:
    """Closes the case; what was kept for it, the telephone number too, is deleted."""
    step = partial(desk.counter.close, case_id=case_id, officer=who.name, seen=_number(seen))
    return await _do(request, desk, who, case_id, step, "conversation.closed", "closed", to=_HERE)


@router.post("/{case_id}/reveal")
async def reveal(
    request: Request, desk: DeskOf, who: Revealer, case_id: str, reason: Typed = "", more: Typed = ""
) -> Response:
    """Shows what is masked, this once; who opened it and why stands in the audit log."""
    if reason not in REASONS:
        return await _page(request, desk, case_id, 422, fault="reason")

    def work(connection: Connection) -> Revealed:
        opened = desk.counter.reveal(connection, case_id)
        details = {"reason": reason, "more": clean(more)[:200]}
        audit(connection, who.name, "conversation.revealed", f"case:{case_id}", details)
        return opened

    try:
        opened = await desk.storage.run(work)
    except CaseUnknown:
        raise NotHere from None
    return await _page(request, desk, case_id, opened=opened)


async def _do(
    request: Request,
    desk: Desk,
    who: Member,
    case_id: str,
    step: Callable[[Connection], None],
    what: str,
    done: str,
    *,
    to: str = "",
    draft: str = "",
) -> Response:
    def work(connection: Connection) -> None:
        step(connection)
        audit(connection, who.name, what, f"case:{case_id}")

    try:
        await desk.storage.run(work)
    except CaseUnknown:
        raise NotHere from None
    except UnreadMessage:
        return await _page(request, desk, case_id, 409, fault="unread", draft=draft)
    except CaseMoved as moved:
        return await _page(request, desk, case_id, 409, fault=f"moved_{moved.state}", draft=draft)
    # Where this fails, the answer is written down all the same, and the keeper gives it to the channel.
    with suppress(StorageUnavailable):
        await desk.post()
    return go(to or f"{_HERE}/{case_id}", done)


async def _page(
    request: Request,
    desk: Desk,
    case_id: str,
    status: int = 200,
    *,
    fault: str = "",
    draft: str = "",
    receipt: str = "",
    opened: Revealed | None = None,
) -> Response:
    view = await _view(desk, case_id)
    return show(
        request,
        "conversations/case.html",
        status,
        **_talk(view, await _entries(desk, view.case)),
        opened=opened,
        has_moved=False,
        waits=_minutes(view.case.waiting_since),
        fault=fault,
        draft=draft,
        receipt=receipt,
        token=secrets.token_hex(16),
        longest=_LONGEST,
        reasons=REASONS,
    )


async def _view(desk: Desk, case_id: str) -> CaseView:
    try:
        return await desk.storage.run(partial(desk.counter.view, case_id=case_id))
    except CaseUnknown:
        raise NotHere from None


async def _entries(desk: Desk, case: Case) -> list[Entry]:
    transcript = desk.transcripts.get(case.conversation.channel)
    return await transcript.history(case.conversation.id, _TALK) if transcript else []


def _talk(view: CaseView, entries: list[Entry]) -> dict[str, Any]:
    lines = _lines(entries)
    have = _digest(lines, view.on_the_way, view.is_unreachable, view.newest_message)
    return {"view": view, "lines": lines, "have": have}


def _lines(entries: list[Entry]) -> list[Line]:
    lines = []
    for entry in entries:
        if entry.text:
            lines.append(Line(entry.text, entry.received_at, entry.id))
        lines += [Line(reply.text, entry.received_at) for reply in entry.replies or []]
    return lines


async def _lists(desk: Desk) -> dict[str, Any]:
    def read(connection: Connection) -> tuple[list[Case], list[Case], list[Case]]:
        counter = desk.counter
        return counter.queue(connection), counter.theirs(connection), counter.to_call(connection)

    waiting, taken, to_call = await desk.storage.run(read)
    lists: dict[str, Any] = {
        name: [(case, _minutes(case.waiting_since)) for case in found]
        for name, found in (("waiting", waiting), ("taken", taken), ("to_call", to_call))
    }
    return {**lists, "have": _digest(lists)}


def _nothing_new() -> Response:
    # htmx leaves the page as it is.
    return Response(status_code=204)


def _digest(*shown: object) -> str:
    """Stands for what a page shows, so that it is not drawn anew while nothing has changed."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _suggested(connection: Connection, receipt: str, said: str) -> Reply | None:
    """The bot's answer under a receipt, when the officer sends it as it was suggested."""
    for found in find_receipts(connection, receipt) if receipt else []:
        if found.reply and found.reply.text.split() == said.split():
            return found.reply.model_copy(update={"receipt": found.code})
    return None


def _minutes(since: datetime) -> int:
    return max(0, int((now() - since).total_seconds() // 60))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


PAGE = Page(router, (Tile(_HERE, Permission.CONVERSATIONS_ANSWER, "conversations"),))
