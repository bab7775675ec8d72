"""Finding the procedure a person means: FAISS over several vectors a procedure, a fielded lexical index over
accent-stripped words, and a calibrated fusion of the two with priors for the ordinary case.

`SearchEngine` is the door; `build_index` makes what it opens. Imports `knowledge.model`, `knowledge.store`
and `nlu`.
"""

from knowledge.search.build import build_index
from knowledge.search.engine import Hit, SearchEngine, SearchResult
from knowledge.search.index import SearchIndex, current_version, is_current

__all__ = [
    "Hit",
    "SearchEngine",
    "SearchIndex",
    "SearchResult",
    "build_index",
    "current_version",
    "is_current",
]
