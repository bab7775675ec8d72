"""Fitting the ranker: weights by listwise softmax, trees on top of them, probabilities by logistic regression.

Questions are grouped by their right procedure, so that no procedure is both trained on and tested with. Beside the
questions given there are phrases of our own, each asked of an index that does not hold it, letters, formal
questions made of official titles (without them formal wording is forgotten), and the noise ladder.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from evaluation.noise import RUNGS, noisy
from evaluation.questions import Question
from evaluation.training.material import Hidden, formal_question, is_held_out, letters
from knowledge.search import SearchEngine
from knowledge.search.features import TWINS, features
from knowledge.search.ranker import Ranker, candidates, signals

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

FOLDS = 5
_L2 = 4.0
_ROUNDS = 120
_TREES: dict[str, Any] = {
    "objective": "lambdarank",
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 20,
    "lambdarank_truncation_level": 5,
    "num_threads": 2,
    "seed": 1,
    "deterministic": True,
    "verbose": -1,
}
_FORMAL = 700
# What a question counts by where it comes from: real letters are few, made questions many.
_WEIGHTS = {"own": 0.7, "formal": 0.5, "letter": 1.0, "rung": 0.25}
_LONG_WEIGHT = 2.0
_LONG = 40
# Where these come from says nothing of how sure an answer to a citizen is.
_NOT_CALIBRATED_ON = ("formal", "letter")


@dataclass
class Example:
    """One question with its candidates: features (candidates, names) and which of them are right."""

    source: str
    fold: int
    weight: float
    words: int
    table: Mapping[str, NDArray[np.float32]]
    matrix: Floats
    right: NDArray[np.bool_]


@dataclass(frozen=True)
class _Fitted:
    weights: Floats
    trees: lightgbm.Booster

    def scores(self, matrix: Floats) -> Floats:
        total: Floats = matrix @ self.weights + self.trees.predict(matrix, num_threads=1)
        return total


def fit(
    engine: SearchEngine,
    questions: Mapping[str, Sequence[Question]],
    hidden: tuple[SearchEngine, Sequence[Hidden]],
    foreign: Sequence[str],
    progress: Progress,
) -> tuple[Ranker, dict[str, Any]]:
    """Fits weights, trees and calibrations.

    Args:
        engine: search on the whole catalogue.
        questions: question sets by name.
        hidden: search on the catalogue without some phrases, and these phrases.
        foreign: messages that are about no procedure.
        progress: called with a title, steps done and steps in all.

    Returns:
        The ranker fitted on everything, and the cross-validated report by question set and rung.
    """
    names, examples = _examples(engine, questions, hidden, progress)
    held_out: list[tuple[Example, Floats]] = []
    for k in range(FOLDS):
        fitted = _fit([e for e in examples if e.fold != k])
        held_out += [(e, fitted.scores(e.matrix)) for e in examples if e.fold == k]
        progress("Cross-validating", k + 1, FOLDS)
    fitted = _fit(examples)
    asked = [(e, s) for e, s in held_out if not e.source.startswith(_NOT_CALIBRATED_ON)]
    confidence = [_signals(e.table, s, e.words) for e, s in asked]
    is_right = np.array([bool(e.right[np.argmax(s)]) for e, s in asked])
    strangers = [_signals(*_of_stranger(engine, names, message, fitted)) for message in foreign]
    of_asked = np.array([e.weight for e, _ in asked])
    # All that is foreign together counts as much as all that is not.
    of_both = np.concatenate([of_asked, np.full(len(strangers), of_asked.sum() / max(len(strangers), 1))])
    ranker = Ranker(
        weights={name: round(float(w), 4) for name, w in zip(names, fitted.weights, strict=True)},
        trees=fitted.trees,
        probability=_logistic(confidence, is_right, of_asked),
        relevance=_logistic(
            confidence + strangers, np.array([True] * len(confidence) + [False] * len(strangers)), of_both
        ),
    )
    return ranker, _report(held_out)


def _examples(
    engine: SearchEngine,
    questions: Mapping[str, Sequence[Question]],
    hidden: tuple[SearchEngine, Sequence[Hidden]],
    progress: Progress,
) -> tuple[list[str], list[Example]]:
    rows = engine.index.rows
    asked: list[tuple[SearchEngine, str, float, str, set[int]]] = []
    for name, of_set in questions.items():
        for q in of_set:
            right = {rows[c] for c in q.gold if c in rows}
            is_long = len(q.question.split()) > _LONG
            asked.append((engine, name, _LONG_WEIGHT if is_long else 1.0, q.question, right))
            for rung in RUNGS if not is_long else ():
                asked.append((engine, f"{name}:{rung}", _WEIGHTS["rung"], noisy(q.question, rung, q.id), right))
    for letter in letters():
        source = "letter (held out)" if is_held_out(letter) else "letter"
        asked.append((engine, source, _WEIGHTS["letter"], letter.text, {rows[c] for c in letter.gold if c in rows}))
    dice = random.Random(2)
    for number, phrase in enumerate(hidden[1]):
        rung = dice.choice(["", "", "", "unaccented", "typo", "everything"])
        text = noisy(phrase.text, rung, str(number)) if rung else phrase.text
        asked.append((hidden[0], "own", _WEIGHTS["own"], text, {phrase.row}))
    ordinary = [row for row, p in enumerate(engine.index.procedures) if not p.own_province and not p.priors["internal"]]
    for row in dice.sample(ordinary, min(_FORMAL, len(ordinary))):
        text = formal_question(engine.index.procedures[row].name, dice)
        asked.append((engine, "formal", _WEIGHTS["formal"], text, {row}))
    names: list[str] = []
    examples = []
    for done, (searched, source, weight, text, right) in enumerate(asked, 1):
        progress("Reading questions", done, len(asked))
        if not right:
            continue
        query = searched.query(text)
        table = features(searched.index, query)
        names = names or [name for name in table if name != TWINS]
        found = candidates(table)
        examples.append(
            Example(
                source=source,
                fold=zlib.crc32(engine.index.procedures[min(right)].code.encode()) % FOLDS,
                weight=weight,
                words=len(query.text.split()),
                table={name: values[found] for name, values in table.items()},
                matrix=np.stack([table[name][found] for name in names], 1).astype(float),
                right=np.isin(found, list(right)),
            )
        )
    return names, examples


def _of_stranger(
    engine: SearchEngine, names: Sequence[str], message: str, fitted: _Fitted
) -> tuple[Mapping[str, NDArray[np.float32]], Floats, int]:
    query = engine.query(message)
    table = features(engine.index, query)
    found = candidates(table)
    matrix = np.stack([table[name][found] for name in names], 1).astype(float)
    return {name: values[found] for name, values in table.items()}, fitted.scores(matrix), len(query.text.split())


def _fit(examples: Sequence[Example]) -> _Fitted:
    useful = [e for e in examples if e.right.any()]
    sizes = np.array([len(e.right) for e in useful])
    matrix = np.concatenate([e.matrix for e in useful])
    right = np.concatenate([e.right for e in useful])
    weights = np.array([e.weight for e in useful])
    linear = _weights(matrix, right, sizes, weights)
    data = lightgbm.Dataset(
        matrix,
        right.astype(int),
        group=sizes,
        weight=np.repeat(weights, sizes),
        init_score=matrix @ linear,
    )
    return _Fitted(linear, lightgbm.train(_TREES, data, num_boost_round=_ROUNDS))


def _weights(matrix: Floats, right: NDArray[np.bool_], sizes: NDArray[np.int64], counted: Floats) -> Floats:
    """Weights by which the softmax over the candidates gives the right ones the most, with an L2 penalty.

    Args:
        matrix: features of the candidates of all questions, one question after the other.
        right: which candidates are right.
        sizes: how many candidates each question has.
        counted: what each question counts.
    """
    scale = matrix.std(0) + 1e-6
    scaled = matrix / scale
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    question = np.repeat(np.arange(len(sizes)), sizes)
    is_right = right.astype(float)

    def loss(w: Floats) -> tuple[float, Floats]:
        scores = scaled @ w
        share = np.exp(scores - np.maximum.reduceat(scores, starts)[question])
        of_all = np.add.reduceat(share, starts)
        of_right = np.add.reduceat(share * is_right, starts) + 1e-12
        pull = (share * is_right / of_right[question] - share / of_all[question]) * counted[question]
        value = -float((counted * np.log(of_right / of_all)).sum()) + _L2 * float(w @ w)
        return value, 2 * _L2 * w - scaled.T @ pull

    found = minimize(loss, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    weights: Floats = found.x / scale
    return weights


def _signals(table: Mapping[str, NDArray[np.float32]], scores: Floats, words: int) -> dict[str, float]:
    order = np.argsort(-scores)
    return signals(table, order, scores[order].astype(np.float32), words)


def _logistic(seen: Sequence[Mapping[str, float]], truth: NDArray[np.bool_], counted: Floats) -> dict[str, float]:
    """Logistic regression with a light penalty; gives weights by signal name, with `bias`."""
    names = sorted(seen[0])
    matrix = np.array([[s[name] for name in names] for s in seen])
    centre, scale = matrix.mean(0), matrix.std(0) + 1e-6
    scaled = np.hstack([(matrix - centre) / scale, np.ones((len(matrix), 1))])
    sign = np.where(truth, 1.0, -1.0)

    def loss(w: Floats) -> tuple[float, Floats]:
        z = sign * (scaled @ w)
        penalty = 0.5 * float(w[:-1] @ w[:-1])
        slope = -counted * sign / (1 + np.exp(np.clip(z, -40, 40)))
        gradient = scaled.T @ slope
        gradient[:-1] += w[:-1]
        return float((counted * np.logaddexp(0, -z)).sum()) + penalty, gradient

    w = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    weights = {name: round(float(x), 4) for name, x in zip(names, w[:-1] / scale, strict=True)}
    weights["bias"] = round(float(w[-1] - (w[:-1] / scale) @ centre), 4)
    return weights


def _report(held_out: Sequence[tuple[Example, Floats]]) -> dict[str, Any]:
    ranks: dict[str, list[int]] = {}
    for example, scores in held_out:
        order = example.right[np.argsort(-scores)]
        ranks.setdefault(example.source, []).append(int(np.argmax(order)) + 1 if order.any() else 999)
    return {
        name: {
            "n": len(of_set),
            "hit@1": round(float(np.mean([r <= 1 for r in of_set])), 4),
            "hit@5": round(float(np.mean([r <= 5 for r in of_set])), 4),
        }
        for name, of_set in sorted(ranks.items())
    }
