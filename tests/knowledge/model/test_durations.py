"""Durations out of portal text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.model.durations import Duration, read_duration
from knowledge.model.portal import PortalCase


def case(duration: str, name: str = "") -> PortalCase:
    return PortalCase(name=name, duration=duration)


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("5 ngày làm việc", 5, "working_day"),
        ("03 (ba) ngày làm việc", 3, "working_day"),
        ("4.75 ngày làm việc", 4.75, "working_day"),
        ("1,5 ngày", 1.5, "day"),
        ("8 giờ", 8, "hour"),
        ("30 phút", 30, "minute"),
        ("2 tháng.", 2, "month"),
        ("1 năm", 1, "year"),
    ],
)
def test_a_number_with_a_unit_is_stated(text: str, number: float, unit: str) -> None:
    (read,) = read_duration(text)
    assert (read.state, read.number, read.unit, read.text) == ("stated", number, unit, text)


@pytest.mark.parametrize(
    "text", ["1", "20", "105", "0", "", "15/12", "Theo mô tả", "Xem phần mô tả", "Không quy định"]
)
def test_a_number_without_a_unit_is_never_days(text: str) -> None:
    assert read_duration(text) == (Duration(state="unstated"),)


def test_the_only_case_says_it_where_the_channel_does_not() -> None:
    (read,) = read_duration("1", [case("8 ngày làm việc", "Ghi vào sổ")])
    assert (read.number, read.unit, read.case) == (8, "working_day", "")


def test_cases_with_different_figures_are_told_apart() -> None:
    read = read_duration("1", [case("5 ngày làm việc", "Phải xác minh"), case("1 ngày", "Ngay")])
    assert [(d.number, d.unit, d.case) for d in read] == [
        (5, "working_day", "Phải xác minh"),
        (1, "day", "Ngay"),
    ]


def test_a_figure_of_one_case_is_not_said_for_the_others() -> None:
    (read,) = read_duration("1", [case("5 ngày", "Phải xác minh"), case("3", "Ngay")])
    assert read.case == "Phải xác minh"


def test_cases_without_units_state_nothing() -> None:
    assert read_duration("3", [case("3", "Ngay")]) == (Duration(state="unstated"),)


def test_what_the_channel_says_stands_alone_where_the_cases_agree() -> None:
    (read,) = read_duration("5 ngày làm việc", [case("5 ngày làm việc", "Cấp mới")])
    assert (read.number, read.case) == (5, "")


def test_all_figures_are_given_where_cases_and_channel_disagree() -> None:
    read = read_duration("25 ngày", [case("35 ngày", "Thẩm định")])
    assert [(d.number, d.case) for d in read] == [(25, ""), (35, "Thẩm định")]
    read = read_duration("5 ngày", [case("5 ngày", "Có giấy"), case("15 ngày", "Chưa có giấy")])
    assert [(d.number, d.case) for d in read] == [(5, "Có giấy"), (15, "Chưa có giấy")]


def test_a_sentence_is_shown_as_it_is() -> None:
    text = "Không quá 07 ngày kể từ ngày nhận đủ hồ sơ"
    assert read_duration(text, [case("9 ngày")]) == (Duration(state="described", text=text),)


def test_the_description_is_asked_last() -> None:
    said = "Trong 02 (hai) ngày kể từ khi nhận đủ giấy tờ"
    assert read_duration("Theo mô tả", (), said) == (Duration(state="described", text=said),)
    assert read_duration("2", (), "Nộp tại quầy") == (Duration(state="unstated"),)


PIECES = st.sampled_from(
    ["3", "0", "ngày", "làm việc", "giờ", "(ba)", "theo mô tả", "không", ",", ".", "/", "\n"]
)
TEXTS = st.text() | st.lists(PIECES).map(" ".join)


@given(TEXTS, st.lists(st.builds(PortalCase, name=st.text(), duration=TEXTS), max_size=4), TEXTS)
def test_any_text_is_read_and_kept(text: str, cases: list[PortalCase], description: str) -> None:
    read = read_duration(text, cases, description)
    assert read
    sources = {text.strip(), description.strip(), *(c.duration.strip() for c in cases)}
    for one in read:
        assert (one.state == "stated") == (one.number is not None) == bool(one.unit)
        assert one.state == "unstated" or one.text in sources


@given(st.integers(0, 9999), st.text(alphabet=" .,/-–"))
def test_no_bare_number_is_ever_stated(number: int, tail: str) -> None:
    assert all(d.state != "stated" for d in read_duration(f"{number}{tail}"))
