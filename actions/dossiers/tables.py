"""Tables of dossiers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, DateTime, Index, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base


class DossierRow(Base):
    """One dossier as it was last known. Second keys are here as keyed hashes only.

    `digest` is over everything but `as_of`; `changed` is the number of the write that last altered it, so that a
    poller can follow. `origin` says who wrote it: "import", "live" or "sample".
    """

    __tablename__ = "dossier"
    __table_args__ = (
        Index("ix_dossier_number_phone_key", "number", "phone_key"),
        Index("ix_dossier_number_identity_key", "number", "identity_key"),
        Index("ix_dossier_changed_code", "changed", "code"),
    )

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[str] = mapped_column(String(6))
    phone_key: Mapped[str] = mapped_column(String(32))
    identity_key: Mapped[str] = mapped_column(String(32))
    state: Mapped[int]
    state_text: Mapped[str] = mapped_column(Text)
    procedure_code: Mapped[str] = mapped_column(String(40))
    procedure_name: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    applicant: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    appointment_on: Mapped[date | None] = mapped_column(Date)
    state_changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    in_charge_unit: Mapped[str] = mapped_column(Text)
    in_charge_step: Mapped[str] = mapped_column(Text)
    missing: Mapped[str] = mapped_column(Text)
    amount_due: Mapped[int | None] = mapped_column(BigInteger)
    pay_at: Mapped[str] = mapped_column(Text)
    result_ready_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    collect_at: Mapped[str] = mapped_column(Text)
    as_of: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    digest: Mapped[str] = mapped_column(String(32))
    origin: Mapped[str] = mapped_column(String(8))
    changed: Mapped[int] = mapped_column(BigInteger)


DOSSIERS: Table = Base.metadata.tables[DossierRow.__tablename__]


class DossierImport(Base):
    """One import of a file, or the loading of the samples: how far the table as a whole is known to reach.

    Numbers and `DossierRow.changed` count the same writes and grow in the order in which those are committed.
    """

    __tablename__ = "dossier_import"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(8))
    as_of: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    new: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
