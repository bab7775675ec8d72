from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.zalo.numbers import chosen
from channels.zalo.parts import length_of, without_number
from channels.zalo.words import zalo_words
from channels.zalo_bot.rendering import escape, render
from motcua.reply import Reply, Section
from tests.channels.zalo_oa.test_rendering import REPLIES
from tests.simulators.rasa import CLARIFY, DOCUMENTS, FEE
from tests.simulators.zalo.bot import _pairs, _read_marks


@given(REPLIES, st.integers(150, 2000))
def test_no_word_of_a_reply_is_lost_and_every_message_fits(reply: Reply, most: int) -> None:
    messages = render(reply, most)
    assert messages
    for message in messages:
        assert 0 < length_of(message.text) <= most and length_of(message.marked) <= most
    found = "\n".join(without_number(message.text) for message in messages).split()
    rest = iter(found)
    assert all(word in rest for word in reply.text.split()), "a word is missing or out of order"
    for choice in reply.choices:
        assert set(choice.title.split()) <= set(found)
    assert not reply.source or reply.source.url in found


def test_choices_are_numbers_and_the_number_picks_them() -> None:
    (message,) = render(FEE)
    assert f"{zalo_words().choose.numbers}\n1. Thời hạn giải quyết\n2. Nơi nộp" in message.text
    assert chosen("2", FEE.choices) == FEE.choices[1]


def test_titles_are_bold_and_addresses_stay_in_full() -> None:
    (message,) = render(DOCUMENTS.model_copy(update={"source": None}))
    assert "**Giấy tờ phải nộp:**\n" in message.marked and "**Giấy tờ phải xuất trình:**\n" in message.marked
    assert _read_marks(message.marked) == message.text


def test_a_part_whose_address_holds_a_mark_goes_without_marks() -> None:
    (message,) = render(DOCUMENTS)
    assert "ma_thu_tuc=1.001193" in message.text and message.marked == ""


def test_without_titles_there_is_nothing_to_mark() -> None:
    assert render(CLARIFY)[0].marked == ""
    assert all(not message.marked for message in render(DOCUMENTS, marks=False))


@pytest.mark.parametrize("text", ["5*3 = 15", "mau_don_01", "`mã`", "# thẻ", "  > trích", "a\\b", "~x~", "+ một", "**"])
def test_signs_that_are_meant_as_they_stand_are_shown_so(text: str) -> None:
    assert _read_marks(escape(text)) == text and _pairs(escape(text))


@given(st.text(alphabet="ab *_`#~\\>+\n1.", max_size=80))
def test_any_text_escaped_and_read_is_the_same_text(text: str) -> None:
    assert _read_marks(escape(text)) == text


@given(
    st.lists(
        st.text(alphabet="giấy *_`#\\", min_size=1, max_size=20).map(str.strip).filter(bool), min_size=1, max_size=4
    )
)
def test_a_title_of_any_signs_is_marked_without_harm(titles: list[str]) -> None:
    reply = Reply(kind="answer", text="\n".join(titles) + "\nhết", sections=tuple(Section(title=t) for t in titles))
    for message in render(reply):
        if message.marked:
            assert _pairs(message.marked)
