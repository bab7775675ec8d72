"""Answers that somebody says are wrong, for the staff."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, select, update

from channels.handover.tables import AnswerReport
from channels.rows import insert_unless_there
from channels.storage import in_utc
from channels.tables import ChatMessage
from motcua.reply import Reply

_REPLIES = TypeAdapter(list[Reply])
_LOOK_BACK = 10
# Kinds of reply that state something; one with a receipt does too, whatever its kind.
_STATING = frozenset({"answer", "status_result", "office_info"})


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    Attributes:
        question: masked; empty once the conversation is deleted.
        answer: what was answered, or None once the conversation is deleted.
    """

    id: str
    source: str
    receipt: str
    procedure: str
    aspect: str
    reported_at: datetime
    done_at: datetime | None
    done_by: str
    question: str
    answer: Reply | None


def report(
    connection: Connection, message_id: str, replies: list[Reply], source: Literal["rating", "said"], now: datetime
) -> bool:
    """Enters a report about the answer to a message, once for each; says whether there was anything to report."""
    told = _stated(replies)
    if told is None:
        return False
    values = {
        "id": secrets.token_hex(16),
        "message_id": message_id,
        "source": source,
        "receipt": told.receipt,
        "procedure": told.procedure,
        "aspect": told.aspect,
        "reported_at": now,
        "done_by": "",
    }
    insert_unless_there(connection, AnswerReport, values)
    return True


def report_last_answer(connection: Connection, session_id: str, before: str, now: datetime) -> bool:
    """Enters a report about the last answer of a conversation before a message; says whether there was one."""
    this = select(ChatMessage.number).where(ChatMessage.id == before).scalar_subquery()
    earlier = (
        select(ChatMessage.id, ChatMessage.replies)
        .where(ChatMessage.session_id == session_id, ChatMessage.number < this, ChatMessage.replies.is_not(None))
        .order_by(ChatMessage.number.desc())
        .limit(_LOOK_BACK)
    )
    return any(
        report(connection, row.id, _REPLIES.validate_json(row.replies or "[]"), "said", now)
        for row in connection.execute(earlier).all()
    )


def withdraw(connection: Connection, message_id: str) -> None:
    """Takes back a report that came with a rating, unless somebody has dealt with it."""
    theirs = delete(AnswerReport).where(
        AnswerReport.message_id == message_id, AnswerReport.source == "rating", AnswerReport.done_at.is_(None)
    )
    connection.execute(theirs)


def reports(connection: Connection, *, done: bool, limit: int = 100) -> list[Report]:
    """Lists reports: those that wait, oldest first, or those dealt with, newest first."""
    order = AnswerReport.done_at.desc() if done else AnswerReport.reported_at
    asked = (
        select(AnswerReport, ChatMessage.text, ChatMessage.replies)
        .join(ChatMessage, ChatMessage.id == AnswerReport.message_id, isouter=True)
        .where(AnswerReport.done_at.is_not(None) if done else AnswerReport.done_at.is_(None))
        .order_by(order)
        .limit(limit)
    )
    return [_report(row) for row in connection.execute(asked)]


def waiting_reports(connection: Connection) -> int:
    """Counts the reports that nobody has dealt with."""
    return connection.scalar(select(func.count()).where(AnswerReport.done_at.is_(None))) or 0


def mark_done(connection: Connection, report_id: str, officer: str, now: datetime) -> bool:
    """Marks a report as dealt with; False when it was, or is not there."""
    waiting = update(AnswerReport).where(AnswerReport.id == report_id, AnswerReport.done_at.is_(None))
    return connection.execute(waiting.values(done_at=now, done_by=officer)).rowcount > 0


def _stated(replies: list[Reply]) -> Reply | None:
    for reply in replies:
        if reply.receipt or reply.kind in _STATING:
            return reply
    return None


def _report(row: Any) -> Report:
    return Report(
        id=row.id,
        source=row.source,
        receipt=row.receipt,
        procedure=row.procedure,
        aspect=row.aspect,
        reported_at=in_utc(row.reported_at),
        done_at=in_utc(row.done_at) if row.done_at else None,
        done_by=row.done_by,
        question=row.text or "",
        answer=_stated(_REPLIES.validate_json(row.replies)) if row.replies else None,
    )
