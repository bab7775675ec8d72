"""Times as people say them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.queueing.when import When, read_when
from nlu.text import fold

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("hẹn sáng mai 9 giờ", When(date(2026, 11, 24), "morning", 540)),
        ("chiều mai", When(date(2026, 11, 24), "afternoon")),
        ("9h30 ngày mốt", When(date(2026, 11, 25), "", 570)),
        ("bữa mốt 2 giờ chiều", When(date(2026, 11, 25), "afternoon", 840)),
        ("2 giờ", When(None, "", 840)),
        ("2h30 chiều nay", When(MONDAY, "afternoon", 870)),
        ("chín giờ rưỡi sáng thứ tư", When(date(2026, 11, 25), "morning", 570)),
        ("9 rưỡi", When(None, "", 570)),
        ("9 giờ kém 15", When(None, "", 525)),
        ("14g15 ngày 25/11", When(date(2026, 11, 25), "", 855)),
        ("10:00 26-11", When(date(2026, 11, 26), "", 600)),
        ("ngày 2 tháng 12", When(date(2026, 12, 2))),
        ("ngày 5", When(date(2026, 12, 5))),
        ("5/1", When(date(2027, 1, 5))),
        ("thứ hai", When(MONDAY)),
        ("thứ hai tuần sau", When(date(2026, 11, 30))),
        ("thứ 6", When(date(2026, 11, 27))),
        ("tuần tới", When(date(2026, 11, 30))),
        ("đổi sang thứ 4 10h", When(date(2026, 11, 25), "", 600)),
        ("trưa mai", When(date(2026, 11, 24), "afternoon")),
        ("25 giờ", When()),
        ("ngày 31/2", When()),
        ("lấy số", When()),
        ("làm khai sinh cho con", When()),
        ("sang tên xe", When()),
    ],
)
def test_times_are_read_as_they_are_said(said: str, wish: When) -> None:
    assert read_when(said, MONDAY) == wish


@pytest.mark.parametrize(
    "said",
    [
        "hẹn sáng mai 9 giờ",
        "chiều mai",
        "9h30 ngày mốt",
        "2 giờ chiều",
        "chín giờ rưỡi sáng thứ tư",
        "thứ hai tuần sau",
    ],
)
def test_the_same_without_accents(said: str) -> None:
    assert read_when(fold(said), MONDAY) == read_when(said, MONDAY)


@given(
    st.builds(
        When,
        st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)),
        st.sampled_from(["", "morning", "afternoon"]),
        st.none() | st.integers(0, 1439),
    )
)
def test_a_wish_survives_the_slot(wish: When) -> None:
    assert When.of(wish.as_text()) == wish


@given(st.text(max_size=60))
def test_anything_at_all_is_a_wish_or_none(text: str) -> None:
    wish = read_when(text, MONDAY)
    assert wish.minute is None or 0 <= wish.minute < 1440
    assert When.of(text) == When() or When.of(text).as_text()
