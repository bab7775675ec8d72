"""A linear model over named feature views: trained with scikit-learn, read and used with numpy alone."""

from __future__ import annotations

import json
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Views = Mapping[str, Counter[str]]

# How near to the best separators the training comes before it stops.
_PRECISION = 1e-2
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
        rows: Iterable[Views],
        labels: Sequence[str],
        view_weights: dict[str, float],
        strength: float,
        least: dict[str, int],
        sharpness: float,
    ) -> LinearModel:
        """Trains on rows of feature views; the same rows give the same model.

        Args:
            rows: one set of views per example; read once, so they may be made while they are read.
            labels: the label of each row.
            view_weights: length of each view's vector; a view not named is not used.
            strength: inverse of the regularisation (scikit-learn's C).
            least: in how many rows a feature of a view must occur to be kept.
            sharpness: see the constructor.
        """
        from scipy.sparse import csr_matrix
        from sklearn.svm import LinearSVC

        counted = _Counted(list(view_weights))
        for row in rows:
            counted.add(row)
        columns, idf, places, values, ends = counted.weighted(view_weights, least)
        matrix = csr_matrix((values, places, ends), shape=(len(ends) - 1, len(idf)))
        model = LinearSVC(C=strength, class_weight="balanced", random_state=0, tol=_PRECISION)
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


class _Counted:
    """The features of many rows as numbers: a few bytes for each feature of a row, where a Counter takes a hundred."""

    def __init__(self, views: list[str]) -> None:
        self._views = views
        self._known: list[dict[str, int]] = [{} for _ in views]
        self._features: list[tuple[int, str]] = []
        self._found, self._counts, self._ends = array("i"), array("f"), array("q", [0])

    def add(self, row: Views) -> None:
        """Takes up a row; its views end one after another in `_ends`."""
        for view, name in enumerate(self._views):
            known = self._known[view]
            for feature, count in row[name].items():
                number = known.get(feature)
                if number is None:
                    number = known[feature] = len(self._features)
                    self._features.append((view, feature))
                self._found.append(number)
                self._counts.append(count)
            self._ends.append(len(self._found))

    def weighted(self, view_weights: dict[str, float], least: dict[str, int]) -> tuple[Any, ...]:
        """Gives columns by view, idf of each column, and the rows as a sparse matrix: columns, values, row ends."""
        found = np.frombuffer(self._found, dtype=np.int32)
        rows = (len(self._ends) - 1) // len(self._views)
        seen = np.bincount(found, minlength=len(self._features))
        kept = [
            number for number, (view, _) in enumerate(self._features) if seen[number] >= least.get(self._views[view], 1)
        ]
        kept.sort(key=self._features.__getitem__)
        columns: dict[str, dict[str, int]] = {name: {} for name in self._views}
        for column, number in enumerate(kept):
            view, feature = self._features[number]
            columns[self._views[view]][feature] = column
        idf = (1 + np.log((1 + rows) / (1 + seen[kept]))).astype(np.float32)

        column_of = np.full(len(self._features), -1, dtype=np.int32)
        column_of[kept] = np.arange(len(kept), dtype=np.int32)
        segment = np.repeat(np.arange(len(self._ends) - 1), np.diff(self._ends))
        here = column_of[found] >= 0
        places, segment = column_of[found][here], segment[here]
        values = (1 + np.log(np.frombuffer(self._counts, dtype=np.float32)[here])) * idf[places]
        length = np.sqrt(np.bincount(segment, weights=values.astype(np.float64) ** 2, minlength=len(self._ends) - 1))
        weight = np.array([view_weights[name] for name in self._views])
        values = values * weight[segment % len(self._views)] / length[segment]
        ends = np.concatenate([[0], np.cumsum(np.bincount(segment // len(self._views), minlength=rows))])
        return columns, idf, places, values, ends


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
