"""The chat API, version 1: sessions, messages, history and events. Described in `docs/web-chat-api.md`."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any, Self, TypeVar

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse

from channels.desk import Desk
from channels.errors import BodyTooLarge, NotJson, SessionUnknown, StorageUnavailable, TooMany
from channels.events import Event
from channels.inbound import Inbound, read_payload, read_text
from channels.inbox import Entry
from channels.sessions import Session
from channels.web.origins import origin_of
from channels.web.problems import Problem, faults
from motcua.reply import Reply

PREFIX = "/api/v1"
_BODY_BYTES = 64 * 1024
_PAGE = 50
_CROWDED_S = 30

_Body = TypeVar("_Body", bound="_Contract")


class _Contract(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SessionOut(_Contract):
    """A session just opened."""

    session_id: str
    token: str = Field(description="goes into `Authorization: Bearer …`; shown this once")
    expires_at: datetime


class MessageIn(_Contract):
    """What a person wrote, or the choice that was tapped."""

    client_message_id: str = Field(
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="made by the client, new for each message; sending it again gives the same answer",
    )
    text: str | None = Field(None, description="as the person wrote it")
    payload: str | None = Field(None, max_length=200, description="payload of a tapped choice")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.text is None) == (self.payload is None):
            raise PydanticCustomError("either", "text or payload")
        return self

    def read(self, length: int) -> Inbound:
        """Reads the message.

        Raises:
            PayloadUnknown: the payload is none that an answer offers.
        """
        if self.payload is not None:
            return read_payload(self.payload)
        return read_text(self.text or "", length)


class MessageOut(_Contract):
    """The answer."""

    message_id: str
    replies: list[Reply]


class EntryOut(_Contract):
    """One message of the history; personal numbers are masked. No replies: not answered. No text: a notice of ours."""

    message_id: str
    client_message_id: str
    text: str
    received_at: datetime
    replies: list[Reply]

    @classmethod
    def of(cls, entry: Entry) -> EntryOut:
        """Makes the outside form of an entry of the inbox."""
        return cls(
            message_id=entry.id,
            client_message_id=entry.client_message_id,
            text=entry.text,
            received_at=entry.received_at,
            replies=entry.replies or [],
        )


class HistoryOut(_Contract):
    """Messages, oldest first."""

    messages: list[EntryOut]


def _body_of(model: type[BaseModel]) -> dict[str, Any]:
    # Bodies are read by `_read` and not by FastAPI, so the description is given by hand.
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": "problem", "content": content} for status in (*statuses, 429, 500, 503)}


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def _session(request: Request, desk: Annotated[Desk, Depends(_desk)]) -> Session:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise SessionUnknown
    return await desk.sessions.find(token.strip(), _origin(request, desk))


def _origin(request: Request, desk: Desk) -> str:
    return origin_of(request, desk.settings.allowed_origins, desk.settings.public_url)


async def read_bytes(request: Request) -> bytes:
    """Reads a body of bearable size.

    Raises:
        BodyTooLarge: it is larger.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > _BODY_BYTES:
        raise BodyTooLarge
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _BODY_BYTES:
            raise BodyTooLarge
    return bytes(body)


async def _read(request: Request, model: type[_Body]) -> _Body:
    """Reads a JSON body, refusing what is too large or too deep before it takes any work.

    Raises:
        BodyTooLarge, NotJson, Malformed: what the names say.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise NotJson
    try:
        return model.model_validate_json(await read_bytes(request))
    except ValidationError as error:
        raise faults(error) from None


def _sent(event: Event) -> ServerSentEvent:
    return ServerSentEvent(event.data, event=event.name, id=event.id or None)


DeskOf = Annotated[Desk, Depends(_desk)]
SessionOf = Annotated[Session, Depends(_session)]
router = APIRouter(prefix=PREFIX, tags=["chat"])


@router.post("/chat/sessions", status_code=201, responses=_problems(413))
async def open_session(request: Request, desk: DeskOf) -> SessionOut:
    """Opens a conversation, for the site that asks for it. Takes no body."""
    origin = _origin(request, desk)
    await read_bytes(request)
    session = await desk.sessions.open(origin)
    return SessionOut(session_id=session.id, token=session.token, expires_at=session.expires_at)


@router.delete("/chat/sessions/current", status_code=204, responses=_problems(401))
async def erase_session(session: SessionOf, desk: DeskOf) -> None:
    """Erases the conversation: its messages, its answers and the session itself."""
    await desk.sessions.erase(session.id)
    await desk.hub.publish(session.id, Event("erased", "{}"))


@router.post("/chat/messages", responses=_problems(401, 413, 415, 422), openapi_extra=_body_of(MessageIn))
async def send_message(request: Request, session: SessionOf, desk: DeskOf) -> MessageOut:
    """Answers a message. Idempotent on `client_message_id`; after 503 the same message may be sent again."""
    await desk.rates.session.count(session.id)
    message = await _read(request, MessageIn)
    answered = await desk.inbox.receive(
        session.id,
        message.client_message_id,
        message.read(desk.settings.message_length),
        account_of(request, desk.settings.internal_token.get_secret_value()),
    )
    return MessageOut(message_id=answered.message_id, replies=answered.replies)


def account_of(request: Request, secret: str) -> str:
    """What stands for the address behind a request: the same for the same address, and never the address itself."""
    caller = str(getattr(request.state, "caller", ""))
    return hmac.new(secret.encode(), caller.encode(), hashlib.sha256).hexdigest()[:32] if caller else ""


@router.get("/chat/messages", responses=_problems(401, 404, 422))
async def history(
    session: SessionOf,
    desk: DeskOf,
    limit: Annotated[int, Query(ge=1, le=200)] = _PAGE,
    before: Annotated[str, Query(max_length=64)] = "",
) -> HistoryOut:
    """Gives the newest messages of the conversation, or those before a message."""
    entries = await desk.inbox.history(session.id, limit, before)
    return HistoryOut(messages=[EntryOut.of(entry) for entry in entries])


@router.get(
    "/chat/events",
    response_class=EventSourceResponse,
    responses=_problems(401)
    | {200: {"description": "events `replies` and `erased`", "content": {"text/event-stream": {}}}},
)
async def events(
    session: SessionOf, desk: DeskOf, last_event_id: Annotated[str, Header(max_length=64)] = ""
) -> EventSourceResponse:
    """Streams replies that come later, as server-sent events, until the session ends.

    What came while nobody listened is given first; with `Last-Event-ID`, everything after that message.
    """
    if desk.hub.is_crowded(session.id):
        raise TooMany(_CROWDED_S)

    async def stream() -> AsyncIterator[ServerSentEvent]:
        async with desk.hub.listen(session.id) as listener:
            # Tells the client that nothing is missed from here on.
            yield ServerSentEvent(comment="listening")
            given: set[str] = set()
            try:
                kept = await desk.postbox.kept_for(session.id, last_event_id)
            except StorageUnavailable:
                return  # the client opens the stream again
            for event in kept:
                given.add(event.id)
                yield _sent(event)
                await desk.postbox.delivered(event.id)
            async for event in listener.until(session.expires_at - datetime.now(UTC)):
                if event.id in given:
                    continue
                yield _sent(event)
                if event.id:
                    given.add(event.id)
                    await desk.postbox.delivered(event.id)

    return EventSourceResponse(stream(), ping=desk.settings.event_heartbeat, headers={"Cache-Control": "no-store"})
