"""What was told under a receipt, from which catalogue version, and whether the record has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, DateTime, Integer, String, Text, column, select, table

from channels.sheet.receipts import read_codes
from channels.storage import in_utc
from knowledge.store.tables import CatalogueVersion, PartVersion
from motcua.reply import Reply

# The actions server writes the table; the gateway only reads it.
_RECEIPT = table(
    "receipt",
    column("code", String),
    column("catalogue_version", Integer),
    column("procedure", String),
    column("aspect", String),
    column("shown", Text),
    column("made_at", DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A part of the record that is another one now.

    Attributes:
        part: portal, curated or words.
        version: of the catalogue, with which it changed.
        at: when that was.
        is_withdrawn: whether the part is not there any more.
    """

    part: str
    version: int
    at: datetime | None
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """One answer as it was told.

    Attributes:
        code: its receipt.
        first_told_at: when somebody was told so for the first time; equal answers have one receipt.
        catalogue_version: the catalogue that it was made from.
        version_at: when that version was made, if it is known.
        version_reason: what made it.
        procedure: code of the procedure, or empty.
        aspect: what was asked of it, or empty.
        shown: the answer's JSON as it was stored.
        reply: the answer, or None where it was stored in a shape that is no longer read.
        changes: what of the procedure's record has changed since, oldest first.
    """

    code: str
    first_told_at: datetime
    catalogue_version: int
    version_at: datetime | None
    version_reason: str
    procedure: str
    aspect: str
    shown: str
    reply: Reply | None
    changes: tuple[Change, ...]


def find_receipts(connection: Connection, typed: str) -> list[Receipt]:
    """Gives the answers whose receipt somebody can have meant: one, or none; more only where letters were misread.

    Capitals, blanks and dashes do not count, and letters that no code holds (0, O, 1, I, L) stand for those that look
    like them.
    """
    codes = read_codes(typed)
    if not codes:
        return []
    rows = connection.execute(select(_RECEIPT).where(_RECEIPT.c.code.in_(codes)).order_by(_RECEIPT.c.code)).all()
    return [_receipt(connection, row) for row in rows]


def _receipt(connection: Connection, row: Any) -> Receipt:
    made = connection.execute(
        select(CatalogueVersion.made_at, CatalogueVersion.reason).where(
            CatalogueVersion.number == row.catalogue_version
        )
    ).one_or_none()
    return Receipt(
        code=row.code,
        first_told_at=in_utc(row.made_at),
        catalogue_version=row.catalogue_version,
        version_at=in_utc(made.made_at) if made else None,
        version_reason=made.reason if made else "",
        procedure=row.procedure,
        aspect=row.aspect,
        shown=row.shown,
        reply=_reply(row.shown),
        changes=_changes(connection, row.procedure, row.catalogue_version) if row.procedure else (),
    )


def _reply(shown: str) -> Reply | None:
    try:
        return Reply.model_validate_json(shown)
    except ValidationError:
        return None


def _changes(connection: Connection, procedure: str, version: int) -> tuple[Change, ...]:
    # What came after that version, and what was in force then and has no successor.
    parts = connection.execute(
        select(PartVersion.part, PartVersion.since, PartVersion.until)
        .where(PartVersion.code == procedure)
        .order_by(PartVersion.since, PartVersion.id)
    ).all()
    since = {(row.part, row.since) for row in parts}
    found = {(row.since, row.part): False for row in parts if row.since > version}
    for row in parts:
        if row.until is not None and row.until > version and (row.part, row.until) not in since:
            found[(row.until, row.part)] = True
    numbers = {number for number, _ in found}
    made = dict(
        connection.execute(
            select(CatalogueVersion.number, CatalogueVersion.made_at).where(CatalogueVersion.number.in_(numbers))
        ).all()
    )
    return tuple(
        Change(part, number, in_utc(made[number]) if number in made else None, is_withdrawn)
        for (number, part), is_withdrawn in sorted(found.items())
    )
