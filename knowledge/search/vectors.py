"""The dense index: FAISS, exact inner product, several vectors a procedure."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.errors import IndexCorrupt

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

# One message is searched in a millisecond; threads that wait for each other cost ten on a busy machine.
faiss.omp_set_num_threads(1)

NOTHING = 0.0
"""Similarity given to a procedure that has no vector at all."""
_BACKING = 3


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
            nearest: how many vectors FAISS looks up; procedures beyond them get the least that was found.

        Returns:
            Shape (procedures,).
        """
        return self._best(*self._nearest(query, nearest))

    def best_and_backed(self, query: Floats, nearest: int) -> tuple[Floats, Floats]:
        """As `best`, and the mean of every procedure's three nearest: whether the best stands alone."""
        similar, owners = self._nearest(query, nearest)
        best = self._best(similar, owners)
        # They come nearest first, so the place among those of one owner is a running count.
        order = np.argsort(owners, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(owners[order]) > 0]) if len(owners) else np.zeros(0, np.int64)
        place = np.arange(len(owners)) - np.repeat(starts, np.diff(np.r_[starts, len(owners)]))
        total = np.full(self._size, _BACKING * self._least(similar), np.float32)
        first = order[place < _BACKING]
        np.add.at(total, owners[first], similar[first] - self._least(similar))
        return best, total / np.float32(_BACKING)

    def _nearest(self, query: Floats, nearest: int) -> tuple[Floats, Integers]:
        """The similarities found, nearest first, and whose vectors they are."""
        if self._index.ntotal == 0:
            return np.zeros(0, np.float32), np.zeros(0, np.int64)
        similar, rows = self._index.search(query[None, :], min(nearest, self._index.ntotal))
        return similar[0], self._owners[rows[0]]

    def _best(self, similar: Floats, owners: Integers) -> Floats:
        best = np.full(self._size, self._least(similar), np.float32)
        np.maximum.at(best, owners, similar)
        return best

    def _least(self, similar: Floats) -> np.float32:
        """What is known of a procedure that was not found: nothing, or that it is no nearer than the last one."""
        beyond = len(similar) and len(similar) < self._index.ntotal
        return np.float32(max(similar[-1], NOTHING)) if beyond else np.float32(NOTHING)
