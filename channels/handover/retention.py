"""How long conversations and cases are kept, and what goes when one is erased."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from channels.handover.cases import forget
from channels.handover.tables import AnswerReport, Handover
from channels.tables import ChatMessage, ChatSession


@dataclass(frozen=True, slots=True)
class Swept:
    """What was deleted: cases, reports, and web sessions marked to be deleted with their messages."""

    cases: int
    reports: int
    sessions: int

    def as_json(self) -> dict[str, int]:
        """Gives it for programs."""
        return asdict(self)


def delete_messages(connection: Connection, channel: str) -> None:
    """Deletes the messages, cases and ratings of the web sessions that are marked as erased.

    A report keeps the receipt of the answer, which has nothing of the person; one without a receipt goes.

    Args:
        connection: the caller's transaction.
        channel: the web's name among the channels.
    """
    erased = select(ChatSession.id).where(ChatSession.erased_at.is_not(None))
    forget(connection, channel, erased)
    theirs = select(ChatMessage.id).where(ChatMessage.session_id.in_(erased))
    bare = AnswerReport.message_id.in_(theirs) & (AnswerReport.receipt == "")
    connection.execute(delete(AnswerReport).where(bare))
    connection.execute(delete(ChatMessage).where(ChatMessage.session_id.in_(erased)))


def sweep(connection: Connection, now: datetime, case_days: int, chat_days: int) -> Swept:
    """Deletes what is older than it may be.

    Cases go so many days after they ended, open ones so many days after they began to wait; reports so many days after
    somebody dealt with them. Web sessions are closed for good so many days after they expired; their messages and
    what the bot keeps of them go with the gateway's next look (`Sessions.finish_erasures`).

    Args:
        connection: the caller's transaction.
        now: the time.
        case_days: days for cases and reports.
        chat_days: days for web sessions.
    """
    before = now - timedelta(days=case_days)
    old = (Handover.ended_at < before) | (Handover.ended_at.is_(None) & (Handover.waiting_since < before))
    cases = connection.execute(delete(Handover).where(old)).rowcount
    reports = connection.execute(delete(AnswerReport).where(AnswerReport.done_at < before)).rowcount
    expired = update(ChatSession).where(
        ChatSession.expires_at < now - timedelta(days=chat_days), ChatSession.erased_at.is_(None)
    )
    sessions = connection.execute(expired.values(erased_at=now)).rowcount
    return Swept(cases, reports, sessions)
