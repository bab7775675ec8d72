from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.zalo.numbers import chosen
from motcua.reply import Choice

OFFERED = (
    Choice(title="Lệ phí", payload="ask:fee:1.001193"),
    Choice(title="Thời hạn giải quyết", payload="ask:duration:1.001193"),
    Choice(title="Nơi nộp", payload="ask:where:1.001193"),
)


@pytest.mark.parametrize(
    "typed",
    ["2", " 2 ", "2.", "(2)", "số 2", "so 2", "Số 2 nhé", "chọn 2", "chon so 2", "mục 2", "2 đi", "2 ạ", "câu 2"],
)
def test_a_number_picks_its_choice_however_it_is_typed(typed: str) -> None:
    assert chosen(typed, OFFERED) == OFFERED[1]


def test_the_very_title_picks_it_too() -> None:
    assert chosen("lệ PHÍ", OFFERED) == OFFERED[0]


@pytest.mark.parametrize("typed", ["0", "4", "99", "", "2 con", "2 và 3", "tôi sinh năm 2", "1.001193", "hai ba", "²"])
def test_anything_else_picks_nothing(typed: str) -> None:
    assert chosen(typed, OFFERED) is None


@given(st.text(max_size=60))
def test_no_text_breaks_it_and_without_an_offer_nothing_is_picked(text: str) -> None:
    assert chosen(text, ()) is None
    assert chosen(text, OFFERED) in (None, *OFFERED)
