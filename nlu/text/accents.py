"""Accents put back on Vietnamese typed without them: a beam search over syllables with a trigram model.

The model is counted from the project's own text (official titles, people's phrases), so it knows the
words of the field and nothing else; it is built with the search index and stored beside it.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from nlu.text.cleaning import clean, fold
from nlu.text.spelling import Spelling
from nlu.text.syllable import is_syllable

_SYLLABLE = re.compile(r"[a-zà-ỹđ]+")
_SPLIT = re.compile(r"([a-zà-ỹđ]+)", re.IGNORECASE)
_BREAK = re.compile(r"[.;:,!?()\n/\d]+")

# Interpolation of the three orders; chosen by cross-validation on the development questions.
_UNIGRAM, _BIGRAM, _TRIGRAM = 0.05, 0.35, 0.60
_BEAM = 12
_CANDIDATES = 10
# Below this share of accented syllables a message counts as typed without accents, and every bare
# syllable may get them; above it, bare syllables are taken as meant ("cho", "tôi đi").
_TYPED_BARE = 0.12
_SMOOTHING = 0.1
# A syllable of less weight may be a slip in the text itself.
_SEEN = 1.0
_TINY = 1e-12
_NOTHING: dict[str, float] = {}
# What it costs, as a logarithm, to read a bare syllable of an accented message as one with accents, and to leave
# a syllable as typed that the project's text does not know.
_BARE_BY_SLIP = 5.0
_FOREIGN = 4.0
_STANDS = -4.0

# A syllable and the way that led to it. Nested, so that a step costs the same however long the text is.
_Trail: TypeAlias = "tuple[str, _Trail] | None"
# What a syllable may be read as, each with its cost.
_Choices: TypeAlias = "list[tuple[str, float]]"
# Score, the last syllable but one, the last, and the way.
_State: TypeAlias = "tuple[float, str, str, _Trail]"


@dataclass
class AccentModel:
    """Weighted counts of syllables, pairs and triples."""

    unigrams: dict[str, float] = field(default_factory=dict)
    bigrams: dict[str, float] = field(default_factory=dict)
    trigrams: dict[str, float] = field(default_factory=dict)

    @classmethod
    def count(cls, texts: Iterable[tuple[str, float]], floor: float = 0.5) -> AccentModel:
        """Counts a corpus.

        Args:
            texts: pairs of accented text and its weight.
            floor: triples that weigh less are dropped, to keep the model small.
        """
        one: Counter[str] = Counter()
        two: Counter[str] = Counter()
        three: Counter[str] = Counter()
        for text, weight in texts:
            for clause in _BREAK.split(clean(text).lower()):
                run = _SYLLABLE.findall(clause)
                for a in run:
                    one[a] += weight  # type: ignore[assignment]
                for a, b in pairwise(run):
                    two[f"{a} {b}"] += weight  # type: ignore[assignment]
                for a, b, c in zip(run, run[1:], run[2:], strict=False):
                    three[f"{a} {b} {c}"] += weight  # type: ignore[assignment]
        return cls(
            unigrams=dict(one),
            bigrams={k: v for k, v in two.items() if v >= floor / 2},
            trigrams={k: v for k, v in three.items() if v >= floor},
        )

    def __add__(self, other: AccentModel) -> AccentModel:
        """Counts of both texts together."""

        def both(a: dict[str, float], b: dict[str, float]) -> dict[str, float]:
            return a | {k: a.get(k, 0.0) + v for k, v in b.items()}

        return AccentModel(
            both(self.unigrams, other.unigrams),
            both(self.bigrams, other.bigrams),
            both(self.trigrams, other.trigrams),
        )

    def save(self, path: Path) -> None:
        """Writes the model as gzipped JSON, byte-identical for equal counts."""
        document = {
            name: {k: round(v, 2) for k, v in sorted(table.items())}
            for name, table in (("1", self.unigrams), ("2", self.bigrams), ("3", self.trigrams))
        }
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        path.write_bytes(gzip.compress(content, 1, mtime=0))

    @classmethod
    def load(cls, path: Path) -> AccentModel:
        """Reads what `save` wrote.

        Raises:
            OSError, EOFError, ValueError, KeyError: the file is missing or not a model.
        """
        with gzip.open(path, "rt", encoding="utf-8") as packed:
            document = json.load(packed)
        return cls(unigrams=document["1"], bigrams=document["2"], trigrams=document["3"])


class AccentRestorer:
    """Restores accents with an `AccentModel`; safe to share between threads."""

    def __init__(self, model: AccentModel) -> None:
        total = sum(model.unigrams.values()) or 1.0
        candidates: dict[str, list[str]] = defaultdict(list)
        for syllable in sorted(model.unigrams, key=lambda s: (-model.unigrams[s], s)):
            of_bare = candidates[fold(syllable)]
            if len(of_bare) < _CANDIDATES:
                of_bare.append(syllable)
        self._candidates = dict(candidates)
        self._free: dict[str, _Choices] = {
            bare: [(choice, 0.0) for choice in of_bare] for bare, of_bare in self._candidates.items()
        }
        self._known = frozenset(s for s, n in model.unigrams.items() if n >= _SEEN)
        self._spelling = Spelling(self._known)
        # Weighted probabilities, so that a step only adds: of a syllable on its own, after one, after two.
        self._unseen = _UNIGRAM * _SMOOTHING / total
        self._alone = {s: _UNIGRAM * (n + _SMOOTHING) / total for s, n in model.unigrams.items()}
        self._after_one: dict[str, dict[str, float]] = defaultdict(dict)
        for pair, count in model.bigrams.items():
            last, _, choice = pair.rpartition(" ")
            if seen := model.unigrams.get(last):
                self._after_one[last][choice] = _BIGRAM * count / seen
        self._after_two: dict[str, dict[str, float]] = defaultdict(dict)
        for triple, count in model.trigrams.items():
            before, _, choice = triple.rpartition(" ")
            if seen := model.bigrams.get(before):
                self._after_two[before][choice] = _TRIGRAM * count / seen

    def knows(self, syllable: str) -> bool:
        """Says whether a syllable, in lower case, occurs in the project's text as it is written."""
        return syllable in self._known

    def is_bare(self, text: str) -> bool:
        """Says whether a message was typed without accents, going by the share of syllables that have one."""
        syllables = _SYLLABLE.findall(text.lower())
        accented = sum(fold(s) != s for s in syllables)
        return bool(syllables) and accented <= _TYPED_BARE * len(syllables)

    def restore(self, text: str) -> str:
        """Gives the text with accents restored, in lower case.

        A syllable that already carries an accent is never touched. Linear in the length of the text. Ask
        `is_bare` first: in a text typed with accents, bare syllables are meant to be bare.
        """
        return self._read(text, lambda typed: self._free.get(typed.lower()) or [(typed.lower(), 0.0)])

    def correct(self, text: str, *, bare: bool | None = None) -> str:
        """Gives the text with slips mended, in lower case: what the project's text does not know is read as what is
        near and fits its neighbours; in a message typed without accents they are restored on the way.

        A known syllable that carries an accent is never touched, nor is one that can be a name ("Thạnh"). Linear in
        the length of the text.

        Args:
            text: the message.
            bare: whether it was typed without accents; by default it is looked at.
        """
        without = self.is_bare(text) if bare is None else bare
        return self._read(text, lambda typed: self._choices(typed, without))

    def _choices(self, typed: str, bare: bool) -> _Choices:
        syllable = typed.lower()
        free = self._free.get(syllable)
        if bare and free:
            return free
        if syllable in self._known:
            if not free or len(syllable) == 1:
                return [(syllable, 0.0)]
            return [(s, 0.0 if s == syllable else _BARE_BY_SLIP) for s, _ in free]
        if typed != syllable and fold(typed) != syllable and is_syllable(syllable):
            return [(syllable, 0.0)]
        near = self._spelling.near(syllable)
        # A word that is no Vietnamese syllable and like none is a name or foreign, and stays.
        return [*near, (syllable, _STANDS if is_syllable(syllable) else _FOREIGN)]

    def _read(self, text: str, choices: Callable[[str], _Choices]) -> str:
        parts = _SPLIT.split(text)
        places = range(1, len(parts), 2)
        read = self._search([choices(parts[place]) for place in places])
        for place, syllable in zip(places, read, strict=True):
            parts[place] = syllable
        return "".join(parts).lower()

    def _search(self, syllables: list[_Choices]) -> list[str]:
        beam: list[_State] = [(0.0, "", "", None)]
        for choices in syllables:
            fresh: list[_State] = []
            for last, states in _by_last(beam).items():
                fresh += self._step(last, states, choices)
            beam = sorted(fresh, key=_best_first)[:_BEAM]
        restored: list[str] = []
        trail = beam[0][3]
        while trail is not None:
            syllable, trail = trail
            restored.append(syllable)
        return restored[::-1]

    def _step(self, last: str, states: list[_State], choices: _Choices) -> list[_State]:
        """The best way to each choice from states that end in one syllable, the best of them first."""
        after_one = self._after_one.get(last, _NOTHING)
        # Few pairs are followed by a known third; all others lose to the first, whose score is the best.
        informed = [
            (score, after_two, trail)
            for score, before, _, trail in states
            if (after_two := self._after_two.get(f"{before} {last}"))
        ]
        top, _, _, top_trail = states[0]
        found: list[_State] = []
        for choice, cost in choices:
            p = self._alone.get(choice, self._unseen) + after_one.get(choice, 0.0)
            value, way = top + math.log(p + _TINY), top_trail
            for score, after_two, trail in informed:
                if choice in after_two:
                    other = score + math.log(p + after_two[choice] + _TINY)
                    if other > value:
                        value, way = other, trail
            found.append((value - cost, last, choice, (choice, way)))
        return found


def _by_last(beam: list[_State]) -> dict[str, list[_State]]:
    groups: dict[str, list[_State]] = {}
    for state in beam:
        groups.setdefault(state[2], []).append(state)
    return groups


def _best_first(state: _State) -> tuple[float, str]:
    return -state[0], state[2]
