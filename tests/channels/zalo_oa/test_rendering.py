from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.zalo.parts import length_of, without_number
from channels.zalo.words import zalo_words
from channels.zalo_oa.messages import MOST_BUTTONS, TextMessage
from channels.zalo_oa.rendering import contact_form, plain, render
from channels.zalo_oa.webhook import read
from motcua.reply import PAYLOAD, Choice, Reply, Source
from tests.simulators.rasa import CLARIFY, DOCUMENTS, FEE

WORDS = st.sampled_from(
    [
        "giấy",
        "khai sinh",
        "1.500.000 đồng",
        "https://dichvucong.gov.vn/x_y?a=1*2",
        "(*)",
        "👨‍👩‍👧",
        "H29.12_A",
        "Ủy ban",
    ]
)
GAPS = st.sampled_from([" ", "\n", "\n\n", ". "])
TEXTS = st.lists(st.tuples(WORDS, GAPS), min_size=1, max_size=300).map(lambda ps: "".join(w + g for w, g in ps))
CHOICES = st.lists(
    st.builds(Choice, title=st.text("abcđếộ ", min_size=1, max_size=80), payload=st.just("ask:fee:1.001193")),
    max_size=8,
)
REPLIES = st.builds(
    Reply,
    kind=st.just("answer"),
    text=TEXTS,
    choices=CHOICES.map(tuple),
    source=st.none() | st.just(Source(url="https://dichvucong.gov.vn/p/home?ma=1.001193", data_date="2026-07-18")),
    receipt=st.sampled_from(["", "A7K2-M4QX"]),
)


def said(messages: tuple[TextMessage, ...]) -> str:
    return "\n".join(without_number(message.text) for message in messages)


@given(REPLIES, st.integers(150, 2000))
def test_no_word_of_a_reply_is_lost_and_every_message_fits(reply: Reply, most: int) -> None:
    messages = render(reply, most)
    assert messages and all(0 < length_of(message.text) <= most for message in messages)
    found = said(messages).split()
    rest = iter(found)
    assert all(word in rest for word in reply.text.split()), "a word is missing or out of order"
    for choice in reply.choices:
        assert set(choice.title.split()) <= set(found)
    if reply.source:
        assert reply.source.url in found
    assert reply.receipt in said(messages)


@given(REPLIES, st.integers(150, 400))
def test_buttons_stand_under_the_last_message_and_are_five_at_most(reply: Reply, most: int) -> None:
    messages = render(reply, most)
    assert all(not message.buttons for message in messages[:-1])
    assert len(messages[-1].buttons) == min(len(reply.choices), MOST_BUTTONS)
    assert all(length_of(button.title) <= 100 for button in messages[-1].buttons)


def test_choices_are_buttons_and_numbers() -> None:
    (message,) = render(FEE)
    assert [button.title for button in message.buttons] == ["Thời hạn giải quyết", "Nơi nộp"]
    assert "1. Thời hạn giải quyết\n2. Nơi nộp" in message.text
    assert zalo_words().choose.buttons in message.text
    assert "Mã câu trả lời: A7K2-9RT3" in message.text
    assert "Nguồn: https://dichvucong.gov.vn" in message.text and "Dữ liệu ngày 18/07/2026." in message.text


def test_a_tap_comes_back_as_the_payload_that_was_offered() -> None:
    for message in (*render(DOCUMENTS), *render(CLARIFY)):
        for button in message.buttons:
            message_of_tap = {"msg_id": "1", "text": button.payload}
            tap = {"event_name": "user_send_text", "sender": {"id": "1"}, "message": message_of_tap}
            (event,) = read(json.dumps(tap).encode())
            assert PAYLOAD.fullmatch(event.payload)  # type: ignore[attr-defined]
    assert render(CLARIFY)[0].buttons[0].body() == {
        "title": "Đăng ký kết hôn trong nước",
        "type": "oa.query.hide",
        "payload": "#ask:overview:1.000894",
    }


def test_a_reply_that_numbers_its_choices_itself_is_not_numbered_again() -> None:
    text = (
        "Anh/chị muốn hỏi việc nào?\n1. Đăng ký kết hôn trong nước\n"
        "2. Đăng ký kết hôn có yếu tố nước ngoài – khi một bên là người nước ngoài"
    )
    reply = CLARIFY.model_copy(update={"text": text})
    (message,) = render(reply)
    assert message.text == text and len(message.buttons) == 2


def test_a_choice_that_the_text_does_not_list_is_added_under_its_number() -> None:
    text = "Gần nhất là những việc này:\n1. Đăng ký kết hôn trong nước\n2. Đăng ký kết hôn có yếu tố nước ngoài"
    more = (*CLARIFY.choices, Choice(title="Gặp cán bộ", payload="say:handoff"))
    shown = said(render(CLARIFY.model_copy(update={"text": text, "choices": more})))
    assert shown.endswith("\n3. Gặp cán bộ") and shown.count("1. ") == 1


def test_numbered_steps_are_no_list_of_choices() -> None:
    reply = FEE.model_copy(update={"text": "1. Nộp hồ sơ\n2. Nhận kết quả"})
    assert "1. Thời hạn giải quyết\n2. Nơi nộp" in said(render(reply))


def test_what_the_text_says_already_is_not_said_twice() -> None:
    reply = FEE.model_copy(update={"text": f"Miễn lệ phí. Xem {FEE.source.url} (mã A7K2-9RT3)"})
    text = said(render(reply))
    assert text.count("https://") == 1 and text.count("A7K2-9RT3") == 1


@pytest.mark.parametrize(
    ("marked", "shown"),
    [
        ("**Giấy tờ** phải nộp", "Giấy tờ phải nộp"),
        ("## Nơi nộp\nTại xã", "Nơi nộp\nTại xã"),
        ("`1.001193`", "1.001193"),
        ("Xem [Cổng](https://dichvucong.gov.vn/a_b)", "Xem Cổng: https://dichvucong.gov.vn/a_b"),
        ("__Lưu ý:__ đủ", "Lưu ý: đủ"),
        ("5 * 3 = 15 và 2 ** 3", "5 * 3 = 15 và 2 ** 3"),
        ("(*) ghi chú, (**) ghi chú khác (**)", "(*) ghi chú, (**) ghi chú khác (**)"),
        ("tệp mau_don_01.pdf, __init__x", "tệp mau_don_01.pdf, __init__x"),
        ("#MADON123", "#MADON123"),
        ("https://a.vn/**x**/__y__", "https://a.vn/**x**/__y__"),
        ("- một\n- hai", "- một\n- hai"),
    ],
)
def test_marks_of_markdown_go_and_everything_else_stays(marked: str, shown: str) -> None:
    assert plain(marked) == shown


@given(st.text(max_size=200))
def test_taking_marks_out_loses_no_letter_and_no_digit(text: str) -> None:
    assert re.sub(r"[\W_]", "", plain(text)) == re.sub(r"[\W_]", "", text)


def test_a_title_too_long_for_a_button_is_cut_between_words() -> None:
    choice = Choice.model_construct(title="một hai ba " * 20, payload="say:help")
    (button,) = render(FEE.model_copy(update={"choices": (choice,)}))[-1].buttons
    assert button.title.endswith(("một…", "hai…", "ba…")) and length_of(button.title) <= 100


def test_the_form_for_contact_details_says_what_one_agrees_to_and_fits() -> None:
    form = contact_form(30, "https://motcua.example.vn/a.png")
    assert "đồng ý" in form.subtitle and "30 ngày" in form.subtitle and not form.subtitle.endswith("…")
    element = form.body()["attachment"]["payload"]["elements"][0]
    assert length_of(element["title"]) <= 100 and length_of(element["subtitle"]) <= 500
