"""Unicode hygiene: one form for what people see as one text."""

from __future__ import annotations

import re
import unicodedata

# Tags (U+E0000–E007F) and variation selectors can carry text that nobody sees; Cf holds the zero-width
# and direction characters, Cs and Cn what cannot be encoded or has no meaning.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co"})
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")

# Both placements of the tone mark are in use ("hoà", "hòa"); the second is the older and commoner on
# keyboards. Only open syllables differ: "hoàn" and "quý" keep their mark.
_TONES = "̣̀́̉̃"
_OPEN_SYLLABLE = re.compile(r"(o[àáảãạèéẻẽẹ]|(?<![qQ])u[ỳýỷỹỵ])(?![^\W\d_])", re.IGNORECASE)


def _move_tone(match: re.Match[str]) -> str:
    first, second = match.group(0)
    parts = unicodedata.normalize("NFD", second)
    tone = "".join(c for c in parts if c in _TONES)
    bare = "".join(c for c in parts if c not in _TONES)
    return unicodedata.normalize("NFC", first + tone + bare)


def clean(text: str) -> str:
    """Gives the canonical form of a message: what is seen, in NFC, with single spaces.

    Control, zero-width, tag and private-use characters go (line breaks and tabs become spaces), the
    tone mark of open syllables is put in one place. Idempotent; never longer than the NFC input.
    """
    text = _SPACE.sub(" ", text)
    seen = "".join(c for c in text if unicodedata.category(c) not in _UNSEEN and not "︀" <= c <= "️")
    seen = unicodedata.normalize("NFC", seen)
    return _SPACE.sub(" ", _OPEN_SYLLABLE.sub(_move_tone, seen)).strip()


def fold(text: str) -> str:
    """Takes case and accents away: "Đăng Ký" → "dang ky". Idempotent, linear."""
    # đ has no decomposition in Unicode, so it is mapped by hand.
    decomposed = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def words(text: str) -> list[str]:
    """Lists the runs of letters and digits of a text, in order, as written."""
    return _WORD.findall(text)
