"""Tables of places and offices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Float, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base


class ProvinceRow(Base):
    """A province of today, as the imported list of units names it."""

    __tablename__ = "place_province"

    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class CommuneRow(Base):
    """A commune of today."""

    __tablename__ = "place_commune"

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    province_code: Mapped[str] = mapped_column(ForeignKey("place_province.code"), index=True)


class OfficeRow(Base):
    """A service centre. Its unit is kept by name too, so that it outlives a new list of units."""

    __tablename__ = "place_office"

    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    province_code: Mapped[str] = mapped_column(String(2), index=True)
    province: Mapped[str] = mapped_column(String(80))
    commune_code: Mapped[str] = mapped_column(String(5))
    commune: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(300))
    hours: Mapped[str] = mapped_column(String(300))
    phone: Mapped[str] = mapped_column(String(80))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)


class PlaceImport(Base):
    """One import of units or of offices; the newest number tells every process when to read anew."""

    __tablename__ = "place_import"

    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    rows: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
