"""Fees out of portal text: the portal's traps one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.model.fees import Fee, read_fee, read_fees
from knowledge.model.portal import PortalFee


def fee(value: float | None, text: str = "", **more: str) -> PortalFee:
    return PortalFee.model_validate({"value": value, "description": text, **more})


@pytest.mark.parametrize("value", [0, None])
@pytest.mark.parametrize(
    "text",
    [
        "do HĐND cấp tỉnh quyết định",
        "Mức thu theo Nghị quyết của Hội đồng nhân dân tỉnh",
        "Miễn lệ phí cho người thuộc hộ nghèo; người khuyết tật.",
        "Miễn lệ phí. Phí cấp bản sao (nếu có yêu cầu) thu theo Thông tư 281/2016/TT-BTC",
        "Không thu lệ phí đối với tổ hợp tác",
        "Miễn phí từ ngày 07/4/2026 đến 30/6/2026",
        "Không quy định",
    ],
)
def test_zero_with_a_text_is_shown_as_the_text_and_never_free(value: float | None, text: str) -> None:
    assert read_fee(fee(value, text)) == Fee(state="described", text=text)


@pytest.mark.parametrize(
    "text",
    [
        "Miễn phí",
        "Miễn lệ phí.",
        "- Không thu phí",
        "Không thu lệ phí",
        "(không thu)",
        "Miễn phí, lệ phí",
        "Không phải nộp lệ phí.",
        "Được miễn lệ phí",
        "Miễn lệ phí (Thông tư số 47/2019/TT-BTC).",
    ],
)
def test_free_only_where_the_text_says_so_without_conditions(text: str) -> None:
    assert read_fee(fee(0, text)) == Fee(state="free", text=text)


@pytest.mark.parametrize("text", ["", "0", "Đồng", "0 VNĐ", ") | 0 VNĐ (", "-"])
def test_zero_without_a_text_is_unstated(text: str) -> None:
    assert read_fee(fee(0, text)).state == "unstated"
    assert read_fee(fee(None, text)).amount is None


def test_a_sum_keeps_its_text() -> None:
    assert read_fee(fee(75000, "Cấp lần đầu", type="Lệ phí")) == Fee(
        state="amount", amount=75000, kind="Lệ phí", text="Cấp lần đầu"
    )


def test_a_currency_that_the_text_repeats_is_dropped() -> None:
    assert read_fee(fee(1500000, "đồng/lần (đăng ký tàu)")).text == "/lần (đăng ký tàu)"


@pytest.mark.parametrize(
    ("value", "text"),
    [(10, "10 USD/người"), (135, "Lệ phí cấp giấy phép: 135.000 đồng/lần."), (5, "theo Thông tư 3")],
)
def test_a_small_figure_with_a_speaking_text_is_never_dong(value: int, text: str) -> None:
    assert read_fee(fee(value, text)) == Fee(state="described", text=text, unclear=value)


@pytest.mark.parametrize("text", ["", "Cấp mới hộ chiếu", "/bản"])
def test_a_small_figure_whose_text_says_no_price_is_unstated(text: str) -> None:
    assert read_fee(fee(70, text)) == Fee(state="unstated", text=text, unclear=70)


def test_dollars_that_the_portal_names_are_dollars() -> None:
    assert read_fee(fee(70, "Cấp mới hộ chiếu", currency="USD")).text == "70 USD (Cấp mới hộ chiếu)"
    assert read_fee(fee(70, "", currency="USD")) == Fee(state="described", text="70 USD")
    assert read_fee(fee(None, "", currency="USD")).state == "unstated"


def test_spliced_fees_are_taken_apart_with_their_own_sums() -> None:
    spliced = fee(75000, "Lệ phí nộp đơn) | 600000 VNĐ (Phí thẩm định) | 0 VNĐ (")
    assert read_fees([spliced]) == (
        Fee(state="amount", amount=75000, text="Lệ phí nộp đơn"),
        Fee(state="amount", amount=600000, text="Phí thẩm định"),
    )


def test_spliced_fees_read_as_one_keep_their_sums_in_words() -> None:
    one = read_fee(fee(75000, "Lệ phí nộp đơn) | 600000 VNĐ (Phí thẩm định"))
    assert one == Fee(state="described", text="75.000 đồng (Lệ phí nộp đơn); 600.000 đồng (Phí thẩm định)")


def test_an_empty_line_before_a_joint_leaves_no_trace() -> None:
    assert read_fees([fee(0, ") | 500000 VNĐ (500.000 đồng/giấy phép")]) == (
        Fee(state="amount", amount=500000, text="500.000 đồng/giấy phép"),
    )


def test_the_text_stands_where_it_names_another_sum() -> None:
    assert read_fee(fee(5000, "nộp trực tuyến thu 7.000 đồng/lần đăng ký")).state == "described"


@pytest.mark.parametrize(
    "text",
    [
        "áp dụng mức phí 250.000 đồng/hồ sơ kể từ ngày 01/7/2025 đến hết ngày 31/12/2026",
        "gồm 300.000 đồng thẩm định và phần còn lại khi nhận kết quả",
        "lần đầu 300.000 đồng, lần sau 200.000 đồng",
        "500.000 đồng/hồ sơ",
    ],
)
def test_a_sum_stands_beside_a_text_that_explains_or_repeats_it(text: str) -> None:
    assert read_fee(fee(500000, text)) == Fee(state="amount", amount=500000, text=text)


def test_repeats_go_and_unstated_stands_only_alone() -> None:
    assert read_fees([fee(0), fee(20000, "thẻ"), fee(20000, "thẻ"), fee(0)]) == (
        Fee(state="amount", amount=20000, text="thẻ"),
    )
    assert read_fees([fee(0), fee(0)]) == (Fee(state="unstated"),)
    assert read_fees([]) == ()


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_a_value_that_is_no_sum_breaks_the_record(value: float) -> None:
    with pytest.raises(ValueError, match="value"):
        fee(value)


TEXTS = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                "miễn",
                "lệ phí",
                "0",
                "VNĐ",
                ") | 35000 VNĐ (",
                "đồng",
                "10",
                "USD",
                "không thu",
                "1.000",
                "|",
                "(",
                ")",
                "\n",
            ]
        )
    ).map(" ".join),
)


@given(st.none() | st.integers(0, 10**12) | st.floats(0, 1e15), TEXTS)
def test_any_text_is_read_and_kept(value: float | None, text: str) -> None:
    read = read_fees([fee(value, text)])
    assert read
    for one in read:
        assert one.state == "amount" or one.amount is None
        assert one.state != "amount" or (one.amount or 0) >= 1000
        assert one.state != "free" or "miễn" in one.text.lower() or "không" in one.text.lower()
        assert one.state != "described" or one.text
    if "|" not in text and read[0].state == "described":
        assert read[0].text == text.strip(" ;|")
