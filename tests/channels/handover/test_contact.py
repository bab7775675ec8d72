"""Telephone numbers and refusals, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import wording
from channels.handover.contact import read_contact
from motcua.privacy import mask_answer


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0912345678", "0912345678"),
        ("0912 345 678", "0912345678"),
        ("091.234.5678 nhé", "0912345678"),
        ("số của tôi là 0912-345-678, gọi buổi sáng", "0912345678"),
        ("sđt0912345678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("0084912345678", "0912345678"),
        ("(028) 3822 1234", "02838221234"),
        ("0912345678 hoặc 0987654321", "0912345678"),
        ("０９１２３４５６７８", "0912345678"),
    ],
)
def test_a_number_is_found_however_it_is_grouped(text: str, number: str) -> None:
    assert read_contact(text).number == number


@pytest.mark.parametrize(
    "text", ["09123", "091234", "09123456789012", "912345678", "001099012345", "so 0123 456 789 nha"]
)
def test_digits_that_cannot_be_called_are_asked_for_again(text: str) -> None:
    assert read_contact(text).is_broken


@pytest.mark.parametrize("text", ["không", "Không ạ", "dạ không cần đâu em", "ko", "thôi khỏi", "KHONG CAN GOI LAI"])
def test_no_is_no(text: str) -> None:
    assert read_contact(text).declines


@pytest.mark.parametrize("text", ["có", "ok em", "đồng ý"])
def test_yes_without_a_number_is_yes(text: str) -> None:
    assert read_contact(text).agrees


@pytest.mark.parametrize(
    "text",
    [
        "không biết làm khai sinh ở đâu",
        "H49.18-261105-0001",
        "lệ phí 25.000.000 đồng đúng không",
        "sinh ngày 01.02.2026 có làm được không",
        "ngày 20/11/2026 có làm việc không",
        "có làm thứ bảy không",
        "mất mấy ngày",
        "👍",
        "",
    ],
)
def test_anything_else_is_left_to_the_bot(text: str) -> None:
    assert read_contact(text).is_other


@given(
    st.from_regex(r"0[35789][0-9]{8}", fullmatch=True),
    st.lists(st.sampled_from(["", " ", ".", "-"]), min_size=9, max_size=9),
    st.sampled_from(["", "số ", "gọi tôi qua số: ", "sdt "]),
)
def test_every_mobile_number_is_read_and_masked_in_the_history(number: str, gaps: list[str], before: str) -> None:
    text = before + "".join(digit + gap for digit, gap in zip(number, [*gaps, ""], strict=True))
    assert read_contact(text).number == number
    assert number not in "".join(c for c in mask_answer(text) if c.isdigit())


@given(st.text(max_size=80))
def test_no_text_is_two_things_at_once(text: str) -> None:
    said = read_contact(text)
    assert sum((bool(said.number), said.is_broken, said.declines, said.agrees, said.is_other)) == 1


def test_what_counts_as_yes_does_not_count_as_no() -> None:
    says = wording.handover()
    assert not says.declines & says.agrees
    assert not (says.declines | says.agrees) & says.polite
