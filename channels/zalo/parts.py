"""A long text in several messages, with nothing lost on the way.

It is cut where a reader would pause: between paragraphs, else between lines, else between sentences, else between
words; inside a word only where one is longer than a message, and then between characters as people see them. An
address is not cut. The parts are numbered.

Zalo does not say in what its 2,000 characters are counted. They are counted here in UTF-16 units after NFC, the
count that is never smaller than the others.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

import regex

_ADDRESS = re.compile(r"https?://\S+|\bwww\.\S+", re.IGNORECASE)
_CHARACTER = regex.compile(r"\X")
_PARAGRAPH = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_LINE = re.compile(r"[ \t]*\n[ \t]*")
_SENTENCE = re.compile(r"(?<=[.!?…;])[”\")\]]*[ \t]+")
_WORD = re.compile(r"[ \t\u00a0]+")
_PAUSES = (_PARAGRAPH, _LINE, _SENTENCE, _WORD)
# A pause so early in a message would leave it nearly empty; a lesser one further on is better.
_EARLIEST = 0.4
_SHORTEST = 40


def length_of(text: str) -> int:
    """Gives the length of a text as it is counted here: UTF-16 units of its NFC form."""
    return len(unicodedata.normalize("NFC", text).encode("utf-16-le", "surrogatepass")) // 2


def in_parts(text: str, most: int) -> tuple[str, ...]:
    """Cuts a text into messages.

    Args:
        text: of any length.
        most: units that a message may have, at least 40.

    Returns:
        The parts in order, each at most `most` units long; several begin with "(1/3)" and a line break. Without
        those and without white space they are the text in NFC.
    """
    if most < _SHORTEST:
        raise ValueError(f"a message of {most} units is too short to be numbered")
    whole = unicodedata.normalize("NFC", text).strip()
    if length_of(whole) <= most:
        return (whole,) if whole else ()
    digits = 1
    while True:
        cut = list(_cut(whole, most - len("(/)\n") - 2 * digits))
        if len(str(len(cut))) <= digits:
            return tuple(f"({number}/{len(cut)})\n{part}" for number, part in enumerate(cut, 1))
        digits += 1


def without_number(part: str) -> str:
    """Gives a part without its number."""
    return re.sub(r"\A\(\d+/\d+\)\n", "", part)


def _cut(text: str, most: int) -> Iterator[str]:
    while text:
        end = _fitting(text, most)
        if end >= len(text):
            yield text
            return
        here, after = _pause(text, end)
        yield text[:here]
        text = text[after:].lstrip()


def _fitting(text: str, most: int) -> int:
    """How many characters of the text make up no more than `most` units."""
    # No character has fewer than one unit, so nothing beyond can fit.
    near = text[: most + 1]
    counts = list(accumulate(1 if ord(character) < 0x10000 else 2 for character in near))
    return bisect_right(counts, most)


def _pause(text: str, end: int) -> tuple[int, int]:
    """Where the part ends and where the next begins: the best pause of those that leave the message well filled."""
    for least in (int(end * _EARLIEST), 1):
        for kind in _PAUSES:
            last = None
            # Two characters more, so that a pause right at the end of what fits is seen.
            for found in kind.finditer(text, 0, min(len(text), end + 2)):
                if least <= found.start() <= end and found.end() < len(text):
                    last = found
            if last:
                return last.start(), last.end()
    return (cut := _between_characters(text, end)), cut


def _between_characters(text: str, end: int) -> int:
    inside = next((found for found in _ADDRESS.finditer(text) if found.start() < end < found.end()), None)
    if inside and inside.start() > 0:
        return inside.start()
    last = 0
    for found in _CHARACTER.finditer(text, 0, end + 64):
        if found.end() > end:
            break
        last = found.end()
    # One "character" of hundreds of marks is rubbish; it is cut wherever it must be.
    return last or end
