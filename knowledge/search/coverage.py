"""How much of a title is in the question, and how much of the question is in a procedure's words.

BM25 says how well the words that match match; this says what is left over. A variant whose title names a thing
the question does not ("lưu động", "tại khu vực biên giới") stands behind the ordinary case by it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.text import fold, words

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


def word_set(text: str) -> set[str]:
    """Gives the different accent-stripped words of a text."""
    return set(words(fold(text)))


class Coverage:
    """Shares of rare-word weight that a question and each procedure have in common."""

    def __init__(self, names: Sequence[str], said: Sequence[str]) -> None:
        """Reads what there is to cover.

        Args:
            names: titles, one a procedure.
            said: people's words for each, in the same order; may be empty.
        """
        self._size = len(names)
        of_name = [word_set(name) for name in names]
        of_all = [name | word_set(text) for name, text in zip(of_name, said, strict=True)]
        seen = Counter(word for of_one in of_all for word in of_one)
        self._rare = {word: math.log(1 + self._size / (1 + count)) for word, count in seen.items()}
        self._unknown = math.log(1 + self._size)
        self._in_name, self._in_all = _postings(of_name), _postings(of_all)
        # Summed exactly, so that the order in which a set happens to give its words does not matter.
        weights = [math.fsum(self._rare[word] for word in of_one) for of_one in of_name]
        self._name_weight = np.array(weights, np.float32) + np.float32(1e-6)

    def of(self, text: str) -> dict[str, Floats]:
        """Computes the shares for a question.

        Returns:
            Arrays of shape (procedures,), from 0 to 1: `name_in_query` (the title's weight that the question
            says), `query_in_name` and `query_in_words` (the question's weight that the title, or title and
            people's words, say).
        """
        in_name, in_all = np.zeros(self._size, np.float32), np.zeros(self._size, np.float32)
        total = 1e-6
        for word in sorted(word_set(text)):
            weight = self._rare.get(word, self._unknown)
            total += weight
            if word in self._in_name:
                in_name[self._in_name[word]] += np.float32(weight)
            if word in self._in_all:
                in_all[self._in_all[word]] += np.float32(weight)
        return {
            "name_in_query": in_name / self._name_weight,
            "query_in_name": in_name / np.float32(total),
            "query_in_words": in_all / np.float32(total),
        }


def _postings(sets: Sequence[set[str]]) -> dict[str, Rows]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, of_one in enumerate(sets):
        for word in of_one:
            rows[word].append(row)
    return {word: np.array(of_word, np.int64) for word, of_word in rows.items()}
