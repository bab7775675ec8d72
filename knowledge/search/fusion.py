"""Calibrated score fusion: a weighted sum of named features, and probabilities read off it.

Weights and calibration stand in `fusion.yaml`; they are fitted on development questions by
cross-validation over procedures (`motcua train fusion`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_CALIBRATION = Path(__file__).with_name("fusion.yaml")
_CANDIDATES = 60


@dataclass(frozen=True)
class Ranked:
    """Rows of procedures, best first, with their scores and the two probabilities of `SearchResult`."""

    rows: NDArray[np.int64]
    scores: Floats
    probability: float
    relevance: float


@dataclass(frozen=True)
class Fusion:
    """Weights by feature name, and two logistic calibrations (weights by signal name, with `bias`)."""

    weights: Mapping[str, float]
    probability: Mapping[str, float]
    relevance: Mapping[str, float]

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Fusion:
        """Reads the project's own calibration."""
        return cls(**yaml.safe_load(_CALIBRATION.read_text(encoding="utf-8")))

    def rank(self, table: Mapping[str, Floats], words: int) -> Ranked:
        """Orders the procedures.

        Args:
            table: features by name, arrays of shape (procedures,).
            words: how many words the message has.
        """
        scores = np.zeros_like(next(iter(table.values())))
        for name, weight in self.weights.items():
            scores += np.float32(weight) * table[name]
        scores[hidden(table)] = -np.inf
        count = min(_CANDIDATES, len(scores))
        top = np.argpartition(-scores, count - 1)[:count]
        rows = top[np.lexsort((top, -scores[top]))]
        rows = rows[np.isfinite(scores[rows])]
        ordered = scores[rows]
        seen = signals(table, rows, ordered, words)
        return Ranked(rows, ordered, _logistic(self.probability, seen), _logistic(self.relevance, seen))


def hidden(table: Mapping[str, Floats]) -> NDArray[np.bool_]:
    """Marks the procedures that are never found; shape (procedures,).

    Internal procedures are between offices, and another province's own hold nowhere else; of the latter only
    those that people have words for stay, far down, so that a question about them is not a dead end.
    """
    unknown_abroad: NDArray[np.bool_] = (table["foreign_province"] > 0) & (table["covered"] == 0)
    return unknown_abroad | (table["internal"] > 0)


def signals(
    table: Mapping[str, Floats], rows: NDArray[np.int64], scores: Floats, words: int
) -> dict[str, float]:
    """What confidence is read from: how the best stand out, and how near they are."""
    if len(rows) == 0:
        return {"none": 1.0}
    top = rows[0]
    exp = np.exp((scores - scores[0]).astype(np.float64))
    return {
        "score": float(scores[0]),
        "margin": float(scores[0] - scores[1]) if len(scores) > 1 else 5.0,
        "share": float(exp[0] / exp.sum()),
        "dense_best": float(table["dense_best"][rows[:5]].max()),
        "dense_top": float(table["dense_best"][top]),
        "lexical_top": float(
            max(table["lexical_name"][top], table["lexical_common"][top], table["lexical_asked"][top])
        ),
        "words": float(min(words, 60)),
        "short": float(words <= 3),
    }


def save(fusion: Fusion, path: Path = _CALIBRATION) -> None:
    """Puts a fusion into force for processes that start from now on."""
    content = {
        "weights": dict(fusion.weights),
        "probability": dict(fusion.probability),
        "relevance": dict(fusion.relevance),
    }
    note = "# Fitted by `motcua train fusion`; knowledge/search/fusion.py says what each part is.\n"
    path.write_text(note + yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _logistic(weights: Mapping[str, float], seen: Mapping[str, float]) -> float:
    if "none" in seen:
        return 0.0
    total = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in seen.items())
    return float(1 / (1 + np.exp(-total)))
