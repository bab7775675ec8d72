"""Tables of cases, ratings and reports."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base


class Handover(Base):
    """One case. `state` is waiting, taken, handed_back or closed; `ended_at` is set with the last two.

    `contact` is how far the person is asked for a telephone number: "", asked, given or declined.
    """

    __tablename__ = "handover"
    __table_args__ = (
        # The database itself sees to it that a conversation has one open case at most.
        Index(
            "uq_handover_open",
            "channel",
            "conversation",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_handover_state_waiting_since", "state", "waiting_since"),
        Index("ix_handover_channel_person", "channel", "person"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    person: Mapped[str] = mapped_column(String(128))
    conversation: Mapped[str] = mapped_column(String(128))
    reason: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    waiting_since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the person was told that nobody has taken it yet."""
    officer: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answer_due: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Until when the officer must have written; null when it is the person's turn."""
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    contact: Mapped[str] = mapped_column(String(8))
    contact_sealed: Mapped[str] = mapped_column(Text)
    contact_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class HandoverMessage(Base):
    """What a person wrote to the officer, sealed, for as long as the case is open; the history has it masked."""

    __tablename__ = "handover_message"

    number: Mapped[int] = mapped_column(primary_key=True)
    handover: Mapped[str] = mapped_column(ForeignKey("handover.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(String(32), unique=True)
    sealed: Mapped[str] = mapped_column(Text)
    heard_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class HandoverNote(Base):
    """What an officer noted for the colleagues, sealed."""

    __tablename__ = "handover_note"

    number: Mapped[int] = mapped_column(primary_key=True)
    handover: Mapped[str] = mapped_column(ForeignKey("handover.id", ondelete="CASCADE"), index=True)
    officer: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class HandoverNotice(Base):
    """What is on its way to the person of a case: an officer's answer, or what became of the case.

    `reply` is emptied once the channel has it; `outcome` is a `motcua.notice.Outcome`, "" until then.
    """

    __tablename__ = "handover_notice"

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    handover: Mapped[str] = mapped_column(ForeignKey("handover.id", ondelete="CASCADE"), index=True)
    reply: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    tries: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str] = mapped_column(String(16))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), index=True)


class HandoverHours(Base):
    """A span of a weekday (0 is Monday) in which officers answer, from `opens` up to `closes` ("07:30"), in Vietnam."""

    __tablename__ = "handover_hours"

    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens: Mapped[str] = mapped_column(String(5), primary_key=True)
    closes: Mapped[str] = mapped_column(String(5))


class MessageRating(Base):
    """Whether a person found the answer to a message useful; `reason` is "", wrong, unclear, missing or other."""

    __tablename__ = "message_rating"

    message_id: Mapped[str] = mapped_column(ForeignKey("chat_message.id", ondelete="CASCADE"), primary_key=True)
    useful: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(8))
    rated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class AnswerReport(Base):
    """An answer that somebody says is wrong. The question is read from the message, for as long as that is kept.

    `source` is rating or said; `receipt` is empty where the answer had none.
    """

    __tablename__ = "answer_report"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("chat_message.id", ondelete="SET NULL"), unique=True)
    source: Mapped[str] = mapped_column(String(8))
    receipt: Mapped[str] = mapped_column(String(20))
    procedure: Mapped[str] = mapped_column(String(40))
    aspect: Mapped[str] = mapped_column(String(20))
    reported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), index=True)
    done_by: Mapped[str] = mapped_column(String(64))
