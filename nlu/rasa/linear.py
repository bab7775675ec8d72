"""A linear model over named feature views: trained with scikit-learn, read and used with numpy alone."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Views = Mapping[str, Counter[str]]

_VOCABULARY, _WEIGHTS = "vocabulary.json", "weights.npz"


class LinearModel:
    """One linear separator per label over TF-IDF views, each of unit length times its weight."""

    def __init__(
        self,
        labels: list[str],
        columns: dict[str, dict[str, int]],
        idf: NDArray[np.float32],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        view_weights: dict[str, float],
        sharpness: float,
    ) -> None:
        """Puts a trained model together.

        Args:
            labels: the classes, in the order of the rows of `bias`.
            columns: per view, feature → column.
            idf: inverse document frequency of each column, shape (columns,).
            weights: shape (columns, labels).
            bias: shape (labels,).
            view_weights: length of each view's vector.
            sharpness: what the distances are multiplied by before they become probabilities.
        """
        self._sharpness = sharpness
        self.labels = labels
        self._columns, self._idf, self._weights, self._bias = columns, idf, weights, bias
        self._view_weights = view_weights

    def probabilities(self, views: Views) -> NDArray[np.float64] | None:
        """Gives the probability of each label, shape (labels,), or None when no feature is known."""
        columns, values = _row(views, self._columns, self._idf, self._view_weights)
        if not columns:
            return None
        scores = (np.asarray(values, dtype=np.float64) @ self._weights[columns] + self._bias) * self._sharpness
        scores = np.exp(scores - scores.max())
        return np.asarray(scores / scores.sum())

    @classmethod
    def train(
        cls,
        rows: Sequence[Views],
        labels: Sequence[str],
        view_weights: dict[str, float],
        strength: float,
        least: dict[str, int],
        sharpness: float,
    ) -> LinearModel:
        """Trains on rows of feature views; the same rows give the same model.

        Args:
            rows: one set of views per example.
            labels: the label of each row.
            view_weights: length of each view's vector; a view not named is not used.
            strength: inverse of the regularisation (scikit-learn's C).
            least: in how many rows a feature of a view must occur to be kept.
            sharpness: see the constructor.
        """
        from scipy.sparse import csr_matrix
        from sklearn.svm import LinearSVC

        columns, idf = _vocabulary(rows, list(view_weights), least)
        data: list[float] = []
        indices: list[int] = []
        ends = [0]
        for row in rows:
            row_columns, values = _row(row, columns, idf, view_weights)
            indices += row_columns
            data += values
            ends.append(len(indices))
        matrix = csr_matrix((np.asarray(data), indices, ends), shape=(len(rows), len(idf)))
        model = LinearSVC(C=strength, class_weight="balanced", random_state=0)
        model.fit(matrix, labels)
        weights, bias = model.coef_, model.intercept_
        if len(model.classes_) == 2:  # scikit-learn gives one separator for two labels
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        return cls(
            [str(label) for label in model.classes_],
            columns,
            idf,
            np.ascontiguousarray(weights.T, dtype=np.float32),
            bias.astype(np.float32),
            dict(view_weights),
            sharpness,
        )

    def save(self, folder: Path) -> None:
        """Writes the model into a folder as JSON and a numpy archive (no pickle)."""
        head: dict[str, Any] = {
            "labels": self.labels,
            "view_weights": self._view_weights,
            "sharpness": self._sharpness,
            "columns": self._columns,
        }
        (folder / _VOCABULARY).write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / _WEIGHTS, idf=self._idf, weights=self._weights, bias=self._bias)

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Reads a saved model.

        Raises:
            OSError, ValueError, KeyError: when a file is missing or damaged.
        """
        head = json.loads((folder / _VOCABULARY).read_text(encoding="utf-8"))
        with np.load(folder / _WEIGHTS, allow_pickle=False) as arrays:
            return cls(
                head["labels"],
                head["columns"],
                arrays["idf"],
                arrays["weights"],
                arrays["bias"],
                head["view_weights"],
                head["sharpness"],
            )


def _vocabulary(
    rows: Sequence[Views], names: list[str], least: dict[str, int]
) -> tuple[dict[str, dict[str, int]], NDArray[np.float32]]:
    columns: dict[str, dict[str, int]] = {}
    idf: list[float] = []
    for name in names:
        seen = Counter(feature for row in rows for feature in row[name])
        kept = sorted(feature for feature, count in seen.items() if count >= least.get(name, 1))
        columns[name] = {feature: len(idf) + place for place, feature in enumerate(kept)}
        idf += [1 + math.log((1 + len(rows)) / (1 + seen[feature])) for feature in kept]
    return columns, np.asarray(idf, dtype=np.float32)


def _row(
    views: Views, columns: dict[str, dict[str, int]], idf: NDArray[np.float32], view_weights: dict[str, float]
) -> tuple[list[int], list[float]]:
    places: list[int] = []
    values: list[float] = []
    for name, weight in view_weights.items():
        known = [(column, count) for feature, count in views[name].items()
                 if (column := columns[name].get(feature)) is not None]  # fmt: skip
        raw = [(1 + math.log(count)) * float(idf[column]) for column, count in known]
        length = math.sqrt(sum(value * value for value in raw))
        if length:
            places += [column for column, _ in known]
            values += [value * weight / length for value in raw]
    return places, values
