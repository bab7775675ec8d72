"""Codes and numbers as entities, and the intents that they decide alone."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.rasa.marks import MarkExtractor


def marked(text: str, *ranking: str) -> tuple[str | None, dict[str, Any]]:
    ranked = [{"name": name, "confidence": 0.5} for name in ranking or ("ask_fee",)]
    message = Message({TEXT: text, INTENT: ranked[0], INTENT_RANKING_KEY: ranked})
    MarkExtractor().process([message])
    return message.get(INTENT)["name"], {found["entity"]: found["value"] for found in message.get(ENTITIES)}


@pytest.mark.parametrize(("text", "number"), [("2", 2), ("cái thứ hai", 2), ("lấy cái cuối nha", -1)])
def test_a_choice_decides(text: str, number: int) -> None:
    assert marked(text) == ("choose", {"number": number})


def test_a_choice_said_at_length_is_believed_when_the_classifier_says_so() -> None:
    assert marked("cho tui cái thứ hai á, cái cấp lại đó", "choose", "ask_fee") == ("choose", {"number": 2})
    assert marked("kết hôn lần thứ hai hết bao nhiêu", "ask_fee") == ("ask_fee", {})


def test_a_choice_without_a_number_is_withdrawn() -> None:
    assert marked("chọn đại đi", "choose", "ask_fee") == ("ask_fee", {})


def test_digits_alone_prove_a_dossier() -> None:
    assert marked("0456") == ("check_status", {"digits": "0456"})


def test_a_code_alone_asks_where_it_stands() -> None:
    assert marked(" h49.18 261105 0001 ") == ("check_status", {"dossier_code": "H49.18-261105-0001"})


def test_a_code_inside_a_sentence_leaves_the_intent() -> None:
    text = "hồ sơ H49.18-261105-0001 trễ hai tháng, tôi muốn khiếu nại"
    assert marked(text, "complaint") == ("complaint", {"dossier_code": "H49.18-261105-0001"})


def test_a_message_without_marks_is_left_alone() -> None:
    assert marked("lệ phí bao nhiêu", "ask_fee", "choose") == ("ask_fee", {})
