"""Tables of the Official Account: its tokens, and consents that are under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base


class ZaloToken(Base):
    """The pair of tokens of one account; both are sealed, and so is the pair before them.

    `version` grows with every pair. Whoever renews holds `lease` until `lease_until`; `refused_at` is set when Zalo
    no longer renews, and `refused_code` with what it said.
    """

    __tablename__ = "zalo_token"

    account: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int]
    access_sealed: Mapped[str] = mapped_column(Text)
    refresh_sealed: Mapped[str] = mapped_column(Text)
    previous_sealed: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lease: Mapped[str] = mapped_column(String(32))
    lease_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    refused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    refused_code: Mapped[int | None]


class ZaloConsent(Base):
    """A consent that somebody has begun to give; the nonce that comes back with it is kept as a digest only."""

    __tablename__ = "zalo_consent"

    state_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    begun_by: Mapped[str] = mapped_column(String(64))
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
