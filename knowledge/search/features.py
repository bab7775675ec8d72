"""Named features of a procedure for one query: what fusion weighs and what an explanation shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.search.index import SearchIndex

Floats = NDArray[np.float32]

# Vectors that FAISS looks up: enough that the right procedure is nearly always among them.
_NEAREST_TITLES = 400
_NEAREST_PHRASES = 600


@dataclass(frozen=True)
class Query:
    """A message made ready for search.

    text: accents restored, abbreviations written out; what the encoder reads.
    vector: of `text`, shape (dimension,), length 1.
    province: key of the province in force (own or named in the message), or empty.
    """

    text: str
    vector: Floats
    province: str = ""


def features(index: SearchIndex, query: Query) -> dict[str, Floats]:
    """Computes every feature of every procedure.

    Returns:
        Arrays of shape (procedures,) by name. Lexical ones are scaled to 1 for the best of their field,
        dense ones are cosines (about .7 for unrelated texts, see `vectors.FLOOR`), priors are as indexed.
    """
    lexical = index.lexical.scores(query.text)
    table: dict[str, Floats] = {f"lexical_{field}": scores for field, scores in lexical.items()}
    table |= index.coverage.of(query.text)
    table["dense_name"] = index.names.best(query.vector, _NEAREST_TITLES)
    table["dense_passage"] = index.passages.best(query.vector, _NEAREST_TITLES)
    table["dense_common"] = index.phrases["common_name"].best(query.vector, _NEAREST_PHRASES)
    table["dense_asked"] = np.maximum(
        index.phrases["question"].best(query.vector, _NEAREST_PHRASES),
        index.phrases["situation"].best(query.vector, _NEAREST_PHRASES),
    )
    table["dense_best"] = np.maximum.reduce(
        [table["dense_name"] - np.float32(0.02), table["dense_common"], table["dense_asked"]]
    )
    table |= index.priors
    table["foreign_province"] = index.foreign_provinces(query.province).astype(np.float32)
    return table
