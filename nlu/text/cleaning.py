"""Unicode hygiene: one form for what people see as one text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Cf holds the zero-width and direction characters, Cs and Cn what cannot be encoded or has no meaning.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co"})
# Seen by nobody either, though filed as letters and marks: fillers, joiners, and the variation selectors,
# in which a whole hidden text can be carried.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]+"
)
# Text of these alone is in NFC and has nothing unseen: the quick way for nearly all that there is.
_PLAIN = re.compile("[ -~\u00a1-\u00ac\u00ae-\u024f\u1e00-\u1eff\u2010-\u2027]*")
# Normalising sorts the marks on a letter in quadratic time; no language puts more than a handful on one.
_MOST_MARKS = 6
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")

# Both placements of the tone mark are in use ("hoà", "hòa"); the second is the older and commoner on
# keyboards. Only open syllables differ: "hoàn" and "quý" keep their mark.
_TONES = "\u0323\u0300\u0301\u0309\u0303"
_OPEN_SYLLABLE = re.compile(r"(o[àáảãạèéẻẽẹ]|(?<![qQ])u[ỳýỷỹỵ])(?![^\W\d_]|[\u0300-\u036f])", re.IGNORECASE)


def _move_tone(match: re.Match[str]) -> str:
    syllable = match.group(0)
    first, parts = syllable[0], unicodedata.normalize("NFD", syllable[1])
    tone = "".join(c for c in parts if c in _TONES)
    bare = "".join(c for c in parts if c not in _TONES)
    return unicodedata.normalize("NFC", first + tone + bare)


def clean(text: str) -> str:
    """Gives the canonical form of a message: what is seen, in NFC, with single spaces.

    Control, zero-width, tag and private-use characters go (line breaks and tabs become spaces), the
    tone mark of open syllables is put in one place. Idempotent, linear; never longer than the NFC input.
    """
    text = _SPACE.sub(" ", text)
    if not _PLAIN.fullmatch(text):
        text = unicodedata.normalize("NFC", "".join(_seen(_IGNORABLE.sub("", text))))
        text = _SPACE.sub(" ", text)
    return _OPEN_SYLLABLE.sub(_move_tone, text).strip()


def _seen(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        if unicodedata.category(character) not in _UNSEEN:
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks <= _MOST_MARKS:
                yield character


class _Bare(dict[int, str]):
    """Character → the same without marks; letters of Latin scripts are kept, others worked out each time."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFD", chr(code))
        return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))


_BARE = _Bare()
for _code in (*range(0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00)):
    _BARE[_code] = _BARE[_code]
# đ has no decomposition in Unicode, so it is mapped by hand.
_BARE[ord("đ")] = "d"


def fold(text: str) -> str:
    """Takes case and accents away: "Đăng Ký" → "dang ky". Idempotent, linear."""
    return text.lower().translate(_BARE)


def words(text: str) -> list[str]:
    """Lists the runs of letters and digits of a text, in order, as written."""
    return _WORD.findall(text)
