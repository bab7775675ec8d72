"""The adapter: a linear map, learned from the project's own words, that brings what people say near what is meant.

A general encoder finds two administrative texts alike whatever they are about; the map stretches the directions in
which procedures differ. It is applied to vectors of questions and of what is searched alike, so it costs one small
product a message. It holds for the model it was learned with; with any other, vectors stay as they are.
"""

from __future__ import annotations

import hashlib
import logging
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from nlu.encoder import Encoder

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]

_LEARNED = Path(__file__).with_name("adapter.npz")


class Adapter:
    """x → (x + xA) / |x + xA|; without a matrix, x itself."""

    def __init__(self, matrix: Floats | None = None) -> None:
        """Takes the map.

        Args:
            matrix: A, shape (dimension, dimension), or None for no change.
        """
        self._matrix = None if matrix is None else matrix.astype(np.float32)
        content = b"" if self._matrix is None else self._matrix.tobytes()
        self.digest = hashlib.sha256(content).hexdigest()[:16]
        """Tells this map from others; vectors that are kept carry it."""

    def apply(self, vectors: Floats) -> Floats:
        """Maps vectors of length 1, shape (..., dimension), to such vectors."""
        if self._matrix is None or vectors.size == 0:
            return vectors
        mapped = vectors + vectors @ self._matrix
        length = np.linalg.norm(mapped, axis=-1, keepdims=True)
        adapted: Floats = (mapped / np.maximum(length, np.float32(1e-9))).astype(np.float32)
        return adapted

    @classmethod
    def for_encoder(cls, encoder: Encoder, path: Path = _LEARNED) -> Adapter:
        """Gives the map learned with an encoder's model, or none where it was learned with another."""
        return _read(path, encoder.model, encoder.dimension)

    def save(self, encoder: Encoder, path: Path = _LEARNED) -> None:
        """Puts the map into force for processes that start from now on; kept in half precision."""
        assert self._matrix is not None, "there is nothing to keep of an adapter without a map"
        np.savez_compressed(path, matrix=self._matrix.astype(np.float16), model=np.array(encoder.model))
        _read.cache_clear()


@lru_cache(maxsize=4)
def _read(path: Path, model: str, dimension: int) -> Adapter:
    try:
        with np.load(path) as kept:
            matrix, learned_with = kept["matrix"], str(kept["model"])
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as cause:
        log.warning("search runs without an adapter (%s): run 'motcua train adapter'", cause)
        return Adapter()
    if learned_with != model or matrix.shape != (dimension, dimension):
        log.warning("search runs without an adapter, which was learned with another encoder")
        return Adapter()
    return Adapter(matrix)
