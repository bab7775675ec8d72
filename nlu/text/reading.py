"""A message as typed → the text that is searched: the steps in their order, and what each of them changed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlu.text.accents import AccentRestorer
from nlu.text.cleaning import clean
from nlu.text.expansion import expand
from nlu.text.keyboard import decode_keys

_PIECE = re.compile(r"\w+|\W+")


@dataclass(frozen=True)
class Change:
    """A run of words that a step read as another."""

    step: str
    typed: str
    read: str


@dataclass(frozen=True)
class Reading:
    """A message as search reads it, and what was changed on the way, in the order of the steps."""

    text: str
    changes: tuple[Change, ...]


class Reader:
    """Reads messages with the words that an `AccentRestorer` knows; safe to share between threads."""

    def __init__(self, accents: AccentRestorer) -> None:
        self._accents = accents

    def _steps(self, message: str) -> Iterator[tuple[str, str]]:
        """The name of every step with the text that it gives."""
        typed = clean(message)
        yield "clean", typed
        decoded = decode_keys(typed, self._accents.knows)
        yield "keys", decoded
        written_out = expand(decoded)
        yield "short forms", written_out
        # Whether accents were typed shows before expansion, which brings accented words of its own.
        bare = self._accents.is_bare(decoded)
        yield "spelling and accents", self._accents.correct(written_out, bare=bare)

    def read(self, message: str) -> str:
        """Gives a message as search reads it. Linear in its length; an official title comes out as it went in,
        case aside.
        """
        *_, (_, text) = self._steps(message)
        return text

    def explain(self, message: str) -> Reading:
        """Reads a message and lists what every step after the first changed, differences of case aside."""
        (_, before), *steps = self._steps(message)
        changes: list[Change] = []
        for name, text in steps:
            changes += [Change(name, typed, read) for typed, read in _changed(before, text)]
            before = text
        return Reading(before, tuple(changes))


def _changed(before: str, after: str) -> list[tuple[str, str]]:
    old, new = _PIECE.findall(before.lower()), _PIECE.findall(after.lower())
    runs = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [("".join(old[a:b]), "".join(new[c:d])) for kind, a, b, c, d in runs if kind != "equal"]
