"""A sheet, as it is shown and printed: plain text and counts, nothing to interpret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Slot = Literal["documents", "where", "fee", "duration", "steps", "other"]
"""A part of the sheet; `other` is an answer about anything else."""

Mark = Literal["box", "number", "none"]
"""What stands before each line of a block: a box to tick, its number, nothing."""


@dataclass(frozen=True)
class Line:
    """One line of a list; for a document, with how many of it. Counts of None or 0 are not shown."""

    text: str
    note: str = ""
    originals: int | None = None
    copies: int | None = None


@dataclass(frozen=True)
class Block:
    """A list under a title of its own, which may be empty.

    Attributes:
        by_case: whether only some people need what is in it.
    """

    title: str
    lines: tuple[Line, ...]
    mark: Mark = "none"
    by_case: bool = False


@dataclass(frozen=True)
class Part:
    """What one aspect contributes: lists, then sentences."""

    slot: Slot
    title: str
    blocks: tuple[Block, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A whole sheet.

    Attributes:
        receipt: the receipt as it is written, `A7K2-M4QX`.
        address: absolute address of the page, which the QR code leads to.
        name: of the procedure.
        intro: sentences under the name.
        told_on: day of the answer in Vietnam, `22/11/2026`.
        newer: a sentence when the record has changed since the answer, or empty.
        alone: whether only the answer itself could be read.
        source_url: where the figures come from, or empty.
        source_linked: whether that address may be a link.
        data_date: day the figures stand at, `18/07/2026`, or empty.
        legal_basis: numbers of decrees and laws.
    """

    receipt: str
    address: str
    name: str
    intro: tuple[str, ...]
    told_on: str
    parts: tuple[Part, ...]
    newer: str = ""
    alone: bool = False
    source_url: str = ""
    source_linked: bool = False
    data_date: str = ""
    legal_basis: tuple[str, ...] = ()
