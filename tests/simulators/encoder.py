"""The sentence encoder, simulated: vectors of letter sequences, the same on every machine, in no time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.encoder import Progress
from nlu.encoder.encoder import ENCODING
from nlu.text import clean, fold

_SIZES = (3, 4)
# Real sentence vectors are all near one another (two random texts: cosine 0.83); calibrated figures rest on
# that, so every vector here shares a part as well.
_SHARED = 2.0


class ToyEncoder:
    """Implements `nlu.encoder.Encoder`: texts that share letter sequences have near vectors.

    It sees spelling only, never meaning, and accents not at all.
    """

    def __init__(self, dimension: int = 256, name: str = "toy") -> None:
        """Makes an encoder; another `name` makes one whose vectors do not go with an index of the first."""
        self._dimension, self._name = dimension, name

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def model(self) -> str:
        return self._name

    @property
    def fingerprint(self) -> str:
        return f"{self._name}-{self._dimension}"

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions: (texts, dimension)."""
        vectors = [self._vector(text) for text in texts]
        return np.array(vectors, np.float32).reshape(len(texts), self._dimension)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Vectors of passages, the same as of questions: (texts, dimension)."""
        vectors = self.encode_queries(texts)
        if progress:
            progress(ENCODING, len(texts), len(texts))
        return vectors

    def _vector(self, text: str) -> NDArray[np.float64]:
        vector = np.zeros(self._dimension)
        padded = f" {fold(clean(text))} "
        for size in _SIZES:
            for start in range(len(padded) - size + 1):
                piece = f"{self._name}{padded[start : start + size]}".encode()
                vector[1 + zlib.crc32(piece) % (self._dimension - 1)] += 1.0
        length = float(np.linalg.norm(vector))
        if length:
            vector /= length
        vector[0] = _SHARED
        unit: NDArray[np.float64] = vector / np.linalg.norm(vector)
        return unit
