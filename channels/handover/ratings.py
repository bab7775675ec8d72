"""Whether people found answers useful."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from channels.errors import NotFound
from channels.handover.reports import report, withdraw
from channels.handover.tables import MessageRating
from channels.rows import insert_or_replace
from channels.tables import ChatMessage
from motcua.reply import Reply

Reason = Literal["wrong", "unclear", "missing", "other"]

_REPLIES = TypeAdapter(list[Reply])


def rate(
    connection: Connection, session_id: str, message_id: str, useful: bool, reason: Reason | None, now: datetime
) -> None:
    """Keeps a rating; the last one of a message counts. One that says "wrong" is also a report for the staff.

    Args:
        connection: the caller's transaction.
        session_id: who rates.
        message_id: of the message whose answer is rated, or of a notice.
        useful: whether it was.
        reason: why not; not heeded where it was.
        now: the time.

    Raises:
        NotFound: no answered message of this session.
    """
    mine = select(ChatMessage.replies).where(ChatMessage.id == message_id, ChatMessage.session_id == session_id)
    replies = _REPLIES.validate_json(connection.scalar(mine) or "[]")
    if not replies:
        raise NotFound
    why = "" if useful or reason is None else reason
    values = {"message_id": message_id, "useful": useful, "reason": why, "rated_at": now}
    insert_or_replace(connection, MessageRating, "message_id", values)
    if why == "wrong":
        report(connection, message_id, replies, "rating", now)
    else:
        withdraw(connection, message_id)
