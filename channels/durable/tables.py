"""Tables of the durable inbox and outbox.

`conversation` is everywhere the keyed hash of channel, account and the channel's id of the conversation; that id and
the bodies are in `sealed`, which is emptied when nothing more is to be done. What has `done_at` is finished.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base


class DurableEvent(Base):
    """What a channel pushed to us. `state` is waiting, done or dead; `sent_at` is the channel's, in milliseconds."""

    __tablename__ = "durable_event"
    __table_args__ = (
        Index("ix_durable_event_conversation_state_sent_at", "conversation", "state", "sent_at"),
        Index("ix_durable_event_state_received_at", "state", "received_at"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64))
    conversation: Mapped[str] = mapped_column(String(32))
    key_mark: Mapped[str] = mapped_column(String(32), unique=True)
    sealed: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    problem: Mapped[str] = mapped_column(String(64))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), index=True)


class DurableMessage(Base):
    """What is to be sent, written before the call and marked after it.

    `state` is waiting, sending, sent, unknown, failed or dead; `cause` is the id of the event or notice that it is
    about; `how` is "", "template" or "unreachable".
    """

    __tablename__ = "durable_message"
    __table_args__ = (Index("ix_durable_message_conversation_done_at", "conversation", "done_at"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64))
    conversation: Mapped[str] = mapped_column(String(32))
    cause: Mapped[str] = mapped_column(String(32), index=True)
    sealed: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int]
    settles: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    tried_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    message_id: Mapped[str] = mapped_column(String(128))
    how: Mapped[str] = mapped_column(String(12))
    problem: Mapped[str] = mapped_column(String(64))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), index=True)


class DurableLane(Base):
    """One direction (`side` "in" or "out") of one conversation: when to look at it next, and who has it in hand.

    While anything waits in a lane that nobody has in hand, `due_at` is set, and not later than the right time: whoever
    takes a lane too early puts it back. `unreachable_at` is since when the channel says that the person is gone.
    """

    __tablename__ = "durable_lane"
    __table_args__ = (Index("ix_durable_lane_side_due_at", "side", "due_at"),)

    conversation: Mapped[str] = mapped_column(String(32), primary_key=True)
    side: Mapped[str] = mapped_column(String(3), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lease: Mapped[str] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    unreachable_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DurableAlert(Base):
    """Something that a person must look at. `subject` is the id of an event or message, or what a channel names."""

    __tablename__ = "durable_alert"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    channel: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str] = mapped_column(String(64))
    raised_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), index=True)
