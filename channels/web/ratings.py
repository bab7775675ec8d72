"""`POST /api/v1/chat/ratings`: whether an answer was useful. Described in `docs/web-chat-api.md`."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import Field

from channels.handover.ratings import rate
from channels.storage import now
from channels.web.api import PREFIX, DeskOf, SessionOf, _body_of, _Contract, _problems, _read

router = APIRouter(prefix=PREFIX, tags=["chat"])


class RatingIn(_Contract):
    """One tap on an answer."""

    message_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="of the message that was answered")
    useful: bool
    reason: Literal["wrong", "unclear", "missing", "other"] | None = Field(
        None, description='why it was not; "wrong" brings the answer before the staff'
    )


@router.post(
    "/chat/ratings",
    status_code=204,
    responses=_problems(401, 404, 413, 415, 422),
    openapi_extra=_body_of(RatingIn),
)
async def rate_answer(request: Request, session: SessionOf, desk: DeskOf) -> None:
    """Keeps what a person thinks of an answer; sent again, the last one counts."""
    rating = await _read(request, RatingIn)
    await desk.storage.run(
        lambda connection: rate(connection, session.id, rating.message_id, rating.useful, rating.reason, now())
    )
