"""The lexical index: BM25 by field over accent-stripped unigrams and bigrams, on the library bm25s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge.errors import IndexCorrupt
from knowledge.search.texts import LEXICAL_FIELDS, LexicalField
from nlu.text import clean, fold, words

_K1, _B = 1.2, 0.6


def grams(text: str) -> list[str]:
    """Accent-stripped words and pairs of neighbours: "Khai sinh" → ["khai", "sinh", "khai_sinh"]."""
    run = words(fold(clean(text)))
    return run + [f"{a}_{b}" for a, b in pairwise(run)]


class LexicalIndex:
    """One BM25 index a field; scores every procedure at once."""

    def __init__(self, size: int, fields: Mapping[LexicalField, bm25s.BM25]) -> None:
        self._size = size
        self._fields = dict(fields)

    @classmethod
    def build(cls, texts: Mapping[LexicalField, Sequence[str]]) -> LexicalIndex:
        """Indexes the texts of every field; all fields have one text a procedure, in the same order."""
        fields: dict[LexicalField, bm25s.BM25] = {}
        size = 0
        for field, of_field in texts.items():
            size = len(of_field)
            tokens = [grams(text) for text in of_field]
            if any(tokens):
                index = bm25s.BM25(method="lucene", k1=_K1, b=_B)
                index.index(tokens, show_progress=False)
                fields[field] = index
        return cls(size, fields)

    def save(self, folder: Path) -> None:
        """Writes one sub-folder a field."""
        for field, index in self._fields.items():
            index.save(str(folder / field), show_progress=False)

    @classmethod
    def load(cls, folder: Path, size: int) -> LexicalIndex:
        """Opens what `save` wrote.

        Raises:
            IndexCorrupt: a field cannot be read.
        """
        fields: dict[LexicalField, bm25s.BM25] = {}
        for field in LEXICAL_FIELDS:
            if (folder / field).is_dir():
                try:
                    fields[field] = bm25s.BM25.load(str(folder / field), show_progress=False)
                except Exception as cause:  # the library lets json, numpy and OS errors through
                    raise IndexCorrupt(f"the lexical index of {field} cannot be read") from cause
        return cls(size, fields)

    def scores(self, query: str) -> dict[LexicalField, NDArray[np.float32]]:
        """Scores of every procedure by field, each scaled so that the best of the field has 1.

        Returns:
            Arrays of shape (procedures,); all zero for a field that shares no word with the query.
        """
        tokens = grams(query)
        scored: dict[LexicalField, NDArray[np.float32]] = {}
        for field in LEXICAL_FIELDS:
            index = self._fields.get(field)
            vocabulary = index.vocab_dict if index is not None else {}
            known = [vocabulary[t] for t in tokens if t in vocabulary]
            if index is None or not known:
                scored[field] = np.zeros(self._size, np.float32)
                continue
            raw = index.get_scores_from_ids(known).astype(np.float32)
            scored[field] = raw / (raw.max() + np.float32(1e-6))
        return scored
