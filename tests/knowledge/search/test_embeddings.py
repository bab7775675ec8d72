"""The cache of vectors: it saves work, and never harms."""

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.search.embeddings import EmbeddingCache
from nlu.encoder import Progress
from tests.simulators.encoder import ToyEncoder


class CountingEncoder(ToyEncoder):
    """Remembers what it was asked to encode, and in which role."""

    def __init__(self, name: str = "toy") -> None:
        super().__init__(name=name)
        self.queries: list[str] = []
        self.passages: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.queries += texts
        return ToyEncoder().encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        self.passages += texts
        return ToyEncoder().encode_queries(texts)


TEXTS = ["khai sinh", "kết hôn", "", "khai sinh", "hộ chiếu 😀"]


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "embeddings.sqlite"


def test_vectors_are_those_of_the_encoder_in_order(encoder: CountingEncoder, file: Path) -> None:
    for _ in range(2):
        vectors = EmbeddingCache(file).passages(encoder, TEXTS)
        assert vectors.dtype == np.float32
        np.testing.assert_array_equal(vectors, ToyEncoder().encode_queries(TEXTS))


def test_each_text_is_encoded_once_ever(encoder: CountingEncoder, file: Path) -> None:
    EmbeddingCache(file).passages(encoder, TEXTS)
    EmbeddingCache(file).passages(encoder, [*TEXTS, "tạm trú"])
    assert sorted(encoder.passages) == sorted({*TEXTS, "tạm trú"})


def test_roles_and_encoders_are_kept_apart(file: Path) -> None:
    first, second = CountingEncoder("first"), CountingEncoder("second")
    EmbeddingCache(file).passages(first, ["khai sinh"])
    EmbeddingCache(file).passages(first, ["khai sinh"], as_queries=True)
    EmbeddingCache(file).passages(second, ["khai sinh"])
    assert (first.passages, first.queries, second.passages) == (["khai sinh"],) * 3


def test_without_a_file_everything_is_encoded(encoder: CountingEncoder) -> None:
    cache = EmbeddingCache(None)
    cache.passages(encoder, ["khai sinh"])
    cache.passages(encoder, ["khai sinh"])
    assert encoder.passages == ["khai sinh"] * 2


def test_no_text_gives_no_vector(encoder: CountingEncoder, file: Path) -> None:
    assert EmbeddingCache(file).passages(encoder, []).shape == (0, encoder.dimension)


def test_more_texts_than_one_statement_asks_for(encoder: CountingEncoder, file: Path) -> None:
    texts = [f"thủ tục {number}" for number in range(1203)]
    EmbeddingCache(file).passages(encoder, texts)
    encoder.passages.clear()
    vectors = EmbeddingCache(file).passages(encoder, texts[::-1])
    assert encoder.passages == []
    np.testing.assert_array_equal(vectors, ToyEncoder().encode_queries(texts[::-1]))


def test_progress_counts_texts(encoder: CountingEncoder, file: Path) -> None:
    told: list[tuple[int, int]] = []
    texts = [f"thủ tục {number}" for number in range(300)]
    EmbeddingCache(file).passages(encoder, texts, progress=lambda _, done, total: told.append((done, total)))
    assert told == [(256, 300), (300, 300)]


@pytest.mark.parametrize("damage", ["rubbish", "torn", "empty"])
def test_a_damaged_file_is_made_anew(encoder: CountingEncoder, file: Path, damage: str) -> None:
    texts = [f"thủ tục {number}" for number in range(200)]
    EmbeddingCache(file).passages(encoder, texts)
    content = file.read_bytes()
    file.write_bytes({"rubbish": b"no database" * 1000, "torn": content[:5000] + b"\xff" * 9000, "empty": b""}[damage])
    for _ in range(2):
        vectors = EmbeddingCache(file).passages(encoder, texts)
        np.testing.assert_array_equal(vectors, ToyEncoder().encode_queries(texts))
    encoder.passages.clear()
    EmbeddingCache(file).passages(encoder, texts)
    assert encoder.passages == []


@pytest.mark.parametrize("vector", [b"", b"\0" * 10, "text", None, 7])
def test_a_row_that_is_no_vector_is_made_anew(encoder: CountingEncoder, file: Path, vector: object) -> None:
    EmbeddingCache(file).passages(encoder, ["khai sinh"])
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE embedding SET vector = ?", (vector,))
    vectors = EmbeddingCache(file).passages(encoder, ["khai sinh"])
    np.testing.assert_array_equal(vectors, ToyEncoder().encode_queries(["khai sinh"]))


def test_another_table_layout_is_done_without(encoder: CountingEncoder, file: Path) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("CREATE TABLE embedding (something TEXT)")
    assert EmbeddingCache(file).passages(encoder, ["khai sinh"]).shape == (1, encoder.dimension)


@pytest.mark.parametrize("place", ["/proc/no/embeddings.sqlite", "/dev/null/embeddings.sqlite", "/"])
def test_a_place_that_cannot_be_written_is_done_without(encoder: CountingEncoder, place: str) -> None:
    assert EmbeddingCache(Path(place)).passages(encoder, ["khai sinh"]).shape == (1, encoder.dimension)


def test_a_locked_file_is_not_taken_for_a_damaged_one(
    encoder: CountingEncoder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.search.embeddings._WAIT_S", 0.05)
    EmbeddingCache(file).passages(encoder, ["khai sinh"])
    with closing(sqlite3.connect(file)) as db:
        db.execute("BEGIN EXCLUSIVE")
        assert EmbeddingCache(file).passages(encoder, ["khai sinh"]).shape == (1, encoder.dimension)
        db.rollback()
    encoder.passages.clear()
    EmbeddingCache(file).passages(encoder, ["khai sinh"])
    assert encoder.passages == []


def test_several_builds_may_share_a_file(file: Path) -> None:
    texts = [f"thủ tục {number}" for number in range(300)]
    wrong: list[str] = []

    def work() -> None:
        vectors = EmbeddingCache(file).passages(ToyEncoder(), texts)
        if not np.array_equal(vectors, ToyEncoder().encode_queries(texts)):
            wrong.append("vectors differ")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
