from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from actions import wording
from actions.errors import WordingMissing
from actions.talk import _KINDS, talk
from motcua.reply import PAYLOAD

ROOM = Path(wording.__file__).parent.parent
SENTENCES = wording.sentences()
CODE = "\n".join(path.read_text(encoding="utf-8") for path in ROOM.rglob("*.py"))
# Keys that the code puts together, as patterns.
PUT_TOGETHER = [
    re.sub(r"\\\{[^}]*\\\}", r"[\\w.]+", re.escape(key))
    for key in re.findall(
        r"""f["']((?:answer|decide|talk|danger|improper|places|status)\.[^"']*\{[^"']+)["']""", CODE
    )
]


@pytest.mark.parametrize("key", [key for key in SENTENCES if not key.startswith("places.")])
def test_every_sentence_is_used(key: str) -> None:
    assert f'"{key}"' in CODE or f"'{key}'" in CODE or any(re.fullmatch(p, key) for p in PUT_TOGETHER)


@pytest.mark.parametrize("key", re.findall(r"""say(?:_with_places)?\(\s*["']([\w.]+)["']""", CODE))
def test_every_sentence_that_is_said_exists(key: str) -> None:
    assert key in SENTENCES


@pytest.mark.parametrize("key", SENTENCES)
def test_places_have_plain_names(key: str) -> None:
    names = [name for _, name, _, _ in string.Formatter().parse(SENTENCES[key]) if name is not None]
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


@pytest.mark.parametrize("key", [key for key in SENTENCES if not key.startswith("places.")])
def test_people_are_addressed_one_way(key: str) -> None:
    said = re.sub(r"\{\w+\}", "", SENTENCES[key]).lower()
    assert "quý khách" not in said and "quý vị" not in said
    assert not re.search(r"\b(?:bạn|mày|ông/bà|(?<!trẻ )em)\b", said)
    assert not re.search(r"(?<!anh/)\bchị\b|\banh\b(?!/chị)", said)


@pytest.mark.parametrize("key", [key for key in SENTENCES if not key.startswith("places.")])
def test_nothing_is_said_in_english(key: str) -> None:
    said = re.sub(r"\{\w+\}|https?://\S+|VNeID|OTP", "", SENTENCES[key]).lower()
    assert not re.search(r"\b(?:the|and|please|error|online|file|link|help|sorry|not|is|of|bot)\b", said)


def test_a_place_without_a_value_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(WordingMissing):
        wording.say("answer.online.where")
    with pytest.raises(WordingMissing):
        wording.say("answer.nowhere")


@pytest.mark.parametrize("intent", [*_KINDS, "no_such_intent", ""])
def test_every_conversational_intent_has_a_reply(intent: str) -> None:
    reply = talk(intent)
    assert reply.text and "{" not in reply.text
    assert all(PAYLOAD.fullmatch(choice.payload) for choice in reply.choices)


def test_refusals_are_short() -> None:
    assert all(
        len(text) < 260 for key, text in SENTENCES.items() if key.startswith(("improper.", "decide.off"))
    )
