"""Fitting the fusion: weights by listwise softmax, probabilities by logistic regression, cross-validated.

Questions are grouped by their right procedure, so that no procedure is both trained on and tested with.
Formal questions made from shortened official titles are mixed in: without them formal wording is forgotten.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from evaluation.questions import Question
from knowledge.search import SearchEngine
from knowledge.search.features import features
from knowledge.search.fusion import Fusion, hidden, signals
from nlu.text import fold

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

FEATURES = (
    "lexical_name",
    "lexical_body",
    "lexical_common",
    "lexical_asked",
    "name_in_query",
    "query_in_name",
    "query_in_words",
    "dense_name",
    "dense_passage",
    "dense_common",
    "dense_asked",
    "dense_best",
    "standard",
    "citizen",
    "commune",
    "province_level",
    "popularity",
    "covered",
    "name_length",
    "foreign_province",
)
FOLDS = 5
_CANDIDATES = 60
_L2 = 2.0
_FORMAL = 400
_FORMAL_PATTERNS = (
    "{} cần giấy tờ gì?",
    "Hồ sơ {} gồm những gì?",
    "Lệ phí {} là bao nhiêu?",
    "{} mất bao lâu?",
    "Tôi muốn {} thì làm thế nào?",
    "{}",
    "thủ tục {}",
    "nộp hồ sơ {} ở đâu?",
)
# How much a question counts by where it comes from: real letters are few, made ones many.
_WEIGHTS = {"asked": 1.0, "unaccented": 0.6, "formal": 0.5}


@dataclass
class Example:
    """One question with its candidates: features (candidates, FEATURES) and which of them are right."""

    source: str
    fold: int
    weight: float
    words: int
    rows: NDArray[np.int64]
    table: Mapping[str, NDArray[np.float32]]
    matrix: Floats
    right: NDArray[np.bool_]


def fit(
    engine: SearchEngine, questions: Mapping[str, Sequence[Question]], foreign: Sequence[str], progress: Progress
) -> tuple[Fusion, dict[str, Any]]:
    """Fits weights and calibrations.

    Args:
        engine: search on the whole catalogue.
        questions: question sets by name.
        foreign: messages that are about no procedure.
        progress: called with a title, steps done and steps in all.

    Returns:
        The fusion fitted on everything, and the cross-validated report by question set.
    """
    examples = _examples(engine, questions, progress)
    scale = np.concatenate([e.matrix for e in examples]).std(0) + 1e-6
    held_out: list[tuple[Example, Floats]] = []
    for k in range(FOLDS):
        weights = _weights([e for e in examples if e.fold != k], scale)
        held_out += [(e, e.matrix @ weights) for e in examples if e.fold == k]
        progress("Cross-validating", k + 1, FOLDS)
    weights = _weights(examples, scale)
    asked = [(e, s) for e, s in held_out if e.source != "formal"]
    confidence = [_signals(e, s) for e, s in asked]
    is_right = np.array([bool(e.right[np.argmax(s)]) for e, s in asked])
    strangers = []
    for message in foreign:
        query = engine.query(message)
        table = features(engine.index, query)
        rows = _candidates(table)
        matrix = np.stack([table[name][rows] for name in FEATURES], 1).astype(float)
        strangers.append(_signals_of(table, rows, matrix @ weights, len(query.text.split())))
    fusion = Fusion(
        weights={name: round(float(w), 3) for name, w in zip(FEATURES, weights, strict=True)},
        probability=_logistic(confidence, is_right),
        relevance=_logistic(
            confidence + strangers, np.array([True] * len(confidence) + [False] * len(strangers))
        ),
    )
    return fusion, _report(held_out)


def _examples(
    engine: SearchEngine, questions: Mapping[str, Sequence[Question]], progress: Progress
) -> list[Example]:
    rows = engine.index.rows
    asked: list[tuple[str, float, str, set[int]]] = []
    for name, of_set in questions.items():
        for q in of_set:
            right = {rows[c] for c in q.gold if c in rows}
            weight = 2.0 if len(q.question.split()) > 40 else _WEIGHTS["asked"]
            asked.append((name, weight, q.question, right))
            asked.append(("unaccented", _WEIGHTS["unaccented"], fold(q.question), right))
    dice = random.Random(2)
    ordinary = [
        row
        for row, p in enumerate(engine.index.procedures)
        if not p.own_province and not p.priors["internal"]
    ]
    for row in dice.sample(ordinary, min(_FORMAL, len(ordinary))):
        text = dice.choice(_FORMAL_PATTERNS).format(_shortened(engine.index.procedures[row].name, dice))
        asked.append(("formal", _WEIGHTS["formal"], text, {row}))
    examples = []
    for done, (name, weight, text, right) in enumerate(asked, 1):
        progress("Reading questions", done, len(asked))
        if not right:
            continue
        query = engine.query(text)
        table = features(engine.index, query)
        candidates = _candidates(table)
        is_right = np.isin(candidates, list(right))
        examples.append(
            Example(
                source=name,
                fold=zlib.crc32(engine.index.procedures[min(right)].code.encode()) % FOLDS,
                weight=weight,
                words=len(query.text.split()),
                rows=candidates,
                table={name: values[candidates] for name, values in table.items()},
                matrix=np.stack([table[name][candidates] for name in FEATURES], 1).astype(float),
                right=is_right,
            )
        )
    return examples


def _shortened(title: str, dice: random.Random) -> str:
    """Shortens an official title as formal askers do: whole, its beginning, or with words left out."""
    words = re.sub(r"\(.*?\)", "", title).replace("Thủ tục ", "").lower().split()
    kind = dice.random()
    if kind < 0.35:
        kept = words
    elif kind < 0.7:
        kept = words[: max(3, int(len(words) * dice.uniform(0.4, 0.8)))]
    else:
        kept = [w for w in words if dice.random() > 0.25] or words
    return " ".join(kept)


def _candidates(table: Mapping[str, NDArray[np.float32]]) -> NDArray[np.int64]:
    """The best by an official-wording list and by a people's-wording list, together."""
    official = (
        0.5 * table["lexical_name"]
        + 0.2 * table["lexical_body"]
        + 2.5 * table["dense_name"]
        + 0.5 * table["dense_passage"]
    )
    people = (
        0.35 * table["lexical_name"]
        + 0.2 * table["lexical_common"]
        + 0.25 * table["lexical_asked"]
        + 3 * table["dense_best"]
    )
    out = hidden(table)
    official[out] = people[out] = -9
    return np.union1d(np.argsort(-official)[:_CANDIDATES], np.argsort(-people)[:_CANDIDATES])


def _weights(examples: Sequence[Example], scale: Floats) -> Floats:
    """Weights by which the softmax over the candidates gives the right ones the most, with an L2 penalty."""
    useful = [e for e in examples if e.right.any()]
    scaled = [e.matrix / scale for e in useful]

    def loss(w: Floats) -> tuple[float, Floats]:
        total, gradient = _L2 * float(w @ w), 2 * _L2 * w
        for example, matrix in zip(useful, scaled, strict=True):
            scores = matrix @ w
            share = np.exp(scores - scores.max())
            share /= share.sum()
            of_right = share * example.right
            mass = of_right.sum() + 1e-12
            total -= example.weight * float(np.log(mass))
            gradient = gradient - example.weight * (matrix.T @ (of_right / mass - share))
        return total, gradient

    start = np.zeros(len(FEATURES))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    weights: Floats = found.x / scale
    return weights


def _signals(example: Example, scores: Floats) -> dict[str, float]:
    return _signals_of(example.table, np.arange(len(scores)), scores, example.words)


def _signals_of(
    table: Mapping[str, NDArray[np.float32]], rows: NDArray[np.int64], scores: Floats, words: int
) -> dict[str, float]:
    order = np.argsort(-scores)
    return signals(table, rows[order], scores[order].astype(np.float32), words)


def _logistic(seen: Sequence[Mapping[str, float]], truth: NDArray[np.bool_]) -> dict[str, float]:
    """Logistic regression with a light penalty; gives weights by signal name, with `bias`."""
    names = sorted(seen[0])
    matrix = np.array([[s[name] for name in names] for s in seen])
    centre, scale = matrix.mean(0), matrix.std(0) + 1e-6
    scaled = np.hstack([(matrix - centre) / scale, np.ones((len(matrix), 1))])
    sign = np.where(truth, 1.0, -1.0)

    def loss(w: Floats) -> tuple[float, Floats]:
        z = sign * (scaled @ w)
        penalty = 0.5 * float(w[:-1] @ w[:-1])
        slope = -sign / (1 + np.exp(np.clip(z, -40, 40)))
        gradient = scaled.T @ slope
        gradient[:-1] += w[:-1]
        return float(np.logaddexp(0, -z).sum()) + penalty, gradient

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
