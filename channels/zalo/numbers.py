"""Choices by number: the number a person types, an hour later too, to the choice that was offered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from motcua.reply import Choice

# "2", "2.", "(2)", "số 2", "chọn 2", "muc so 2", with or without accents; nothing else beside the number.
_TYPED = re.compile(
    r"\W*(?:ch[oọ]n\s+)?(?:m[uụ]c\s+|c[aâ]u\s+|s[oố]\s+|[oô]\s+)*(?P<number>\d{1,2})\W*(?:nh[eé]|[aạ]|đi|di)?\W*",
    re.IGNORECASE,
)


def chosen(text: str, offered: Sequence[Choice]) -> Choice | None:
    """Gives the choice that a message picks by its number or by its very title; None where it picks none.

    Args:
        text: what the person wrote, in NFC.
        offered: the choices of the last reply that had any, in their order.
    """
    typed = _TYPED.fullmatch(text.strip())
    if typed:
        number = int(typed["number"])
        return offered[number - 1] if 1 <= number <= len(offered) else None
    said = text.strip().casefold()
    return next((choice for choice in offered if choice.title.casefold() == said), None)
