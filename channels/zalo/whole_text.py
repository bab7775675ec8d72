"""A reply as one text for a channel without cards: choices by number, where it comes from, its receipt."""

from __future__ import annotations

import re

from channels.zalo.words import zalo_words
from motcua.reply import Reply

_NUMBERED = re.compile(r"^[ \t]*(\d{1,2})\.[ \t]+(.*)$", re.MULTILINE)


def whole_text(reply: Reply, *, buttons: bool) -> str:
    """Gives the text of a reply with what stands beside it.

    What the text says already is not said twice: choices that it lists by number keep their line, and a source or
    receipt that it names is not named again.

    Args:
        reply: whose `text` holds every fact.
        buttons: whether the choices are also offered as buttons.
    """
    words = zalo_words()
    blocks = [reply.text.strip()]
    told = listed(reply)
    if len(told) < len(reply.choices):
        lines = [
            words.line.format(number=number, title=choice.title)
            for number, choice in enumerate(reply.choices, 1)
            if number not in told
        ]
        how = words.choose.buttons if buttons else words.choose.numbers
        blocks.append("\n".join([how, *lines]))
    if origin := _origin(reply):
        blocks.append("\n".join(origin))
    return "\n\n".join(blocks)


def listed(reply: Reply) -> frozenset[int]:
    """Gives the numbers of the choices that the text itself lists: a line of that number that begins with the title."""
    lines = {int(found[1]): found[2].casefold() for found in _NUMBERED.finditer(reply.text)}
    return frozenset(
        number
        for number, choice in enumerate(reply.choices, 1)
        if lines.get(number, "").startswith(choice.title.rstrip("… ").casefold())
    )


def _origin(reply: Reply) -> list[str]:
    words, text = zalo_words(), reply.text
    lines = []
    if reply.source and reply.source.url and reply.source.url not in text:
        lines.append(words.source.format(url=reply.source.url))
        if reply.source.data_date:
            lines.append(words.data_date.format(date=_day(reply.source.data_date)))
    missing = [paper for paper in reply.source.legal_basis if paper not in text] if reply.source else []
    if missing and reply.aspect == "legal":
        lines.append(words.legal_basis.format(papers=", ".join(missing)))
    if reply.receipt and reply.receipt not in text:
        lines.append(words.receipt.format(receipt=reply.receipt))
    return lines


def _day(date: str) -> str:
    """ "2026-07-18" → "18/07/2026"; anything else as it is."""
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", date)
    return f"{found[3]}/{found[2]}/{found[1]}" if found else date
