"""How much of a title and of a question is left over."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge.search.coverage import Coverage

TITLES = ["Đăng ký khai sinh", "Đăng ký khai sinh lưu động", "Cấp hộ chiếu", ""]
SAID = ["làm giấy khai sinh cho bé", "", "passport đi nước ngoài", ""]


@pytest.fixture
def coverage() -> Coverage:
    return Coverage(TITLES, SAID)


def test_a_title_said_in_full_is_covered_and_a_longer_one_is_not(coverage: Coverage) -> None:
    shares = coverage.of("dang ky khai sinh")["name_in_query"]
    assert shares[0] == pytest.approx(1, abs=1e-4)
    assert 0 < shares[1] < shares[0] and shares[2] == shares[3] == 0


def test_peoples_words_cover_what_the_title_does_not(coverage: Coverage) -> None:
    shares = coverage.of("passport")
    assert shares["query_in_name"][2] == 0
    assert shares["query_in_words"][2] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("text", ["", "?!😀", "xyz", "khai " * 2000, "cấp hộ chiếu xyz", "đi đăng ký"])
def test_shares_are_between_nothing_and_all(coverage: Coverage, text: str) -> None:
    for shares in coverage.of(text).values():
        assert shares.shape == (4,) and shares.dtype == np.float32
        assert (shares >= 0).all() and (shares <= 1 + 1e-4).all()


def test_words_unknown_to_the_catalogue_count_as_uncovered(coverage: Coverage) -> None:
    assert coverage.of("hộ chiếu xyz")["query_in_words"][2] < coverage.of("hộ chiếu")["query_in_words"][2]


_PRINT = """
from knowledge.search.coverage import Coverage
title = " ".join(f"từ{n}" for n in range(200))
print({k: v.tobytes().hex() for k, v in Coverage([title, "từ1 từ2 từ3"], ["", ""]).of("từ1 từ7 từ9").items()})
"""


def test_every_process_computes_the_same() -> None:
    root = Path(__file__).resolve().parents[3]
    printed = {
        subprocess.run(
            [sys.executable, "-c", _PRINT], cwd=root, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(printed) == 1
