"""Reading the model file."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder.vocabulary import is_latin, kept_pieces
from nlu.encoder.weights import read_weights
from nlu.errors import SourceRefused


def test_a_block_is_scale_times_nibble_minus_eight_low_nibbles_first(tiny_model: bytes) -> None:
    matrix = read_weights(tiny_model).matrices["l0.fo.w"]
    start = tiny_model.index(matrix.scales[0, 0].astype("<f2").tobytes() + _first_nibbles(matrix.nibbles))
    (scale,) = struct.unpack_from("<e", tiny_model, start)
    raw = tiny_model[start + 2 : start + 18]
    expected = [(byte & 15) - 8 for byte in raw] + [(byte >> 4) - 8 for byte in raw]
    assert matrix.dense()[0, :32].tolist() == pytest.approx([scale * value for value in expected])


def _first_nibbles(nibbles: np.ndarray) -> bytes:
    return bytes(
        int(low) | int(high) << 4 for low, high in zip(nibbles[0, :16], nibbles[0, 16:32], strict=True)
    )


def test_packing_puts_two_neighbours_in_a_byte(tiny_model: bytes) -> None:
    matrix = read_weights(tiny_model).matrices["emb.word"]
    packed = matrix.packed()
    assert (packed & 15 == matrix.nibbles[:, 0::2]).all()
    assert (packed >> 4 == matrix.nibbles[:, 1::2]).all()


def test_shape_and_pieces_are_read(tiny_model: bytes) -> None:
    weights = read_weights(tiny_model)
    assert (weights.shape.hidden, weights.shape.layers, weights.shape.heads) == (64, 2, 2)
    assert weights.pieces[0] == ("<s>", 0.0)
    assert weights.pieces[-1][0] == "<mask>"
    assert weights.vectors["emb.pos"].shape == (48, 64)
    assert weights.matrices["l1.fo.w"].nibbles.shape == (64, 128)


def test_another_format_is_refused() -> None:
    with pytest.raises(SourceRefused, match="does not begin with E5S1"):
        read_weights(b"GGUF" + bytes(100))


@given(share=st.floats(0.0, 0.999))
def test_a_file_cut_short_is_refused(tiny_model: bytes, share: float) -> None:
    with pytest.raises(SourceRefused):
        read_weights(tiny_model[: int(len(tiny_model) * share)])


@pytest.mark.parametrize("piece", ["▁giấy", "ộ", "123", "?", "▁", "😀", "—", "\u0309"])
def test_what_vietnamese_text_can_hold_is_kept(piece: str) -> None:
    assert is_latin(piece)


@pytest.mark.parametrize("piece", ["中", "▁Россия", "ไทย", "aб"])
def test_other_scripts_are_dropped(piece: str) -> None:
    assert not is_latin(piece)


def test_special_tokens_stay_whatever_is_dropped(tiny_model: bytes) -> None:
    pieces = read_weights(tiny_model).pieces
    kept = [pieces[index][0] for index in kept_pieces(pieces, all_scripts=False)]
    assert kept[:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert kept[-1] == "<mask>"
    assert "中" not in kept
    assert len(kept_pieces(pieces, all_scripts=True)) == len(pieces)
