"""Learning the adapter: every phrase of ours asks for its procedure among all others, itself hidden.

A procedure's nearness to a question is the softened maximum over all that is said and written of it, as search takes
the maximum; the map is moved so that the right procedure stands out. Few rounds on purpose: more of them learn our
phrases by heart and questions by others get worse.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.training.material import formal_question, is_held_out, letters
from knowledge.model import Procedure
from knowledge.search.adapter import Adapter
from knowledge.search.embeddings import EmbeddingCache
from knowledge.search.provinces import own_province
from knowledge.search.texts import name_text, passage_text, phrases
from nlu.encoder import Encoder
from nlu.text import clean, expand

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Progress = Callable[[str, int, int], None]

ROUNDS = 100
_RATE = 3e-3
_WARM_UP = 10
_SHARPNESS = np.float32(1 / 0.03)
_SHRINK = np.float32(1e-4)
# How many questions of each kind a round asks, and what a formal one counts.
_PEOPLE, _FORMAL, _LETTERS = 160, 64, 32
_FORMAL_WEIGHT = np.float32(0.3)
_FORMAL_EACH = 3
# As search does: a title is a little nearer to everything.
_NAME_HANDICAP, _PASSAGE_HANDICAP = np.float32(0.02), np.float32(0.03)
_SEED = 2


@dataclass(frozen=True)
class _Searched:
    """All that is searched: vectors, whose they are, what is taken off their nearness."""

    vectors: Floats
    owners: Rows
    handicap: Floats
    places: dict[str, int]


@dataclass(frozen=True)
class _Asked:
    """Questions of one kind: vectors, which procedure each asks for, and where it is itself searched (or -1)."""

    vectors: Floats
    rows: Rows
    itself: Rows


def learn_adapter(
    procedures: Sequence[Procedure],
    encoder: Encoder,
    cache: EmbeddingCache,
    progress: Progress,
    *,
    rounds: int = ROUNDS,
) -> Adapter:
    """Learns the map; the same for the same catalogue, encoder and machine.

    Args:
        procedures: the whole catalogue.
        encoder: the model that the map is for.
        cache: vectors from before.
        progress: called with a title, steps done and steps in all.
        rounds: how often a batch of questions is asked.
    """
    searched = _searched(procedures, encoder, cache, progress)
    kinds = _asked(procedures, searched, encoder, cache, progress)
    hidden = np.array([bool(p.portal and p.portal.is_internal) for p in procedures])
    dice = np.random.default_rng(_SEED)
    size = searched.vectors.shape[1]
    matrix: Floats = np.zeros((size, size), np.float32)
    mean, spread = np.zeros_like(matrix), np.zeros_like(matrix)
    # From each kind of questions so many a round.
    counts = (_PEOPLE, _FORMAL, _LETTERS)
    weights = np.concatenate([np.full(n, w, np.float32) for n, w in zip(counts, (1, _FORMAL_WEIGHT, 1), strict=True)])
    for step in range(rounds):
        drawn = [dice.choice(len(kind.rows), n) for kind, n in zip(kinds, counts, strict=True)]
        batch = _Asked(
            *(
                np.concatenate([getattr(kind, part)[d] for kind, d in zip(kinds, drawn, strict=True)])
                for part in ("vectors", "rows", "itself")
            )
        )
        slope = _slope(matrix, batch, weights, searched, hidden) + 2 * _SHRINK * matrix
        # Adam, https://arxiv.org/abs/1412.6980
        mean = (0.9 * mean + 0.1 * slope).astype(np.float32)
        spread = (0.999 * spread + 0.001 * slope * slope).astype(np.float32)
        rate = np.float32(_RATE * (1 - step / rounds) * min(1.0, (step + 1) / _WARM_UP))
        fair = mean / np.float32(1 - 0.9 ** (step + 1))
        fair_spread = np.sqrt(spread / np.float32(1 - 0.999 ** (step + 1))) + np.float32(1e-8)
        matrix = (matrix - rate * fair / fair_spread).astype(np.float32)
        progress("Learning the adapter", step + 1, rounds)
    return Adapter(matrix.astype(np.float16).astype(np.float32))


def _slope(matrix: Floats, asked: _Asked, weights: Floats, searched: _Searched, hidden: NDArray[np.bool_]) -> Floats:
    """Gradient of the mean loss, -log of the share that the right procedures have."""
    questions, question_length = _mapped(asked.vectors, matrix)
    texts, text_length = _mapped(searched.vectors, matrix)
    nearness = (questions @ texts.T - searched.handicap) * _SHARPNESS
    seen = asked.itself >= 0
    nearness[np.flatnonzero(seen), asked.itself[seen]] = -np.inf
    nearness[:, hidden[searched.owners]] = -np.inf
    share = np.exp(nearness - nearness.max(axis=1, keepdims=True))
    right = share * (searched.owners[None, :] == asked.rows[:, None])
    of_all = share.sum(axis=1, keepdims=True)
    of_right = np.maximum(right.sum(axis=1, keepdims=True), np.float32(1e-12))
    pull = (share / of_all - right / of_right) * (weights / len(weights))[:, None] * _SHARPNESS
    pull = pull.astype(np.float32)
    back_questions = _through_length(pull @ texts, questions, question_length)
    back_texts = _through_length(pull.T @ questions, texts, text_length)
    slope: Floats = asked.vectors.T @ back_questions + searched.vectors.T @ back_texts
    return slope


def _mapped(vectors: Floats, matrix: Floats) -> tuple[Floats, Floats]:
    moved = vectors + vectors @ matrix
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return moved / length, length


def _through_length(slope: Floats, unit: Floats, length: Floats) -> Floats:
    """Gradient before vectors are brought to length 1."""
    along = (slope * unit).sum(axis=1, keepdims=True)
    through: Floats = (slope - unit * along) / length
    return through


def _searched(
    procedures: Sequence[Procedure], encoder: Encoder, cache: EmbeddingCache, progress: Progress
) -> _Searched:
    """Everything that the index holds, in the roles that it holds it in."""
    titles = [(row, text(p)) for text in (name_text, passage_text) for row, p in enumerate(procedures)]
    said = [(row, phrase) for row, p in enumerate(procedures) for phrase in phrases(p)]
    named = [(row, p.text) for row, p in said if p.kind == "common_name"]
    asked = [(row, p.text) for row, p in said if p.kind != "common_name"]
    as_passages = titles + named
    vectors = [
        cache.passages(encoder, [text for _, text in as_passages], progress=_report(progress)),
        cache.passages(encoder, [text for _, text in asked], as_queries=True, progress=_report(progress)),
    ]
    size = len(procedures)
    handicap = np.zeros(len(as_passages) + len(asked), np.float32)
    handicap[:size], handicap[size : 2 * size] = _NAME_HANDICAP, _PASSAGE_HANDICAP
    everything = [*as_passages, *asked]
    return _Searched(
        vectors=np.concatenate(vectors),
        owners=np.array([row for row, _ in everything], np.int64),
        handicap=handicap,
        places={text: place for place, (_, text) in enumerate(everything) if place >= 2 * size},
    )


def _asked(
    procedures: Sequence[Procedure], searched: _Searched, encoder: Encoder, cache: EmbeddingCache, progress: Progress
) -> tuple[_Asked, _Asked, _Asked]:
    """People's phrases, formal questions and letters."""
    dice = random.Random(_SEED)
    people = [(row, phrase.text) for row, p in enumerate(procedures) for phrase in phrases(p)]
    formal = [
        (row, formal_question(p.name, dice))
        for row, p in enumerate(procedures)
        if not own_province(p.portal)
        for _ in range(_FORMAL_EACH)
    ]
    rows = {p.code: row for row, p in enumerate(procedures)}
    written = [
        (rows[code], expand(clean(x.text)))
        for x in letters()
        if not is_held_out(x)
        for code in x.gold[:1]
        if code in rows
    ]

    def of(texts: Sequence[tuple[int, str]]) -> _Asked:
        vectors = cache.passages(encoder, [text for _, text in texts], as_queries=True, progress=_report(progress))
        itself = [searched.places.get(text, -1) for _, text in texts]
        return _Asked(vectors, np.array([row for row, _ in texts], np.int64), np.array(itself, np.int64))

    return of(people), of(formal), of(written)


def _report(progress: Progress) -> Progress:
    return lambda _, done, total: progress("Encoding what is asked", done, total)
