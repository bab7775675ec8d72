"""The answer under a receipt and today's facts → a sheet."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from urllib.parse import urlsplit

from channels.sheet.facts import ProcedureFacts
from channels.sheet.model import Block, Line, Mark, Part, Sheet, Slot
from channels.sheet.receipts import Kept
from channels.sheet.remarks import remarks_of
from channels.sheet.words import SheetWords
from motcua.reply import Item, Reply, Section, Source
from nlu.text import fold

_SLOTS: tuple[Slot, ...] = ("documents", "where", "fee", "duration", "steps")
_VIETNAM = timezone(timedelta(hours=7))


def arrange(
    kept: Kept, facts: ProcedureFacts | None, *, address: str, words: SheetWords, link_domains: Iterable[str]
) -> Sheet:
    """Makes a sheet.

    The answer itself stands as it was told; the parts that it does not hold come from today's facts.

    Args:
        kept: the answer and its receipt.
        facts: the parts of the procedure, or None when they could not be had.
        address: absolute address of the sheet.
        words: its wording.
        link_domains: domains that a link may lead to, subdomains included.
    """
    told = kept.reply
    replies: dict[str, Reply] = {reply.aspect: reply for reply in facts.replies} if facts else {}
    if told.aspect in _SLOTS:
        replies[told.aspect] = told
    name = printable(facts.name) if facts else ""
    lead, lines = remarks_of(told)
    seen: set[str] = set()
    intro: tuple[str, ...] = ()
    parts: list[Part] = []
    if told.aspect not in _SLOTS:
        # A summary is said again, and better, by the parts; what it says beyond them leads the sheet.
        intro = _unseen(lines, seen)
        if told.sections and not (told.aspect == "overview" and replies):
            parts.append(_part("other", told.sections, (), words))
    for slot in _SLOTS:
        if reply := replies.get(slot):
            remarks = _unseen(lines if reply is told else remarks_of(reply)[1], seen)
            parts.append(_part(slot, reply.sections, remarks, words))
    source = told.source or Source()
    return Sheet(
        receipt=kept.receipt,
        address=address,
        name=name or printable(lead).partition(": ")[0] or words.title_without_name,
        intro=intro,
        told_on=_day(kept.made_at.astimezone(_VIETNAM).date()),
        parts=tuple(parts),
        newer=_newer(source, facts, words),
        alone=not replies or set(replies) == {told.aspect},
        source_url=printable(source.url),
        source_linked=may_link(source.url, link_domains),
        data_date=_day_of(source.data_date),
        legal_basis=tuple(map(printable, source.legal_basis)),
    )


def printable(text: str) -> str:
    """Gives a text as it may be printed: composed letters, one line, no control or invisible characters."""
    composed = unicodedata.normalize("NFC", text)
    kept = (c if unicodedata.category(c)[0] not in "CZ" else " " if c.isspace() else "" for c in composed)
    return " ".join("".join(kept).split())


def may_link(address: str, domains: Iterable[str]) -> bool:
    """Whether an address is http(s) and leads to one of the domains."""
    try:
        url = urlsplit(address)
        host = (url.hostname or "").lower()
    except ValueError:
        return False
    if url.scheme not in ("http", "https") or url.username or printable(address) != address:
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _part(slot: Slot, sections: Iterable[Section], remarks: tuple[str, ...], words: SheetWords) -> Part:
    title = words.parts[slot]
    blocks: list[Block] = []
    cases: list[Block] = []
    for one in sections:
        ordinary, particular = _block(slot, one, title, words)
        blocks += [ordinary] if ordinary.lines else []
        cases += [particular] if particular.lines else []
    return Part(slot, title, (*blocks, *cases), remarks)


def _block(slot: Slot, one: Section, part_title: str, words: SheetWords) -> tuple[Block, Block]:
    """What everybody needs of a section, and what only some do."""
    title = printable(one.title)
    folded = fold(title)
    bare = folded in words.said_already
    mark: Mark = "number" if slot == "steps" and len(one.items) > 1 else "none"
    if slot == "documents":
        mark = "none" if any(folded.startswith(w) for w in words.nothing_to_bring) else "box"
    if _says(folded, words.by_case):
        particular = Block(
            words.cases if bare else title, tuple(map(_line, one.items)), mark if mark == "box" else "none", True
        )
        return Block(title, ()), particular
    apart = [item for item in one.items if slot == "documents" and _is_by_case(item, words)]
    ordinary = tuple(_line(item) for item in one.items if item not in apart)
    shown = "" if bare or folded == fold(part_title) else title
    return Block(shown, ordinary, mark), Block(words.cases, tuple(map(_line, apart)), mark, True)


def _is_by_case(item: Item, words: SheetWords) -> bool:
    return _says(fold(f"{item.text} {item.note}"), words.by_case)


def _says(folded: str, phrases: Iterable[str]) -> bool:
    return any(phrase in folded for phrase in phrases)


def _line(item: Item) -> Line:
    return Line(printable(item.text), printable(item.note), item.originals, item.copies)


def _unseen(lines: Iterable[str], seen: set[str]) -> tuple[str, ...]:
    fresh = [line for line in map(printable, lines) if line and line not in seen]
    seen.update(fresh)
    return tuple(dict.fromkeys(fresh))


def _newer(told: Source, facts: ProcedureFacts | None, words: SheetWords) -> str:
    dates = [reply.source.data_date for reply in facts.replies if reply.source] if facts else []
    today = max(dates, default="")
    if not told.data_date or today <= told.data_date:
        return ""
    return words.newer.format(today=_day_of(today), told=_day_of(told.data_date))


def _day_of(iso: str) -> str:
    try:
        return _day(datetime.fromisoformat(iso).date())
    except ValueError:
        return printable(iso)


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
