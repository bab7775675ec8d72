"""Phrases looked for in what people type, with the accents they typed, or without where they typed none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nlu.text import clean, expand, fold, words

_GAP = "*"
_GAP_WORDS = 4


@dataclass(frozen=True)
class Said:
    """The words of a message, small letters; `bare` says that it was typed without any accent."""

    words: tuple[str, ...]
    bare: bool

    @classmethod
    def of(cls, text: str) -> Said:
        """Reads a message: cleaned, abbreviations written out."""
        typed = clean(text).lower()
        bare = fold(typed) == typed
        # What abbreviations bring along has accents; beside bare words it is read without them too.
        written = expand(typed)
        return cls(tuple(words(fold(written) if bare else written)), bare)


class Phrases:
    """A set of phrases; `*` inside one stands for up to four words, `=` before one asks for its accents.

    In a message with accents a phrase is met only as it is written: "chay" is a diet there, and "chạy" never
    a fire. In a message without any, phrases are read without them as well, but for those marked `=`, which
    mean something else then ("=làm giả" is "làm gia đình"). Phrases are written out as messages are: "online" meets
    "trực tuyến".
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        listed = [phrase.lower() for phrase in phrases]
        written = [_written_out(phrase.removeprefix("=")) for phrase in listed]
        unmarked = [phrase for phrase in listed if not phrase.startswith("=")]
        self._written = _by_first_word(written)
        # Without accents an abbreviation may be met that is none with them: "túi" is typed "tui", which is "tôi".
        self._bare = _by_first_word(
            bare for phrase in unmarked for bare in {fold(_written_out(phrase)), fold(_written_out(fold(phrase)))}
        )

    def found_in(self, said: Said) -> bool:
        """Whether one of the phrases is said."""
        return any(self._end(said, start) for start in range(len(said.words)))

    def begins(self, said: Said) -> int:
        """How many words at the beginning are one of the phrases; 0 where they are none."""
        return self._end(said, 0) if said.words else 0

    def without(self, said: Said) -> Said:
        """Gives the message with every phrase taken out; what stood around it does not run together."""
        rest: list[str] = []
        start = 0
        while start < len(said.words):
            end = self._end(said, start)
            rest.append("" if end else said.words[start])
            start = end or start + 1
        return Said(tuple(rest), said.bare)

    def _end(self, said: Said, start: int) -> int:
        """Where the longest phrase that begins at a place ends, or 0."""
        phrases = (self._bare if said.bare else self._written).get(said.words[start], ())
        return max((_end_of(phrase[1:], said.words, start + 1) for phrase in phrases), default=0)


def _written_out(phrase: str) -> str:
    """A phrase with its abbreviations written out, its gaps kept."""
    return f" {_GAP} ".join(" ".join(words(expand(part))) for part in phrase.split(_GAP))


def _by_first_word(phrases: Iterable[str]) -> dict[str, list[tuple[str, ...]]]:
    index: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        parts = tuple(phrase.split())
        if not parts:
            continue
        index.setdefault(parts[0], []).append(parts)
    return index


def _end_of(rest: tuple[str, ...], said: tuple[str, ...], start: int) -> int:
    if not rest:
        return start
    if rest[0] == _GAP:
        places = range(start, min(len(said), start + _GAP_WORDS) + 1)
        return next((end for place in places if (end := _end_of(rest[1:], said, place))), 0)
    return _end_of(rest[1:], said, start + 1) if start < len(said) and said[start] == rest[0] else 0
