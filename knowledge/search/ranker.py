"""The ranker: a weighted sum of named features, refined by a few decision trees, and the probabilities read off it.

Weights and calibration stand in `ranker.yaml`, the trees in `ranker-trees.txt`, how good they are in
`ranker-report.json`; all three are written by `motcua train ranker`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import lightgbm
import numpy as np
import yaml
from numpy.typing import NDArray

from knowledge.search.features import TWINS

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

_HERE = Path(__file__).parent
REPORT = _HERE / "ranker-report.json"
"""Cross-validated figures of the ranker in force."""
_CALIBRATION, _TREES = "ranker.yaml", "ranker-trees.txt"
# So many of each list of `candidates`; the right one is nearly always among them.
_OF_EACH_LIST = 40
_NOWHERE = np.float32(-9)


@dataclass(frozen=True)
class Ranked:
    """Rows of procedures, best first, with their scores and the two probabilities of `SearchResult`."""

    rows: Rows
    scores: Floats
    probability: float
    relevance: float


@dataclass(frozen=True)
class Ranker:
    """What orders candidates.

    weights: by feature name; their order is the order of the trees' columns.
    trees: refine the weighted sum, or None.
    probability, relevance: logistic calibrations, weights by signal name with `bias`.
    """

    weights: Mapping[str, float]
    trees: lightgbm.Booster | None
    probability: Mapping[str, float]
    relevance: Mapping[str, float]

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls, folder: Path = _HERE) -> Ranker:
        """Reads the project's own ranker."""
        content = yaml.safe_load((folder / _CALIBRATION).read_text(encoding="utf-8"))
        trees = folder / _TREES
        return cls(trees=lightgbm.Booster(model_file=trees) if trees.is_file() else None, **content)

    def save(self, folder: Path = _HERE) -> None:
        """Puts the ranker into force for processes that start from now on."""
        content = {
            "weights": dict(self.weights),
            "probability": dict(self.probability),
            "relevance": dict(self.relevance),
        }
        note = "# Fitted by `motcua train ranker`; knowledge/search/ranker.py says what each part is.\n"
        (folder / _CALIBRATION).write_text(note + yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        (folder / _TREES).unlink(missing_ok=True)
        if self.trees is not None:
            self.trees.save_model(folder / _TREES)

    def scores(self, matrix: NDArray[np.floating]) -> Floats:
        """Scores candidates.

        Args:
            matrix: features in the order of `weights`, shape (candidates, features).
        """
        total = matrix @ np.array(list(self.weights.values()), matrix.dtype)
        if self.trees is not None:
            total = total + self.trees.predict(matrix, num_threads=1)
        scores: Floats = total.astype(np.float32)
        return scores

    def rank(self, table: Mapping[str, Floats], words: int) -> Ranked:
        """Orders the procedures.

        Args:
            table: features by name, arrays of shape (procedures,).
            words: how many words the message has.
        """
        rows = candidates(table)
        scores = self.scores(np.stack([table[name][rows] for name in self.weights], 1))
        order = np.lexsort((rows, -scores))
        rows, ordered = rows[order], scores[order]
        seen = signals(table, rows, ordered, words)
        return Ranked(rows, ordered, _logistic(self.probability, seen), _logistic(self.relevance, seen))


def candidates(table: Mapping[str, Floats]) -> Rows:
    """Picks the procedures worth ranking: the best by official wording, by people's wording, and by what is asked.

    Returns:
        Rows in ascending order; those that are never found are left out.
    """
    official = (
        0.5 * table["lexical_name"]
        + 0.2 * table["lexical_body"]
        + 2.5 * table["dense_name"]
        + 0.5 * table["dense_passage"]
    )
    lists = [official, _as_said(table, ""), _as_said(table, "focus_") + 0.5 * table["focus_dense_name"]]
    out = hidden(table)
    count = min(_OF_EACH_LIST, len(out))
    best = [np.argpartition(-np.where(out, _NOWHERE, scores), count - 1)[:count] for scores in lists]
    rows = np.unique(np.concatenate(best))
    found: Rows = rows[~out[rows]]
    return found


def _as_said(table: Mapping[str, Floats], part: str) -> Floats:
    scores: Floats = (
        0.35 * table[f"{part}lexical_name"]
        + 0.2 * table[f"{part}lexical_common"]
        + 0.25 * table[f"{part}lexical_asked"]
        + 3 * table[f"{part}dense_best"]
    )
    return scores


def hidden(table: Mapping[str, Floats]) -> NDArray[np.bool_]:
    """Marks the procedures that are never found; shape (procedures,).

    Internal procedures are between offices, and another province's own hold nowhere else; of the latter only
    those that people have words for stay, far down, so that a question about them is not a dead end.
    """
    unknown_abroad: NDArray[np.bool_] = (table["foreign_province"] > 0) & (table["covered"] == 0)
    return unknown_abroad | (table["internal"] > 0)


def signals(table: Mapping[str, Floats], rows: Rows, scores: Floats, words: int) -> dict[str, float]:
    """What confidence is read from: how the best stand out, and how near they are.

    The same procedure at another level of administration does not make the best one less sure.
    """
    if len(rows) == 0:
        return {"none": 1.0}
    top = rows[0]
    others = table[TWINS][rows] != table[TWINS][top]
    others[0] = True
    rows, scores = rows[others], scores[others]
    exp = np.exp((scores - scores[0]).astype(np.float64))
    return {
        "score": float(scores[0]),
        "margin": float(scores[0] - scores[1]) if len(scores) > 1 else 5.0,
        "share": float(exp[0] / exp.sum()),
        "dense_best": float(table["focus_dense_best"][rows[:5]].max()),
        "dense_top": float(table["focus_dense_best"][top]),
        "backed_top": float(table["focus_dense_backed"][top]),
        "lexical_top": float(
            max(table["lexical_name"][top], table["lexical_common"][top], table["lexical_asked"][top])
        ),
        "said_top": float(table["focus_query_in_words"][top]),
        "words": float(min(words, 60)),
    }


def _logistic(weights: Mapping[str, float], seen: Mapping[str, float]) -> float:
    if "none" in seen:
        return 0.0
    total = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in seen.items())
    return float(1 / (1 + np.exp(-np.clip(total, -50, 50))))
