from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import PayloadUnknown
from channels.inbound import read_payload, read_text
from motcua.reply import PAYLOAD

LENGTH = 1000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  làm   khai sinh\n", "làm khai sinh"),
        ("/restart", "restart"),
        ("// / /restart", "restart"),
        ("\u200b/\u200b/restart", "restart"),
        ('/nlu_fallback{"name":"x"}', 'nlu_fallback{"name":"x"}'),
        ("/\U000e0001\U000e0041ask_fee", "ask_fee"),
        ("le\u0323\u0302 phi\u0301", "lệ phí"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE chat_message; --", "'; DROP TABLE chat_message; --"),
    ],
)
def test_text_becomes_one_clean_line_without_a_leading_slash(text: str, message: str) -> None:
    assert read_text(text, LENGTH).message == message


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200d", "///", "\U000e0041\U000e0042", "\x00\x1b"])
def test_nothing_written_is_answered_without_the_bot(text: str) -> None:
    read = read_text(text, LENGTH)
    assert read.message == ""
    assert read.reply is not None and read.reply.kind == "help"


@pytest.mark.parametrize("text", ["😀😀", "👍🏽", "…", "?!", "❤️"])
def test_signs_without_a_word_are_answered_without_the_bot(text: str) -> None:
    read = read_text(text, LENGTH)
    assert read.message == ""
    assert read.reply is not None and read.reply.kind == "other"


def test_a_digit_counts_as_written() -> None:
    assert read_text("2", LENGTH).message == "2"


def test_a_long_text_is_read_up_to_the_limit() -> None:
    assert read_text("a " * 5000, LENGTH).message == ("a " * 500).strip()


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("/ \u200b\ufe0f\u0338／")), max_size=80))
def test_no_text_reaches_the_bot_as_a_command(text: str) -> None:
    read = read_text(text, 50)
    assert not read.message.strip().startswith("/")
    assert len(read.message) <= 50
    assert bool(read.message) != (read.reply is not None)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ("ask:fee:1.001193", '/ask_fee{"procedure":"1.001193"}'),
        ("ask:documents:x.lien-thong", '/ask_documents{"procedure":"x.lien-thong"}'),
        ("say:help", "/help"),
    ],
)
def test_a_tapped_choice_becomes_its_intent(payload: str, message: str) -> None:
    assert read_payload(payload).message == message


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "say:restart",
        "ask:fee:",
        "ask:fee:1.001193\n",
        "/restart",
        'ask:fee:1"},"x":{"',
        "say:help say:help",
    ],
)
def test_any_other_payload_is_refused(payload: str) -> None:
    with pytest.raises(PayloadUnknown):
        read_payload(payload)


@given(st.from_regex(PAYLOAD, fullmatch=True))
def test_every_allowed_payload_has_an_intent_with_sound_entities(payload: str) -> None:
    read = read_payload(payload)
    intent, brace, entities = read.message.partition("{")
    assert intent.startswith("/") and read.shown
    if brace:
        kind, *case, _, code = payload.split(":")
        said = {"case": case[0]} if kind == "case" else {}
        assert json.loads(brace + entities) == {"procedure": code, **said}
