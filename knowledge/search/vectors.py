"""The dense index: FAISS, exact inner product, several vectors a procedure."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.errors import IndexCorrupt

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

FLOOR = 0.7
"""Similarity given to a procedure of which nothing near was found: about that of two unrelated texts."""


class VectorIndex:
    """Vectors and the procedure that owns each; one procedure may own many or none."""

    def __init__(self, index: faiss.Index, owners: Integers, size: int) -> None:
        self._index = index
        self._owners = owners
        self._size = size

    @classmethod
    def build(cls, vectors: Floats, owners: Integers, size: int) -> VectorIndex:
        """Indexes normalised vectors.

        Args:
            vectors: shape (n, dimension), rows of length 1.
            owners: shape (n,), the row number of the procedure that each vector belongs to.
            size: how many procedures there are.
        """
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index, owners.astype(np.int64), size)

    def save(self, path: Path) -> None:
        """Writes the FAISS index; the owners are kept by the caller.

        Raises:
            OSError: it cannot be written.
        """
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as cause:
            raise OSError(f"{path.name} cannot be written") from cause

    @classmethod
    def load(cls, path: Path, owners: Integers, size: int) -> VectorIndex:
        """Opens what `save` wrote.

        Raises:
            IndexCorrupt: unreadable, or owners and vectors do not match.
        """
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as cause:
            raise IndexCorrupt(f"{path.name} cannot be read") from cause
        if index.ntotal != len(owners):
            raise IndexCorrupt(f"{path.name} has {index.ntotal} vectors for {len(owners)} owners")
        return cls(index, owners, size)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def best(self, query: Floats, nearest: int) -> Floats:
        """Similarity of every procedure's nearest vector to a query.

        Args:
            query: shape (dimension,), length 1.
            nearest: how many vectors FAISS looks up; procedures beyond them get `FLOOR`.

        Returns:
            Shape (procedures,).
        """
        best = np.full(self._size, FLOOR, np.float32)
        if self._index.ntotal == 0:
            return best
        similar, rows = self._index.search(query[None, :], min(nearest, self._index.ntotal))
        np.maximum.at(best, self._owners[rows[0]], similar[0])
        return best
