"""Named features of a procedure for one query: what the ranker weighs and what an explanation shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.search.index import SearchIndex

Floats = NDArray[np.float32]

TWINS = "_twins"
"""Not a feature: equal numbers mark one procedure at several levels of administration."""

# Vectors that FAISS looks up: enough that the right procedure is nearly always among them.
_NEAREST_TITLES = 400
_NEAREST_PHRASES = 600
# A title is a little nearer to everything than a question is.
_TITLE_HANDICAP = np.float32(0.02)


@dataclass(frozen=True)
class Query:
    """A message made ready for search.

    text: accents restored, abbreviations written out; what the encoder reads.
    vector: of `text`, shape (dimension,), length 1.
    focus: the part of a long message that asks; the same text for a short one.
    focus_vector: of `focus`.
    province: key of the province in force (own or named in the message), or empty.
    """

    text: str
    vector: Floats
    focus: str
    focus_vector: Floats
    province: str = ""


def features(index: SearchIndex, query: Query) -> dict[str, Floats]:
    """Computes every feature of every procedure.

    Returns:
        Arrays of shape (procedures,) by name. Lexical ones are scaled to 1 for the best of their field,
        dense ones are cosines, priors are as indexed. What compares the words of the query comes twice, for the
        whole message and, as `focus_…`, for the part that asks.
    """
    table = _compared(index, query.text, query.vector)
    asking = table if query.focus == query.text else _compared(index, query.focus, query.focus_vector)
    table |= {f"focus_{name}": values for name, values in asking.items()}
    table |= index.qualifiers.of(query.focus)
    table |= index.priors
    table[TWINS] = index.twins
    table["foreign_province"] = index.foreign_provinces(query.province).astype(np.float32)
    return table


def _compared(index: SearchIndex, text: str, vector: Floats) -> dict[str, Floats]:
    table: dict[str, Floats] = {f"lexical_{field}": scores for field, scores in index.lexical.scores(text).items()}
    table |= index.coverage.of(text)
    table["dense_name"] = index.names.best(vector, _NEAREST_TITLES)
    table["dense_passage"] = index.passages.best(vector, _NEAREST_TITLES)
    common = index.phrases["common_name"].best(vector, _NEAREST_PHRASES)
    questions, backed = index.phrases["question"].best_and_backed(vector, _NEAREST_PHRASES)
    situations = index.phrases["situation"].best(vector, _NEAREST_PHRASES)
    table["dense_common"] = common
    table["dense_asked"] = np.maximum(questions, situations)
    table["dense_backed"] = backed
    table["dense_best"] = np.maximum.reduce([table["dense_name"] - _TITLE_HANDICAP, common, questions, situations])
    return table
