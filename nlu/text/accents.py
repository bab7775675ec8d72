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
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from nlu.text.cleaning import clean, fold

_SYLLABLE = re.compile(r"[a-zà-ỹđ]+")
_SPLIT = re.compile(r"([a-zà-ỹđ]+)")
_BREAK = re.compile(r"[.;:,!?()\n/\d]+")

# Interpolation of the three orders; chosen by cross-validation on the development questions.
_UNIGRAM, _BIGRAM, _TRIGRAM = 0.05, 0.35, 0.60
_BEAM = 24
_CANDIDATES = 10
# Below this share of accented syllables a message counts as typed without accents, and every bare
# syllable may get them; above it, bare syllables are taken as meant ("cho", "tôi đi").
_TYPED_BARE = 0.12


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
                for a, b in zip(run, run[1:], strict=False):
                    two[f"{a} {b}"] += weight  # type: ignore[assignment]
                for a, b, c in zip(run, run[1:], run[2:], strict=False):
                    three[f"{a} {b} {c}"] += weight  # type: ignore[assignment]
        return cls(
            unigrams=dict(one),
            bigrams={k: v for k, v in two.items() if v >= floor / 2},
            trigrams={k: v for k, v in three.items() if v >= floor},
        )

    def save(self, path: Path) -> None:
        """Writes the model as gzipped JSON, byte-identical for equal counts."""
        document = {
            name: {k: round(v, 2) for k, v in sorted(table.items())}
            for name, table in (("1", self.unigrams), ("2", self.bigrams), ("3", self.trigrams))
        }
        with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed:
            packed.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())

    @classmethod
    def load(cls, path: Path) -> AccentModel:
        """Reads what `save` wrote.

        Raises:
            OSError, ValueError: the file is missing or not a model.
        """
        with gzip.open(path, "rt", encoding="utf-8") as packed:
            document = json.load(packed)
        return cls(unigrams=document["1"], bigrams=document["2"], trigrams=document["3"])


class AccentRestorer:
    """Restores accents with an `AccentModel`; safe to share between threads."""

    def __init__(self, model: AccentModel) -> None:
        self._model = model
        self._total = sum(model.unigrams.values()) or 1.0
        by_bare: dict[str, list[str]] = defaultdict(list)
        for syllable in sorted(model.unigrams, key=lambda s: (-model.unigrams[s], s)):
            candidates = by_bare[fold(syllable)]
            if len(candidates) < _CANDIDATES:
                candidates.append(syllable)
        self._candidates = dict(by_bare)

    def knows(self, syllable: str) -> bool:
        """Says whether the bare form of a syllable occurs in the project's text."""
        return fold(syllable) in self._candidates

    def restore(self, text: str) -> str:
        """Gives the text with accents restored, in lower case, or unchanged if it was typed with them.

        A syllable that already carries an accent is never touched. Linear in the length of the text.
        """
        lowered = text.lower()
        syllables = _SYLLABLE.findall(lowered)
        known = [s for s in syllables if fold(s) in self._candidates]
        accented = sum(fold(s) != s for s in syllables)
        if not known or accented > _TYPED_BARE * len(syllables):
            return text
        parts = _SPLIT.split(lowered)
        places = range(1, len(parts), 2)
        for place, syllable in zip(places, self._search([parts[i] for i in places]), strict=True):
            parts[place] = syllable
        return "".join(parts)

    def _search(self, bare: list[str]) -> list[str]:
        # Back-pointers are nested pairs, so that a step costs the same however long the message is.
        Trail = tuple[str, object] | None
        beam: list[tuple[float, str, str, Trail]] = [(0.0, "", "", None)]
        for syllable in bare:
            choices = self._candidates.get(syllable, [syllable]) if fold(syllable) == syllable else [syllable]
            best: dict[tuple[str, str], tuple[float, str, str, Trail]] = {}
            for score, before, last, trail in beam:
                for choice in choices:
                    value = score + self._log_probability(before, last, choice)
                    held = best.get((last, choice))
                    if held is None or value > held[0]:
                        best[last, choice] = (value, last, choice, (choice, trail))
            beam = sorted(best.values(), key=lambda state: (-state[0], state[2]))[:_BEAM]
        restored: list[str] = []
        trail = beam[0][3]
        while trail is not None:
            syllable, trail = trail  # type: ignore[assignment]
            restored.append(syllable)
        return restored[::-1]

    def _log_probability(self, before: str, last: str, choice: str) -> float:
        m = self._model
        p = _UNIGRAM * (m.unigrams.get(choice, 0.0) + 0.1) / self._total
        if last:
            seen = m.unigrams.get(last)
            if seen:
                p += _BIGRAM * m.bigrams.get(f"{last} {choice}", 0.0) / seen
            if before:
                seen = m.bigrams.get(f"{before} {last}")
                if seen:
                    p += _TRIGRAM * m.trigrams.get(f"{before} {last} {choice}", 0.0) / seen
        return math.log(p + 1e-12)
