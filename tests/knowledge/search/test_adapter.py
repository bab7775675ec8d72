"""The map of vectors: what it does, and whom it is for."""

from pathlib import Path

import numpy as np
import pytest

from knowledge.search.adapter import Adapter
from tests.simulators.encoder import ToyEncoder

MATRIX = np.array([[0, 1], [0, 0]], np.float32)


def test_vectors_are_moved_along_the_map_and_stay_of_length_one() -> None:
    moved = Adapter(MATRIX).apply(np.array([[1, 0], [0, 1]], np.float32))
    np.testing.assert_allclose(moved, [[2**-0.5, 2**-0.5], [0, 1]], atol=1e-6)


def test_without_a_map_vectors_stay() -> None:
    vectors = np.array([[0.6, 0.8]], np.float32)
    assert Adapter().apply(vectors) is vectors


def test_no_vectors_are_no_vectors() -> None:
    assert Adapter(MATRIX).apply(np.zeros((0, 2), np.float32)).shape == (0, 2)


def test_a_map_is_kept_for_the_model_it_was_learned_with(tmp_path: Path) -> None:
    kept, encoder = tmp_path / "adapter.npz", ToyEncoder(2)
    Adapter(MATRIX).save(encoder, kept)
    assert Adapter.for_encoder(encoder, kept).digest == Adapter(MATRIX).digest


@pytest.mark.parametrize("other", [ToyEncoder(2, "another"), ToyEncoder(3)])
def test_with_another_encoder_there_is_no_map(tmp_path: Path, other: ToyEncoder) -> None:
    kept = tmp_path / "adapter.npz"
    Adapter(MATRIX).save(ToyEncoder(2), kept)
    assert Adapter.for_encoder(other, kept).digest == Adapter().digest


@pytest.mark.parametrize("content", [None, b"", b"rubbish"])
def test_a_map_that_is_missing_or_damaged_is_none(tmp_path: Path, content: bytes | None) -> None:
    kept = tmp_path / "adapter.npz"
    if content is not None:
        kept.write_bytes(content)
    assert Adapter.for_encoder(ToyEncoder(2), kept).digest == Adapter().digest


def test_maps_are_told_apart() -> None:
    assert len({Adapter().digest, Adapter(MATRIX).digest, Adapter(2 * MATRIX).digest}) == 3
