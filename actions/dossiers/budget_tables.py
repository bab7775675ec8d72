"""Tables of wrong tries, of alerts about them, and of what people are asking about at the moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base


class DossierTry(Base):
    """One try as one scope counts it: `who` is a keyed hash of the person, account or code; `attempt` joins them."""

    __tablename__ = "dossier_try"
    __table_args__ = (Index("ix_dossier_try_scope_who_at", "scope", "who", "at"),)

    attempt: Mapped[str] = mapped_column(String(32), primary_key=True)
    scope: Mapped[str] = mapped_column(String(8), primary_key=True)
    who: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class DossierAlert(Base):
    """What staff should look at: somebody, or something, was tried wrongly too often."""

    __tablename__ = "dossier_alert"
    __table_args__ = (Index("ix_dossier_alert_scope_who_at", "scope", "who", "at"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(8))
    who: Mapped[str] = mapped_column(String(32))
    tries: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DossierSought(Base):
    """What a person asks about at the moment, for minutes: the person as a keyed hash, the codes as JSON."""

    __tablename__ = "dossier_sought"

    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    sought: Mapped[str] = mapped_column(Text)
    kept_until: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
