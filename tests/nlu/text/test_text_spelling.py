"""Slips of the fingers mended where the project's words say what was meant."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text import AccentModel, AccentRestorer
from nlu.text.spelling import Spelling

TEXT = [
    "đăng ký khai sinh cho con cần giấy tờ gì",
    "cấp lại căn cước bị mất thì lệ phí bao nhiêu tiền",
    "trích lục khai sinh bao nhiêu tiền",
    "bằng tốt nghiệp cấp ba bị rách",
    "thẻ bảo hiểm y tế hết hạn mấy ngày thì có",
    "phòng công chứng ở đâu",
]


@pytest.fixture(scope="module")
def restorer() -> AccentRestorer:
    return AccentRestorer(AccentModel.count((text, 4.0) for text in TEXT))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("trích lục khai sihn bao nhieu tiền", "trích lục khai sinh bao nhiêu tiền"),
        ("căn cứoc bị mất", "căn cước bị mất"),
        ("bằng tốt ngiệp cấp ba", "bằng tốt nghiệp cấp ba"),
        ("thẻ bảo hiẻm y tế", "thẻ bảo hiểm y tế"),
        ("fòng công chứng ở đâu", "phòng công chứng ở đâu"),
        ("khaisinh cho con", "khai sinh cho con"),
        ("lệ phíííí bao nhiêu", "lệ phí bao nhiêu"),
        ("dang ky khai sihn", "đăng ký khai sinh"),
    ],
)
def test_a_slip_is_read_as_what_is_near_and_fits(restorer: AccentRestorer, typed: str, meant: str) -> None:
    assert restorer.correct(typed) == meant


@pytest.mark.parametrize("text", TEXT)
def test_clean_text_is_left(restorer: AccentRestorer, text: str) -> None:
    assert restorer.correct(text) == text


@pytest.mark.parametrize("text", ["facebook", "h49.18-261105-0001", "1.001193", "iphone 15", "http://x.vn/a?b=1"])
def test_names_codes_and_foreign_words_stay(restorer: AccentRestorer, text: str) -> None:
    assert restorer.correct(f"căn cước {text}") == f"căn cước {text}"


def test_nothing_is_near_where_nothing_is_known() -> None:
    assert Spelling([]).near("khai") == []


@settings(deadline=None)
@given(st.lists(st.sampled_from([*" ".join(TEXT).split(), "sihn", "xyz", "12", "qqq", "bể"]), max_size=12))
def test_correcting_keeps_the_number_of_words_but_for_those_run_together(words: list[str]) -> None:
    restorer = AccentRestorer(AccentModel.count((text, 4.0) for text in TEXT))
    corrected = restorer.correct(" ".join(words)).split()
    assert len(corrected) >= len(words)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_and_keeps_what_is_no_letter(text: str) -> None:
    restorer = AccentRestorer(AccentModel.count((line, 4.0) for line in TEXT))
    marks = re.sub(r"[a-zà-ỹđ ]", "", text.lower())
    assert re.sub(r"[a-zà-ỹđ ]", "", restorer.correct(text)) == marks


@pytest.mark.parametrize("rubbish", ["x" * 10000, "sihn " * 2000, "ab" * 5000, "tieeng " * 1400])
def test_ten_kilobytes_of_rubbish_take_linear_time(restorer: AccentRestorer, rubbish: str) -> None:
    start = time.perf_counter()
    restorer.correct(rubbish)
    assert time.perf_counter() - start < 2
