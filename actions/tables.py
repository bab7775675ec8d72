"""Table of receipts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base


class ReceiptRow(Base):
    """One answer as it was given, under its code. Nothing of the person is in it: equal answers have one receipt."""

    __tablename__ = "receipt"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    catalogue_version: Mapped[int]
    procedure: Mapped[str] = mapped_column(String(40))
    aspect: Mapped[str] = mapped_column(String(20))
    shown: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
