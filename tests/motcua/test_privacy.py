"""What is masked, and what must stay readable."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.privacy import mask, mask_answer

_LONG_QUESTION = "Nhà tôi xây từ năm 1995, giờ muốn hoàn công thì phải nộp gì?"
GROUPING = st.sampled_from(["", " ", ".", "-"])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("CCCD 001099012345 của tôi", "CCCD ••••••••••45 của tôi"),
        ("cmnd 123456789", "cmnd •••••••89"),
        ("gọi 0912 345 678 nhé", "gọi ••••••••78 nhé"),
        ("gọi 0912.345.678", "gọi ••••••••78"),
        ("+84912345678", "•••••••••78"),
        ("stk 19031234567890 tcb", "stk ••••••••••••90 tcb"),
        ("thẻ 9704 0512 3456 7890", "thẻ ••••••••••••••90"),
        ("mst 0301234567-001", "mst •••••••••••01"),
        ("thư lan.tran@example.com.vn ạ", "thư •••@••• ạ"),
        ("hồ sơ H49.18-261105-0001 đến đâu", "hồ sơ [mã hồ sơ] đến đâu"),
        ("hồ sơ 000.00.18.H49-261105-0001", "hồ sơ [mã hồ sơ]"),
        ("h49.18-261105-0001", "[mã hồ sơ]"),
    ],
)
def test_personal_numbers_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "lệ phí 1.500.000 đồng",
        "phạt 10,000,000 đồng",
        "sinh ngày 01/02/1990",
        "sinh ngày 01-02-1990",
        "thủ tục 1.001193",
        "Nghị định 123/2015/NĐ-CP",
        "60/2014/QH13",
        "trong 5 ngày, 3 bản",
        "",
    ],
)
def test_what_is_no_personal_number_stays(text: str) -> None:
    assert mask(text) == text


@given(st.text(max_size=300))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Nd"], exclude_characters="@"), max_size=300))
def test_text_without_digits_and_addresses_stays(text: str) -> None:
    assert mask(text) == text


@given(digits=st.from_regex(r"0[0-9]{8,11}", fullmatch=True), group=GROUPING, size=st.integers(2, 4))
def test_no_telephone_or_identity_number_survives_however_grouped(digits: str, group: str, size: int) -> None:
    grouped = group.join(digits[at : at + size] for at in range(0, len(digits), size))
    masked = mask(f"số của em là {grouped} ạ")
    assert re.sub(r"\D", "", masked) == digits[-2:]


@given(
    before=st.text(alphabet="abc đêô,;:!?()\"'", max_size=20),
    digits=st.from_regex(r"[0-9]{12}", fullmatch=True),
    after=st.text(alphabet=" đêô,;:!?()\"'", max_size=20),
)
def test_an_identity_number_is_masked_whatever_stands_beside_it(before: str, digits: str, after: str) -> None:
    masked = mask(f"{before} {digits} {after}")
    assert digits[:-2] not in masked
    assert masked.startswith(before)


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("4567", "••••"),
        ("số cuối là 4567 ạ", "số cuối là •••• ạ"),
        ("0912345678", "••••••••78"),
        ("2", "2"),
        ("cái thứ hai", "cái thứ hai"),
        (_LONG_QUESTION, _LONG_QUESTION),
    ],
)
def test_a_short_number_in_a_few_words_is_not_kept(answer: str, kept: str) -> None:
    assert mask_answer(answer) == kept
