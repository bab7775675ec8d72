"""Pieces that answers are put together from, and how they read as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from actions.wording import say
from knowledge.model import Procedure
from knowledge.model.values import Channel
from motcua.reply import Item, Section, Source


@dataclass(frozen=True)
class Part:
    """What one aspect contributes: sections for cards, and lines of text that follow them.

    numbered: whether the items of a list are told apart by numbers; otherwise each is a line by itself.
    """

    sections: tuple[Section, ...] = ()
    lines: tuple[str, ...] = ()
    numbered: bool = True


def counts(originals: int | None, copies: int | None) -> str:
    """Says how many of each: "1 bản chính, 2 bản sao", or nothing."""
    if originals and copies:
        return say("answer.documents.counts_both", originals=originals, copies=copies)
    if originals:
        return say("answer.documents.counts_originals", originals=originals)
    if copies:
        return say("answer.documents.counts_copies", copies=copies)
    return ""


def money(amount: int) -> str:
    """Writes a sum the Vietnamese way: 50000 → "50.000"."""
    return f"{amount:,}".replace(",", ".")


def number(value: float) -> str:
    """Writes a number without a needless decimal point: 5.0 → "5", 7.5 → "7,5"."""
    return str(int(value)) if value == int(value) else str(value).replace(".", ",")


def channel_name(channel: Channel) -> str:
    """Names a way of filing."""
    return say(f"answer.channel.{channel}")


def day(iso: str) -> str:
    """Writes an ISO date as people do: 2026-07-18 → "18/07/2026"."""
    try:
        return date.fromisoformat(iso).strftime("%d/%m/%Y")
    except ValueError:
        return iso


def source_of(procedure: Procedure) -> Source:
    """Where the figures of a procedure come from."""
    if procedure.curated and procedure.curated.legal_basis:
        laws = tuple(law.number for law in procedure.curated.legal_basis if law.number)
    elif procedure.portal:
        laws = tuple(law.number for law in procedure.portal.legal_basis if law.number)
    else:
        laws = ()
    return Source(
        url=procedure.url, data_date=procedure.data_date, legal_basis=tuple(dict.fromkeys(laws))[:8]
    )


def source_line(procedure: Procedure) -> str:
    """The last line of an answer's text: whose data, of which day, and where to look."""
    if not procedure.data_date:
        return ""
    key = "answer.source" if procedure.portal or not procedure.code.startswith("x.") else "answer.source_own"
    return say(key, date=day(procedure.data_date), url=procedure.url)


def render(lead: str, part: Part, tail: Sequence[str], *, implied: str = "") -> str:
    """Writes the answer as plain text: lead, sections, lines, tail.

    Args:
        lead: the first line.
        part: the answer itself.
        tail: closing lines; empty ones are left out.
        implied: a title that the lead says already; a section alone under it goes without.
    """
    blocks = [lead]
    for one in part.sections:
        told = {counts(item.originals, item.copies) for item in one.items}
        together = told.pop() if len(told) == 1 and len(one.items) > 2 else ""
        title = say("answer.documents.each", title=one.title, counts=together) if together else one.title
        rows = [] if len(part.sections) == 1 and title in ("", implied) else [f"{title}:"]
        for n, item in enumerate(one.items, 1):
            counted = "" if together else counts(item.originals, item.copies)
            mark = f"{n}. " if part.numbered and len(one.items) > 1 else ""
            rows.append(f"{mark}{item.text}" + (f" ({counted})" if counted else ""))
            if item.note:
                rows.append(f"   {item.note}" if mark else item.note)
        blocks.append("\n".join(rows))
    blocks.append("\n".join(part.lines))
    blocks.extend(tail)
    return "\n\n".join(block for block in blocks if block)


def section(title: str, items: Sequence[Item | str]) -> Section:
    """Makes a section; plain strings become items."""
    return Section(
        title=title, items=tuple(item if isinstance(item, Item) else Item(text=item) for item in items)
    )


def budgeted(items: Sequence[Item], most: int, characters: int) -> list[Item]:
    """Gives the first items that fit into a number of lines and characters; always one if there is one."""
    kept: list[Item] = []
    for item in items[:most]:
        characters -= len(item.text) + len(item.note)
        if kept and characters < 0:
            break
        kept.append(item)
    return kept
