"""The way of a message through all steps, and what is told of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text import AccentModel, AccentRestorer, Reader, asking_part

TEXT = ["đăng ký khai sinh cho con ở đâu", "làm căn cước công dân mất bao nhiêu tiền", "không cần giấy tờ gì"]
READER = Reader(AccentRestorer(AccentModel.count((text, 5.0) for text in TEXT)))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("lam cccd mat bn tien", "làm căn cước công dân mất bao nhiêu tiền"),
        ("ddawng kys khai sinh cho con owr ddaau", "đăng ký khai sinh cho con ở đâu"),
        ("Khai sanh cho con ở mô", "khai sinh cho con ở đâu"),
        ("làm cccd hết nhiêu tiền", "làm căn cước công dân hết bao nhiêu tiền"),
    ],
)
def test_a_message_is_read_as_it_was_meant(typed: str, read: str) -> None:
    assert READER.read(typed) == read
    assert READER.explain(typed).text == read


def test_every_change_is_told_with_its_step() -> None:
    changes = READER.explain("ddawng kys khai sinh ko caanf giaays").changes
    assert [(c.step, c.typed, c.read) for c in changes] == [
        ("keys", "ddawng", "đăng"),
        ("keys", "kys", "ký"),
        ("keys", "caanf", "cần"),
        ("keys", "giaays", "giấy"),
        ("short forms", "ko", "không"),
    ]


def test_nothing_is_told_of_a_message_that_needs_nothing() -> None:
    assert READER.explain("Đăng ký khai sinh cho con ở đâu?").changes == ()


@settings(deadline=None)
@given(st.text(max_size=80))
def test_reading_a_message_again_changes_nothing_more(text: str) -> None:
    once = READER.read(text)
    assert READER.read(once) == once


def test_the_asking_part_of_a_letter_is_its_question_with_what_was_said_just_before() -> None:
    letter = (
        "Nhà tôi ở xã miền núi, trước đây ông nội tôi khai phá một mảnh đất và canh tác từ năm 1980 đến nay. "
        "Năm ngoái ông mất, gia đình có làm giấy khai tử ở TP. Hòa Bình. Chúng tôi chưa có sổ đỏ cho mảnh đất này. "
        "Xin hỏi chúng tôi phải làm thủ tục gì?"
    )
    assert asking_part(letter) == "Chúng tôi chưa có sổ đỏ cho mảnh đất này. Xin hỏi chúng tôi phải làm thủ tục gì?"


def test_a_short_message_asks_as_a_whole() -> None:
    assert asking_part("Mất căn cước. Làm lại ở đâu?") == "Mất căn cước. Làm lại ở đâu?"


def test_of_a_story_without_sentences_the_end_is_taken() -> None:
    story = " ".join(f"từ{n}" for n in range(80))
    assert asking_part(story).split()[-1] == "từ79"
    assert len(asking_part(story).split()) == 30


@given(st.text(max_size=400))
def test_the_asking_part_says_nothing_that_was_not_said(text: str) -> None:
    assert set(asking_part(text).replace(".", " ").split()) <= set(text.replace(".", " ").split())
