"""What a Vietnamese syllable can be."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text.cleaning import clean
from nlu.text.syllable import is_syllable, put_tone, split_syllable

_LISTED = (
    "đăng ký khai sinh giấy gì giếng giêng quý quả quyền hòa thủy khuya nghiêng người được trường xoáy hộ chiếu căn "
    "cước thuế mẹ ông ấy yêu ương oăm khuỷu quốc tịch ăn ở y ạ ngoằn thuở quạt giặt giữa gìn quyết"
)
SYLLABLES = _LISTED.split()


@pytest.mark.parametrize("syllable", SYLLABLES)
def test_a_syllable_is_one_and_is_put_together_again(syllable: str) -> None:
    parts = split_syllable(syllable)
    assert parts is not None
    assert clean(str(parts)) == clean(syllable)


@pytest.mark.parametrize("word", ["visa", "facebook", "xyz", "", "cách1", "đăngg", "ngnh", "tât", "hoc", "cos", "ww"])
def test_what_the_language_cannot_say_is_none(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("bare", "tone", "syllable"),
    [("hoa", "f", "hòa"), ("quy", "s", "quý"), ("gi", "f", "gì"), ("trương", "f", "trường"), ("đăng", "", "đăng")],
)
def test_the_tone_stands_where_the_project_puts_it(bare: str, tone: str, syllable: str) -> None:
    assert put_tone(bare, tone) == syllable
    assert clean(syllable) == syllable


@pytest.mark.parametrize(("bare", "tone"), [("hoc", "f"), ("bfg", "s"), ("", "s"), ("visa", "s")])
def test_what_would_be_no_syllable_gets_no_tone(bare: str, tone: str) -> None:
    assert put_tone(bare, tone) == ""


@given(st.text(max_size=12))
def test_any_text_is_a_syllable_or_not_without_an_error(text: str) -> None:
    parts = split_syllable(text)
    if parts:
        assert unicodedata.normalize("NFC", str(parts)) == str(parts)
