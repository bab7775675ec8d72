"""Vietnamese words for Rasa, each at its place in the text."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.rasa.tokenizer import VietnameseTokenizer, word_spans


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in word_spans(text)]


def test_a_word_may_be_several_syllables() -> None:
    assert {"giấy tờ", "khai sinh"} <= set(words("làm khai sinh cần giấy tờ gì"))


def test_offsets_count_characters_as_they_came() -> None:
    text = "  Đăng  ký   khai sinh\tở đâu?? "
    tokens = VietnameseTokenizer(VietnameseTokenizer.get_default_config()).tokenize(Message({TEXT: text}), TEXT)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert tokens[-1].text.endswith("?")


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=80), st.text(alphabet="đĐươáàảạ ̣́hoaHOA.,?1 ", max_size=80)))
def test_words_cover_every_visible_character_once_and_in_order(text: str) -> None:
    spans = word_spans(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
