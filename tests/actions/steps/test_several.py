"""Two procedures in one message."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.steps.several import halves

PARTED = {
    "đăng ký khai sinh và nhập hộ khẩu cho con": ("đăng ký khai sinh", "nhập hộ khẩu cho con"),
    "xin giấy phép xây dựng, còn đăng ký kinh doanh thì sao": ("xin giấy phép xây dựng", "đăng ký kinh doanh thì sao"),
    "dang ky tam tru va lam ho chieu": ("dang ky tam tru", "lam ho chieu"),
}


@pytest.mark.parametrize("text", PARTED)
def test_a_message_is_parted_where_two_things_are_joined(text: str) -> None:
    assert PARTED[text] in list(halves(text))


@pytest.mark.parametrize(
    "text", ["cần giấy tờ gì và bao nhiêu tiền", "làm ở đâu, còn phí thì sao", "dang ky khai sinh cho con", "và", ""]
)
def test_questions_about_one_thing_are_not_parted(text: str) -> None:
    assert list(halves(text)) == []


@given(st.text(alphabet="và còn thêm xyzđ,. ", max_size=300))
def test_halves_are_parts_of_the_message(text: str) -> None:
    for first, second in halves(text):
        assert first in text and second in text


def test_a_long_message_is_left_whole_at_once() -> None:
    began = time.perf_counter()
    assert list(halves("khai sinh và hộ khẩu " * 2000)) == []
    assert time.perf_counter() - began < 1
