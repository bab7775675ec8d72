"""The door to search: a message in, ranked procedures out, always on the newest index."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import IndexCorrupt, IndexMissing
from knowledge.search.adapter import Adapter
from knowledge.search.features import Query, features
from knowledge.search.index import SearchIndex, current_folder, current_stamp
from knowledge.search.provinces import Provinces, province_key
from knowledge.search.ranker import Ranked, Ranker
from nlu.encoder import Encoder
from nlu.text import Reading, asking_part, without_purpose

log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
# From this probability on a message is read without what the paper it asks for is wanted for.
_SURE = 0.6


@dataclass(frozen=True)
class Hit:
    """One procedure found; `score` orders, `features` explain, `family` is shared by variants of one thing,
    which `qualifiers` tell apart.
    """

    code: str
    name: str
    plain_name: str
    score: float
    family: str = ""
    qualifiers: tuple[str, ...] = ()
    features: dict[str, float] = field(repr=False, default_factory=dict)


@dataclass(frozen=True)
class SearchResult:
    """What a search found, best first.

    probability: that the first hit is the right one, calibrated.
    relevance: that the message is about any procedure at all, calibrated.
    """

    text: str
    hits: tuple[Hit, ...]
    probability: float
    relevance: float
    catalogue_version: int
    index_version: str
    milliseconds: float


class SearchEngine:
    """Searches the index version in force and follows it when another is switched to.

    Safe to share between threads. A version that cannot be opened is reported once and the old one stays.
    """

    def __init__(
        self,
        root: Path,
        encoder: Encoder,
        *,
        province: str = "",
        ranker: Ranker | None = None,
        follow: bool = True,
    ) -> None:
        """Opens the index.

        Args:
            root: folder of index versions.
            encoder: the encoder the index was built with.
            province: the own province, or empty.
            ranker: how features are weighed; the project's own calibration when None.
            follow: watch for newer versions in the background.

        Raises:
            IndexMissing: nothing has been built.
            IndexCorrupt: the version in force cannot be used, or was built with another encoder.
        """
        self._root, self._encoder = root, encoder
        self._adapter = Adapter.for_encoder(encoder)
        self._province = province_key(province)
        self._ranker = ranker or Ranker.load()
        self._stamp = current_stamp(root)
        self._index = self._open()
        self._provinces = _provinces(self._index)
        self._stopped = threading.Event()
        self._listeners: list[Callable[[SearchIndex], None]] = []
        if follow:
            threading.Thread(target=self._watch, name="index-watch", daemon=True).start()

    def _open(self) -> SearchIndex:
        index = SearchIndex.open(current_folder(self._root))
        if index.manifest.encoder != self._encoder.fingerprint:
            raise IndexCorrupt("the index was built with another encoder: run 'motcua index build'")
        if index.manifest.adapter != self._adapter.digest:
            raise IndexCorrupt("the index was built with another adapter: run 'motcua index build'")
        return index

    def close(self) -> None:
        """Stops watching for newer versions."""
        self._stopped.set()

    def on_switch(self, listener: Callable[[SearchIndex], None]) -> None:
        """Has a function called with the new index after each switch."""
        self._listeners.append(listener)

    @property
    def ranker(self) -> Ranker:
        """What orders the hits."""
        return self._ranker

    @property
    def index(self) -> SearchIndex:
        """The index version that answers at the moment."""
        return self._index

    def _watch(self) -> None:
        while not self._stopped.wait(_POLL_SECONDS):
            self.refresh()

    def refresh(self) -> bool:
        """Switches to the version in force if it is another; says whether it did."""
        stamp = current_stamp(self._root)
        if not stamp[0] or stamp == self._stamp:
            return False
        # Remembered even if it cannot be opened, so that it is reported once and tried again when mended.
        self._stamp = stamp
        try:
            index = self._open()
        except (IndexCorrupt, IndexMissing) as cause:
            log.error("index %s is not used: %s", stamp[0], cause)
            return False
        self._index, self._provinces = index, _provinces(index)
        log.info("index %s is in use", stamp[0])
        for listener in self._listeners:
            listener(index)
        return True

    def read(self, message: str) -> str:
        """Gives a message as search reads it: keys decoded, short forms written out, slips mended, accents restored."""
        return self._index.reader.read(message)

    def explain(self, message: str) -> Reading:
        """Reads a message and tells what was changed on the way."""
        return self._index.reader.explain(message)

    def query(self, message: str) -> Query:
        """Makes a message ready for search."""
        text = self.read(message)
        focus = asking_part(text)
        vector = self._vector(text)
        focus_vector = vector if focus == text else self._vector(focus)
        return Query(text, vector, focus, focus_vector, self._province_in(text))

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self._adapter.apply(self._encoder.encode_queries([text]))[0]
        return vector

    def _province_in(self, text: str) -> str:
        """The own province, unless only others are named: then the last of them, as stories end there."""
        named = self._provinces.named(text)
        return self._province if self._province in named or not named else named[-1]

    def search(self, message: str, k: int = 10) -> SearchResult:
        """Finds the procedures a message is about.

        Args:
            message: as the person typed it.
            k: how many to give at most.
        """
        start = time.perf_counter()
        index = self._index
        query = self.query(message)
        table, ranked = self._rank(index, query)
        wanted = without_purpose(query.text)
        if wanted != query.text:
            vector = self._vector(wanted)
            bare = Query(wanted, vector, wanted, vector, query.province)
            bare_table, bare_ranked = self._rank(index, bare)
            if bare_ranked.probability >= _SURE and bare_ranked.rows[0] != ranked.rows[0]:
                table, ranked = bare_table, bare_ranked
        hits = []
        for row, score in zip(ranked.rows[:k], ranked.scores[:k], strict=True):
            procedure = index.procedures[row]
            hits.append(
                Hit(
                    procedure.code,
                    procedure.name,
                    procedure.plain_name,
                    float(score),
                    procedure.family,
                    tuple(procedure.titled),
                    {name: round(float(table[name][row]), 4) for name in self._ranker.weights},
                )
            )
        return SearchResult(
            text=query.text,
            hits=tuple(hits),
            probability=ranked.probability,
            relevance=ranked.relevance,
            catalogue_version=index.manifest.catalogue_version,
            index_version=index.manifest.version,
            milliseconds=(time.perf_counter() - start) * 1000,
        )


    def _rank(self, index: SearchIndex, query: Query) -> tuple[Mapping[str, NDArray[np.float32]], Ranked]:
        table = features(index, query)
        return table, self._ranker.rank(table, words=len(query.text.split()))


def _provinces(index: SearchIndex) -> Provinces:
    return Provinces(procedure.own_province for procedure in index.procedures)
