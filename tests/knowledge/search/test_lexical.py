"""The lexical index: accent-stripped words and pairs, by field."""

from pathlib import Path

import numpy as np
import pytest

from knowledge.search.lexical import LexicalIndex, grams
from knowledge.search.texts import LEXICAL_FIELDS

TITLES = ["Đăng ký khai sinh", "Đăng ký kết hôn", "Khai thác nước dưới đất", ""]


@pytest.fixture
def index() -> LexicalIndex:
    return LexicalIndex.build({"name": TITLES, "common": ["", "", "", ""]})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Khai sinh", ["khai", "sinh", "khai_sinh"]),
        ("ĐĂNG KÝ!", ["dang", "ky", "dang_ky"]),
        ("hoà / hòa", ["hoa", "hoa", "hoa_hoa"]),
        ("CT01", ["ct01"]),
        ("", []),
        ("?!😀", []),
    ],
)
def test_grams(text: str, expected: list[str]) -> None:
    assert grams(text) == expected


def test_the_best_of_a_field_has_one_and_strangers_nothing(index: LexicalIndex) -> None:
    scores = index.scores("đăng ký khai sinh")["name"]
    assert scores.shape == (4,) and scores.dtype == np.float32
    assert scores.argmax() == 0 and scores[0] == pytest.approx(1, abs=1e-4)
    assert 0 < scores[1] < 1 and 0 < scores[2] < 1 and scores[3] == 0


def test_accents_and_case_do_not_matter(index: LexicalIndex) -> None:
    np.testing.assert_array_equal(index.scores("DANG KY KHAI SINH")["name"], index.scores("đăng ký khai sinh")["name"])


def test_pairs_tell_the_order_of_words(index: LexicalIndex) -> None:
    assert index.scores("ket hon")["name"][1] > 0
    together, apart = index.scores("khai sinh dang"), index.scores("sinh khai dang")
    assert together["name"][2] < apart["name"][2]


@pytest.mark.parametrize("query", ["", "xyz", "😀", "?!", "a" * 10_000])
def test_a_query_without_known_words_scores_nothing(index: LexicalIndex, query: str) -> None:
    scores = index.scores(query)
    assert set(scores) == set(LEXICAL_FIELDS)
    assert all(not of_field.any() and of_field.shape == (4,) for of_field in scores.values())


def test_what_was_saved_is_what_is_loaded(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path, len(TITLES))
    for query in ("khai sinh", "nước", "xyz"):
        for field in LEXICAL_FIELDS:
            np.testing.assert_array_equal(loaded.scores(query)[field], index.scores(query)[field])
