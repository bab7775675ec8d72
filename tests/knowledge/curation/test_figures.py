"""Figures in a text, in normal form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.curation.figures import figures


def found(text: str) -> list[str]:
    return [str(figure) for figure in sorted(figures(text))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("03 (ba) ngày làm việc", "3 ngày làm việc"),
        ("ba ngày làm việc", "3 ngày làm việc"),
        ("50.000đ", "50000 VNĐ"),
        ("50,000 đồng", "50 nghìn đồng"),
        ("1,5 triệu đồng", "1.500.000 đồng"),
        ("2 tỷ", "2.000.000.000 đồng"),
        ("Nghị quyết 35 /2025/NQ-HĐND", "nghị quyết số 35/2025/NQ-HĐND"),
        ("30 ngày\u200b", "30  ngày"),
        ("12,5 %", "12.5%"),
        ("hoà giải trong 5 ngày", "hòa giải trong 5 ngày"),
    ],
)
def test_equal_figures_have_one_form(one: str, other: str) -> None:
    assert found(one) == found(other) != []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 đến 5 ngày", ["time 3 ngày", "time 5 ngày"]),
        ("từ 10 - 15 ngày làm việc", ["time 10 ngày làm việc", "time 15 ngày làm việc"]),
        ("đủ 14 tuổi", ["time 14 tuổi"]),
        ("10 USD", ["money 10 USD"]),
        ("5710/QĐ-BCA-C06 và 60/2014/QH13", ["law 5710/QĐ-BCA-C06", "law 60/2014/QH13"]),
        ("66.7/2025/NQ-CP", ["law 66.7/2025/NQ-CP"]),
        ("1 triệu 500 nghìn", ["money 1000000", "money 500000"]),
    ],
)
def test_each_kind_of_figure_is_found(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "thủ tục 1.002759 hoặc 2.000635",
        "ngày 15/11/2015, ngày 18 tháng 7 năm 2026, tháng 10/2025",
        "xe từ 5.700 kg, diện tích 1.000 m2",
        "khoản 3 Điều 20",
        "mười hai ngày",
        "một lần",
        "tầng 3",
    ],
)
def test_what_only_looks_like_a_figure_is_none(text: str) -> None:
    assert found(text) == []


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            [
                "3",
                "ngày",
                "50.000",
                "đồng",
                "1,5",
                "triệu",
                "/",
                "NĐ-CP",
                "%",
                "ba",
                "(ba)",
                "năm",
                "2025",
                "-",
                "đến",
            ]
        )
    ).map(" ".join)
)
def test_any_text_has_figures_or_none(text: str) -> None:
    assert figures(text) == figures(text + " ")
    assert all(figure.value for figure in figures(text))


@given(
    st.integers(1, 365), st.sampled_from(["ngày", "tháng", "giờ", "ngày làm việc"]), st.text(alphabet="abc ,")
)
def test_a_length_of_time_is_found_in_any_sentence(number: int, unit: str, words: str) -> None:
    assert f"time {number} {unit}" in found(f"{words} {number:02} {unit} {words}")


@given(st.integers(1000, 10**10))
def test_a_sum_is_found_in_any_notation(amount: int) -> None:
    dotted = f"{amount:,}".replace(",", ".")
    for text in (f"{amount} đồng", f"{dotted}đ/lần", f"{dotted} VNĐ", dotted):
        assert f"money {amount}" in found(text)
