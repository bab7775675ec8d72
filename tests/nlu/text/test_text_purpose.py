"""What a paper is wanted for is told from what is asked."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text import without_purpose


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("xin giấy xác nhận cư trú để nộp hồ sơ vay vốn", "xin giấy xác nhận cư trú"),
        ("cần lấy bản sao bằng tốt nghiệp nhằm đi xin việc", "cần lấy bản sao bằng tốt nghiệp"),
        ("làm phiếu lý lịch phục vụ xuất khẩu lao động", "làm phiếu lý lịch"),
    ],
)
def test_a_purpose_is_left_out(text: str, asked: str) -> None:
    assert without_purpose(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "xin cấp giấy cho mảnh đất ông bà để lại",
        "để được hoàn thuế thì nộp gì",
        "mở tiệm để bán trà sữa",
        "đăng ký kết hôn",
        "",
    ],
)
def test_a_message_without_one_stays_whole(text: str) -> None:
    assert without_purpose(text) == text


@given(st.text(max_size=300))
def test_what_is_left_is_the_beginning_of_the_message(text: str) -> None:
    assert text.startswith(without_purpose(text)) or text.strip().startswith(without_purpose(text))


def test_a_long_message_is_passed_over_at_once() -> None:
    began = time.perf_counter()
    without_purpose("xin giấy để " * 5000)
    assert time.perf_counter() - began < 1
