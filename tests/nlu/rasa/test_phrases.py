"""The training phrases: enough of them, all labels, none taken from the question sets."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from nlu.rasa.phrases import (
    Phrase,
    PhrasesError,
    expanded,
    filled,
    read,
    read_names,
    read_stories,
    told,
)
from nlu.text import fold

ASPECTS = {
    "ask_overview",
    "ask_documents",
    "ask_fee",
    "ask_duration",
    "ask_where",
    "ask_steps",
    "ask_online",
    "ask_form",
    "ask_legal",
    "ask_result",
    "ask_condition",
}
CONVERSATION = {
    "check_status",
    "greet",
    "goodbye",
    "thank",
    "affirm",
    "deny",
    "handoff",
    "bot_challenge",
    "help",
    "feedback",
    "complaint",
    "office_info",
    "out_of_scope",
}
HELD_OUT = Path(__file__).with_name("held_out.jsonl")
SHARED_EVAL = Path(__file__).resolve().parents[4] / "shared" / "eval"


@pytest.fixture(scope="module")
def phrases() -> list[Phrase]:
    return read()


def test_every_label_has_phrases_enough(phrases: list[Phrase]) -> None:
    counts = Counter(phrase.intent for phrase in phrases)
    assert set(counts) == ASPECTS | CONVERSATION | {"choose"}
    assert all(counts[intent] >= 100 for intent in ASPECTS | CONVERSATION)


def test_every_place_has_names(phrases: list[Phrase]) -> None:
    names = read_names()
    for phrase in phrases:
        assert all("{" not in text for text in filled(phrase.text, names))


def test_every_aspect_is_asked_without_accents_too(phrases: list[Phrase]) -> None:
    unaccented = {phrase.intent for phrase in phrases if "{" not in phrase.text and fold(phrase.text) == phrase.text}
    assert unaccented >= ASPECTS | CONVERSATION


def test_the_same_phrase_is_always_learned_as_the_same_texts() -> None:
    phrase = Phrase("ask_fee", "{việc} hết bao nhiêu tiền")
    names, stories = read_names(), read_stories()
    assert expanded(phrase, names, stories) == expanded(phrase, names, stories)
    assert len(set(expanded(phrase, names, stories))) == 6


def test_stories_stand_before_questions_about_procedures_only() -> None:
    stories = ["Tôi mới mua nhà", "Ba tôi mới mất"]
    assert all(
        text.endswith("nộp ở đâu") and len(text) > 20 for text in told(Phrase("ask_where", "nộp ở đâu"), stories)
    )
    assert told(Phrase("greet", "xin chào"), stories) == []
    assert told(Phrase("ask_overview", "thủ tục gì vậy"), stories) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nlu: 3", "phrases.yml"),
        ("other: []", "phrases.yml"),
        ("nlu: [", "phrases.yml"),
        ("nlu:\n- intent: a\n  examples: |\n    - x\n\n    - y\n", "phrases.yml"),
        ("nlu:\n- intent: a\n  examples: |\n    - x y\n- intent: b\n  examples: |\n    - x y\n", "twice"),
    ],
)
def test_a_faulty_file_is_named(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "phrases.yml").write_text(content, encoding="utf-8")
    with pytest.raises(PhrasesError, match=said):
        read(tmp_path)


def test_a_place_without_names_is_named() -> None:
    with pytest.raises(PhrasesError, match="gì đó"):
        filled("làm {gì đó}", {"việc": ["x"]})


def grams(folded: str) -> frozenset[str]:
    return frozenset(folded[start : start + 5] for start in range(max(1, len(folded) - 4)))


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


class Held:
    """Texts to be measured on, found again by the runs of five characters that they share with a phrase."""

    def __init__(self, held: set[str]) -> None:
        self.grams = {text: grams(text) for text in held}
        self.having: dict[str, list[str]] = {}
        for text, mine in self.grams.items():
            for gram in mine:
                self.having.setdefault(gram, []).append(text)

    def near(self, phrase: str) -> list[str]:
        if len(phrase.split()) < 4:
            return []
        mine = grams(phrase)
        shared = Counter(text for gram in mine for text in self.having.get(gram, ()))
        return [text for text, n in shared.items() if n >= 0.8 * (len(mine) + len(self.grams[text]) - n)]


def test_a_near_copy_is_recognised() -> None:
    held = Held({plain("Nop ho so o dau vay?"), plain("làm lại giấy khai sinh hết bao nhiêu tiền ạ")})
    assert held.near(plain("nộp hồ sơ ở đâu vậy"))
    assert held.near(plain("làm lại giấy khai sinh hết bao nhiêu tiền"))
    assert not held.near(plain("lấy mẫu đơn ở chỗ nào"))


def test_no_phrase_is_a_near_copy_of_a_message_that_is_held_out(phrases: list[Phrase]) -> None:
    held = Held({plain(text) for text in texts(HELD_OUT)})
    copies = [f"{phrase.text} = {text}" for phrase in phrases for text in held.near(plain(phrase.text))]
    assert copies == []


def test_every_label_is_held_out_too() -> None:
    held = Counter(json.loads(line)["intent"] for line in HELD_OUT.read_text(encoding="utf-8").splitlines())
    assert set(held) == ASPECTS | CONVERSATION
    assert min(held.values()) >= 8


@pytest.mark.shared
def test_no_phrase_is_a_near_copy_of_a_question_to_be_measured_on(phrases: list[Phrase]) -> None:
    if not SHARED_EVAL.is_dir():
        pytest.skip("the folder ../shared with the question sets is not there")
    held = Held({plain(text) for path in sorted(SHARED_EVAL.glob("*.jsonl")) for text in texts(path)})
    copies = [f"{phrase.text} = {text}" for phrase in phrases for text in held.near(plain(phrase.text))]
    assert copies == []


def texts(path: Path) -> list[str]:
    found: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        found += [entry[name] for name in ("text", "question") if name in entry]
        found += [turn["user"] for turn in entry.get("turns", [])]
    return found
