"""Telex and VNI keys read back, and nothing taken for keys that is none."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.noise import telex as typed_in_telex
from evaluation.noise import vni as typed_in_vni
from nlu.text import decode_keys, fold
from nlu.text.keyboard import telex, vni

QUESTIONS = [
    "làm giấy khai sinh cho con cần giấy tờ gì",
    "Tôi bị mất căn cước, giờ phải đến đâu để được cấp lại?",
    "đổi bằng lái xe hết hạn thì lệ phí bao nhiêu tiền",
    "Vợ chồng tôi muốn nhập hộ khẩu về nhà bố mẹ đẻ ở quê",
    "quyết định thôi việc thì lương hưu của người lao động tính thế nào",
]
KNOWN = {"visa", "taxi", "online", "gas", "form"}


def knows(word: str) -> bool:
    return word in KNOWN or word in {w for q in QUESTIONS for w in q.lower().replace(",", "").replace("?", "").split()}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("typed", [typed_in_telex, typed_in_vni])
def test_a_question_typed_in_keys_is_read_back(question: str, typed: object) -> None:
    keys = typed(question, random.Random(1))  # type: ignore[operator]
    assert keys != question
    assert decode_keys(keys, knows) == question


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ("dduowcj", "được"), ("dduocwj", "được"), ("nguwowif", "người"), ("nguoiwf", "người"), ("tieengs", "tiếng"),
        ("tienges", "tiếng"), ("quyeetj", "quyệt"), ("duocd", "đuoc"), ("thur", "thủ"),
    ],
)  # fmt: skip
def test_keys_are_taken_in_the_orders_that_input_methods_take_them(keys: str, word: str) -> None:
    assert telex(keys) == (word if word != "đuoc" else "")


@pytest.mark.parametrize(
    ("keys", "word"), [("d9u7o7c5", "được"), ("duo7c59", "được"), ("ca6p1", "cấp"), ("gio72", "giờ"), ("nghi5", "nghị")]
)
def test_vni_digits_go_to_the_letter_they_belong_to(keys: str, word: str) -> None:
    assert vni(keys) == word


@pytest.mark.parametrize(
    "text",
    [
        *QUESTIONS,
        *map(fold, QUESTIONS),
        "xin visa di taxi online het bao nhieu",
        "bang lai a1 b2 hang c1, kt3, quan 1, mau ct01",
        "H49.18-261105-0001 1.001193 2026",
        "doi bang a1 sang the pet",
        "has",
    ],
)
def test_what_was_not_typed_in_keys_is_left(text: str) -> None:
    assert decode_keys(text, knows) == text


def test_words_that_the_domain_knows_stay_in_a_message_of_keys() -> None:
    assert (
        decode_keys("xin visa dduowcj khoong, ddi taxi cungx dduowcj", knows)
        == "xin visa được không, đi taxi cũng được"
    )


@settings(deadline=None)
@given(st.text(alphabet="abcdeghiklmnopqrstuvxyzwfj 0123456789.,", max_size=80))
def test_reading_twice_is_reading_once_and_text_never_grows(text: str) -> None:
    once = decode_keys(text)
    assert len(once) <= len(text)
    assert decode_keys(once) == once or fold(once) != once


@pytest.mark.parametrize("rubbish", ["aw" * 5000, "a1 " * 3500, "ddaays " * 1400, "9" * 10000, "w" * 10000])
def test_ten_kilobytes_of_rubbish_take_linear_time(rubbish: str) -> None:
    start = time.perf_counter()
    decode_keys(rubbish)
    assert time.perf_counter() - start < 0.5
