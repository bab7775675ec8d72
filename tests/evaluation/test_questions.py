"""Question sets: what is read, and how a broken line is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation.errors import BadQuestionSet
from evaluation.foreign import read_foreign
from evaluation.questions import Dialogue, Odd, Question, read_lines


def written(folder: Path, *lines: Any) -> Path:
    path = folder / "set.jsonl"
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def test_questions_with_and_without_what_is_optional(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"id": "1", "question": "làm khai sinh", "gold": ["1.1"]},
        "",
        {"id": "2", "question": "?", "gold": [], "also_ok": ["2.2"], "register": "plain", "note": "kept out"},
    )
    first, second = read_lines(path, Question)
    assert (first.gold, first.also_ok, first.register_) == (("1.1",), (), "")
    assert (second.gold, second.also_ok, second.register_) == ((), ("2.2",), "plain")


def test_conversations_and_odd_messages(tmp_path: Path) -> None:
    turn = {"user": "chào", "expect": {"kind": "greet", "must_contain_any": ["chào"]}}
    [dialogue] = read_lines(written(tmp_path, {"id": "d", "turns": [turn]}), Dialogue)
    assert dialogue.turns[0].expect.kind == "greet" and dialogue.turns[0].expect.procedure == ()
    [odd] = read_lines(written(tmp_path, {"id": "o", "question": "thời tiết", "expect": "refuse"}), Odd)
    assert odd.gold == ()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"id": "1", "question": "a"}', "{broken"], "set.jsonl line 2 is not JSON"),
        (["", '{"id": "1"}'], "set.jsonl line 2: question: Field required"),
        (['{"id": 1, "question": "a"}'], "set.jsonl line 1: id: "),
        (['{"id": "1", "question": "a", "gold": [1]}'], "set.jsonl line 1: gold.0: "),
        (["[]"], "set.jsonl line 1: "),
        (["null"], "set.jsonl line 1: "),
        ([""], "set.jsonl holds no question"),
    ],
)
def test_a_broken_line_is_named_with_its_number(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(BadQuestionSet) as error:
        read_lines(written(tmp_path, *lines), Question)
    assert str(error.value).startswith(message) and "\n" not in str(error.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadQuestionSet, match=r"^none.jsonl cannot be read: "):
        read_lines(tmp_path / "none.jsonl", Question)
    (tmp_path / "set.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadQuestionSet, match=r"^set.jsonl cannot be read: "):
        read_lines(tmp_path / "set.jsonl", Question)


RASA = """
version: "3.1"
nlu:
- intent: greet
  examples: |
    - chào bạn
    - chào [Hải](name) nhé
- intent: out_of_scope
  examples: |
    - thời tiết [Huế]{"entity": "place"} hôm nay
- intent: ask_fee
  examples: |
    - lệ phí bao nhiêu
- synonym: huế
  examples: |
    - cố đô
"""


def test_foreign_messages_from_a_training_file(tmp_path: Path) -> None:
    (tmp_path / "nlu.yml").write_text(RASA, encoding="utf-8")
    assert read_foreign(tmp_path / "nlu.yml") == ["chào bạn", "chào Hải nhé", "thời tiết Huế hôm nay"]


def test_foreign_messages_from_an_off_topic_set(tmp_path: Path) -> None:
    expectations = ("refuse", "answer", "chitchat", "handoff")
    lines = [{"id": e, "question": f"hỏi {e}", "expect": e} for e in expectations]
    assert read_foreign(written(tmp_path, *lines)) == ["hỏi refuse", "hỏi chitchat"]


@pytest.mark.parametrize(
    "content", ["nlu: [", "- a list", "nlu:\n- intent: greet\n  examples: |\n    - chào\n   bad", "nlu: 5", "\ufffe"]
)
def test_a_training_file_that_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "nlu.yml").write_text(content, encoding="utf-8")
    with pytest.raises(BadQuestionSet, match=r"nlu.yml"):
        read_foreign(tmp_path / "nlu.yml")


def test_a_training_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadQuestionSet, match=r"^none.yml cannot be read"):
        read_foreign(tmp_path / "none.yml")
