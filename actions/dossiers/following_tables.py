"""Tables of who follows which dossier, and of the notices made for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base


class Follower(Base):
    """One person who asked to be told of one dossier, with the consent: when it was given and in which words.

    `kind` is "change", or "back" where the person waits for the source to answer again; `state` is the state told
    last, or 0 and 1 with "back" (waiting, told). `changes` counts the notices ever made. An ended row keeps the
    consent for a while, and no code that could be read.
    """

    __tablename__ = "dossier_follower"
    __table_args__ = (
        UniqueConstraint("channel", "person", "kind", "code_hash"),
        Index("ix_dossier_follower_code_hash", "code_hash"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    person: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(8))
    code_hash: Mapped[str] = mapped_column(String(32))
    code_sealed: Mapped[str] = mapped_column(String(96))
    state: Mapped[int]
    as_of: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    said: Mapped[str] = mapped_column(Text)
    followed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    looked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    changes: Mapped[int]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DossierNotice(Base):
    """One notice: made once per follower and change, kept until its channel took it; then its text is deleted."""

    __tablename__ = "dossier_notice"
    __table_args__ = (
        UniqueConstraint("follower", "change"),
        Index("ix_dossier_notice_done_at", "done_at"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    follower: Mapped[int] = mapped_column(ForeignKey("dossier_follower.number", ondelete="CASCADE"))
    change: Mapped[int]
    reply: Mapped[str] = mapped_column(Text)
    template: Mapped[str] = mapped_column(String(32))
    fields: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    tries: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str] = mapped_column(String(16))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DossierWatch(Base):
    """How far the watcher has followed the source's changes; one row."""

    __tablename__ = "dossier_watch"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    cursor: Mapped[str] = mapped_column(Text)
