"""The dense index: the nearest of a procedure's vectors counts."""

from pathlib import Path

import numpy as np
import pytest

from knowledge.errors import IndexCorrupt
from knowledge.search.vectors import NOTHING, VectorIndex

X, Y = np.eye(2, 8, dtype=np.float32)
BETWEEN = ((X + Y) / np.sqrt(2)).astype(np.float32)


def index(vectors: list[np.ndarray[tuple[int], np.dtype[np.float32]]], owners: list[int]) -> VectorIndex:
    return VectorIndex.build(np.array(vectors, np.float32).reshape(-1, 8), np.array(owners), 3)


def test_the_nearest_vector_of_each_procedure_counts() -> None:
    best = index([X, Y, BETWEEN], [0, 0, 2]).best(Y, 10)
    np.testing.assert_allclose(best, [1, NOTHING, BETWEEN @ Y], atol=1e-6)


def test_procedures_beyond_the_nearest_are_no_nearer_than_the_last_one_found() -> None:
    best = index([X, Y, BETWEEN], [0, 1, 2]).best(X, 2)
    np.testing.assert_allclose(best, [1, BETWEEN @ X, BETWEEN @ X], atol=1e-6)


def test_similarity_never_falls_below_nothing() -> None:
    np.testing.assert_allclose(index([X], [1]).best(-X, 10), [NOTHING, NOTHING, NOTHING])


def test_no_vectors_at_all() -> None:
    for best in (index([], []).best(X, 10), *index([], []).best_and_backed(X, 10)):
        np.testing.assert_allclose(best, [NOTHING, NOTHING, NOTHING])


def test_the_three_nearest_of_a_procedure_back_it() -> None:
    best, backed = index([X, X, X, X, X, Y], [0, 0, 0, 0, 2, 2]).best_and_backed(X, 10)
    np.testing.assert_allclose(best, [1, NOTHING, 1], atol=1e-6)
    np.testing.assert_allclose(backed, [1, NOTHING, 1 / 3], atol=1e-6)


def test_what_was_saved_is_what_is_loaded(tmp_path: Path) -> None:
    made = index([X, BETWEEN], [2, 0])
    made.save(tmp_path / "v.faiss")
    loaded = VectorIndex.load(tmp_path / "v.faiss", np.array([2, 0]), 3)
    assert loaded.dimension == 8
    np.testing.assert_array_equal(loaded.best(Y, 5), made.best(Y, 5))


def test_another_number_of_owners_is_refused(tmp_path: Path) -> None:
    index([X, Y], [0, 1]).save(tmp_path / "v.faiss")
    with pytest.raises(IndexCorrupt, match=r"v.faiss has 2 vectors for 3 owners"):
        VectorIndex.load(tmp_path / "v.faiss", np.array([0, 1, 2]), 3)


def test_a_place_that_cannot_be_written_is_an_operating_system_error() -> None:
    with pytest.raises(OSError, match="cannot be written"):
        index([X], [0]).save(Path("/proc/v.faiss"))
