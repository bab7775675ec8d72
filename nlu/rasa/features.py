"""What the intent classifier sees of a message: named views over its syllables, letters and words.

People write with accents or without, so one view reads the folded text, which both ways of typing share,
and another the accented text, which tells "thẻ" from "thế". Dossier codes and figures are replaced by
a sign, so that a code or an amount never weighs as a word. What the message asks for in known phrases is a view
as well: "phí bảo vệ môi trường" holds a word of the fee and asks for nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from nlu.asking import aspects_of
from nlu.rasa.grammar import dossier_codes
from nlu.text import clean, expand, fold

CODE_SIGN = "mãhồsơ"
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
# Words, and pictures ("👍"): many a message is nothing else.
_PIECE = re.compile(r"[^\W_]+|[☀-➿⬀-⯿\U0001F300-\U0001FAFF]|\?+")
_START, _END = "^", "$"
_NOTHING = "nothing"
_LONGEST_WORD = 30
# The question comes last, behind whatever story: its words count once more.
_ENDING = 6
_SIZES = (0, 1, 2, 3, 5, 8, 12, 20)

View = Counter[str]


def pieces(text: str) -> list[str]:
    """Splits a message into lower-case words, abbreviations written out, figures and codes as signs."""
    text = clean(text)
    for code in reversed(dossier_codes(text)):
        text = f"{text[: code.start]} {CODE_SIGN} {text[code.end :]}"
    text = _FIGURE.sub("0", expand(text.lower()))
    return [piece[:_LONGEST_WORD] for piece in _PIECE.findall(text)]


def views(text: str, words: list[str]) -> dict[str, View]:
    """Counts the features of a message by view.

    Args:
        text: the message as it came.
        words: the tokenizer's words of it ("giấy tờ" is one).

    Returns:
        For each view a count of its features; an empty message has empty views.
    """
    accented = pieces(text)
    folded = [fold(piece) for piece in accented]
    return {
        "folded": Counter(_runs(folded, 3)),
        "accented": Counter(_runs(accented, 2)),
        "letters": Counter(_letters(folded)),
        "spelling": Counter(_letters(accented)),
        "words": Counter(word.lower() for word in words),
        "ending": Counter(_runs(folded[-_ENDING:], 3)),
        "length": Counter([_size(len(folded))]),
        "asked": Counter(aspects_of(text) or [_NOTHING]),
    }


def _size(count: int) -> str:
    """Names how long a message is: yes, no and thanks are short, stories are long."""
    return next((str(limit) for limit in _SIZES if count <= limit), "more")


def _runs(items: list[str], longest: int) -> Iterator[str]:
    """Yields every run of 1 to `longest` neighbours; the ends count as neighbours, not by themselves."""
    if not items:
        return
    yield from items
    framed = [_START, *items, _END]
    for size in range(2, longest + 1):
        for start in range(len(framed) - size + 1):
            yield " ".join(framed[start : start + size])


def _letters(items: list[str]) -> Iterator[str]:
    for item in items:
        framed = f" {item} "
        for size in (2, 3, 4):
            for start in range(len(framed) - size + 1):
                yield framed[start : start + size]
