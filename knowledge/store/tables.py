"""Tables of the catalogue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base


class CatalogueVersion(Base):
    """One change of the catalogue as a whole: an import, a publication."""

    __tablename__ = "catalogue_version"

    number: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(String(200))
    changed: Mapped[int]


class PartVersion(Base):
    """One version of one part (portal record, curated record, words) of one procedure.

    In force from catalogue version `since` up to, but not including, `until`; without `until` it still is.
    """

    __tablename__ = "part_version"
    __table_args__ = (
        Index("ix_part_version_code_part", "code", "part"),
        # The database itself sees to it that one version at most of a part is in force.
        Index(
            "uq_part_version_in_force",
            "code",
            "part",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    part: Mapped[str] = mapped_column(String(12))
    origin: Mapped[str] = mapped_column(String(12))
    digest: Mapped[str] = mapped_column(String(64))
    payload: Mapped[str] = mapped_column(Text)
    since: Mapped[int] = mapped_column(ForeignKey("catalogue_version.number"))
    until: Mapped[int | None] = mapped_column(ForeignKey("catalogue_version.number"))
