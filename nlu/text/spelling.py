"""Slips of the fingers: for a syllable that the project's text does not know, those that it does and that are near.

Distance is counted on letters without accents (one dropped, doubled, swapped or wrong letter) and on the accents
apart from them, because on a phone the accents go wrong first.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

from nlu.text.cleaning import fold
from nlu.text.syllable import is_syllable

# What a difference costs, as a logarithm of probability; fitted on made noise of our own phrases.
_MARK = 2.0
_ADDED = 4.0  # accents are left out by slip, never put in
_LETTER = 4.0
_SOUND = 1.5
_SPLIT = 2.0
_SHORTEST = 3
_LONGEST = 12
_MOST = 12
_RUN = re.compile(r"(.)\1{2,}")

# Letters that young people write for a sound: (pattern, what is meant).
_SOUNDS = (
    (re.compile("^f"), "ph"),
    (re.compile("^j"), "gi"),
    (re.compile("^j"), "ch"),
    (re.compile("^z"), "d"),
    (re.compile("^z"), "gi"),
    (re.compile("^z"), "v"),
    (re.compile("^dz"), "d"),
    (re.compile("^w"), "qu"),
    (re.compile("^k(?=[^eiyêh])"), "c"),
    (re.compile("^c(?=[eiyê])"), "k"),
    (re.compile("^q(?!u)"), "qu"),
    (re.compile("k$"), "c"),
    (re.compile("k$"), "ch"),
    (re.compile("(?<!n)g$"), "ng"),
    (re.compile("(?<!n)h$"), "nh"),
    (re.compile("j"), "i"),
)


class Spelling:
    """Near syllables of a vocabulary; safe to share between threads."""

    def __init__(self, known: Iterable[str]) -> None:
        """Reads the vocabulary: syllables as written, accents included."""
        by_bare: dict[str, list[str]] = defaultdict(list)
        for syllable in known:
            by_bare[fold(syllable)].append(syllable)
        self._by_bare: Mapping[str, list[str]] = by_bare
        gaps: dict[str, set[str]] = defaultdict(set)
        for bare in by_bare:
            if len(bare) <= _LONGEST:
                for gap in _one_less(bare):
                    gaps[gap].add(bare)
        self._gaps: Mapping[str, set[str]] = gaps

    def near(self, syllable: str) -> list[tuple[str, float]]:
        """Lists what may have been meant, with the cost of each; nearest first, the syllable itself not among them.

        Args:
            syllable: one that the vocabulary does not hold, in lower case.
        """
        if len(syllable) > _LONGEST:
            return []
        found: dict[str, float] = {}
        for form, cost in self._forms(syllable):
            for bare, letters in self._bares(fold(form)):
                marks = _marks(form)
                for meant in self._by_bare[bare]:
                    other = _marks(meant)
                    price = cost + letters + _MARK * len(marks ^ other) + (_ADDED if marks and not other else 0)
                    found[meant] = min(price, found.get(meant, price))
        near = sorted(found.items(), key=lambda one: (one[1], one[0]))[:_MOST]
        return near or self._parted(syllable)

    @staticmethod
    def _forms(syllable: str) -> list[tuple[str, float]]:
        plain = _RUN.sub(r"\1", syllable)
        return [(plain, 0.0)] + [
            (pattern.sub(meant, plain), _SOUND) for pattern, meant in _SOUNDS if pattern.search(plain)
        ]

    def _bares(self, bare: str) -> list[tuple[str, float]]:
        if bare in self._by_bare:
            return [(bare, 0.0)]
        if len(bare) < _SHORTEST:
            return []
        shorter = _one_less(bare)
        near = set(self._gaps.get(bare, ())) | {gap for gap in shorter if gap in self._by_bare}
        for gap in shorter:
            near |= {other for other in self._gaps.get(gap, ()) if len(other) == len(bare) and len(bare) > _SHORTEST}
        near |= {swapped for swapped in _swapped(bare) if swapped in self._by_bare}
        # First letters are seldom wrong, and another first letter is another word.
        return [(other, _LETTER if other[:1] == bare[:1] else _LETTER + 2) for other in near if len(other) > 1]

    def _parted(self, syllable: str) -> list[tuple[str, float]]:
        """Two syllables that were run together."""
        pairs = []
        for place in range(2, len(syllable) - 1):
            head, tail = syllable[:place], syllable[place:]
            if all(part in self._by_bare and is_syllable(part) for part in (head, tail)):
                pairs.append((f"{head} {tail}", _SPLIT))
        return pairs


def _one_less(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _swapped(word: str) -> set[str]:
    return {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}


def _marks(word: str) -> set[str]:
    """The accents of a word, wherever they stand; đ counts as one."""
    return {c for c in unicodedata.normalize("NFD", word) if unicodedata.combining(c)} | ({"đ"} & set(word))
