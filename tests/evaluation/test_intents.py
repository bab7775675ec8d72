"""The report on intents: its figures, and what it says when something is missing."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from evaluation.errors import AssistantAway, BadQuestionSet
from evaluation.intents import evaluate_intents, read_labelled, report


def test_the_figures_are_those_worked_out_by_hand() -> None:
    found = report(["a", "a", "a", "b", "b", "c"], ["a", "a", "b", "b", "nlu_fallback", "b"])
    assert found["n"] == 6
    assert found["accuracy"] == 0.5
    assert found["by"]["a"] == {"precision": 1.0, "recall": 0.6667, "f1": 0.8, "support": 3}
    assert found["by"]["b"] == {"precision": 0.3333, "recall": 0.5, "f1": 0.4, "support": 2}
    assert found["by"]["c"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}
    assert found["macro_f1"] == 0.4
    assert set(found["by"]) == {"a", "b", "c"}


def test_all_right_is_one() -> None:
    assert report(["a", "b"], ["a", "b"])["macro_f1"] == 1.0


@pytest.mark.parametrize(("expected", "found"), [([], []), (["a"], []), (["a"], ["a", "b"])])
def test_lists_that_do_not_pair_are_refused(expected: list[str], found: list[str]) -> None:
    with pytest.raises(ValueError):
        report(expected, found)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no messages"),
        ("x\n", "line 1"),
        ('{"id":"1","text":"t","intent":"i"}\n{"id":"2"}\n', "line 2"),
        ('{"id":1,"text":"t","intent":"i"}', "must be texts"),
        ("[]", "line 1"),
    ],
)
def test_a_faulty_file_is_named_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "intents.jsonl"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadQuestionSet, match=said):
        read_labelled(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadQuestionSet, match="nowhere"):
        read_labelled(tmp_path / "nowhere.jsonl")


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    file = tmp_path / "intents.jsonl"
    lines = [{"id": "x", "text": "chào", "intent": "greet"}, {"id": "x", "text": "phí?", "intent": "ask_fee"}]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


def python_that(tmp_path: Path, code: str) -> Path:
    """A Python of another environment whose parser does as told."""
    script = tmp_path / "python"
    script.write_text(f"#!{sys.executable}\nimport sys, json\n{code}\n", encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def test_the_parser_of_the_bot_is_asked(messages: Path, tmp_path: Path) -> None:
    python = python_that(
        tmp_path,
        "for line in sys.stdin:\n"
        "    message = json.loads(line)\n"
        "    print(json.dumps({'id': message['id'], 'intent': 'greet', 'confidence': 1.0, 'entities': []}))",
    )
    assert evaluate_intents(messages, python, Path("model"))["accuracy"] == 0.5


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("sys.exit('bot: no model at model')", "no model at model"),
        ('print(\'{"id": "0", "intent": "greet"}\')', "every message"),
    ],
)
def test_a_parser_that_fails_is_reported(messages: Path, tmp_path: Path, code: str, said: str) -> None:
    with pytest.raises(AssistantAway, match=said):
        evaluate_intents(messages, python_that(tmp_path, code), Path("model"))


def test_a_missing_environment_is_reported(messages: Path, tmp_path: Path) -> None:
    with pytest.raises(AssistantAway, match="make setup"):
        evaluate_intents(messages, tmp_path / "none", Path("model"))
