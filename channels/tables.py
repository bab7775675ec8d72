"""Tables of web conversations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base


class ChatSession(Base):
    """One visitor's conversation. Its token is kept as a digest only; nobody is named."""

    __tablename__ = "chat_session"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ChatMessage(Base):
    """One message, written before the bot is asked, and what was answered.

    `text` is masked, and empty for a notice; `replies` is a JSON list of Reply, or null while there is no answer yet.
    """

    __tablename__ = "chat_message"
    __table_args__ = (UniqueConstraint("session_id", "client_message_id"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("chat_session.id"))
    client_message_id: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    replies: Mapped[str | None] = mapped_column(Text)


class ChatNotice(Base):
    """A message of ours that nobody asked for, for as long as it may have to be shown to an open page.

    The message itself is a `ChatMessage` without text. `delivered_at` is when a stream took it.
    """

    __tablename__ = "chat_notice"

    message_id: Mapped[str] = mapped_column(ForeignKey("chat_message.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(32), index=True)
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
