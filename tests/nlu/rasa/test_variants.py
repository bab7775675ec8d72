"""How a training phrase may be typed otherwise."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from nlu.rasa.variants import slipped, variants
from nlu.text import fold

PHRASE = "làm lại giấy phép lái xe hết bao nhiêu tiền"


def test_a_phrase_comes_as_it_is_without_accents_and_typed_in_haste() -> None:
    first, bare, hasty = variants(PHRASE)
    assert (first, bare) == (PHRASE, fold(PHRASE))
    assert hasty not in (first, bare)
    assert len(hasty.split()) == len(PHRASE.split())


def test_the_same_phrase_always_has_the_same_slips() -> None:
    assert variants(PHRASE) == variants(PHRASE)


def test_most_words_of_a_hasty_phrase_stand_as_they_were() -> None:
    kept = sum(a == b for a, b in zip(PHRASE.split(), slipped(PHRASE, random.Random(1)).split(), strict=True))
    assert len(PHRASE.split()) - 3 <= kept < len(PHRASE.split())


def test_codes_and_short_words_have_no_slips() -> None:
    assert variants("H49.18-261105-0001 ok") == ["H49.18-261105-0001 ok", "h49.18-261105-0001 ok"]


@given(st.text(max_size=100))
def test_any_text_can_be_varied(text: str) -> None:
    assert variants(text)[0] == text
