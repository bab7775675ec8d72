"""Naming the intents of a file, and training once per content."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.tests.conftest import ROOT


def parse(model: Path, lines: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "bot/parse.py", "--model", str(model)],
        cwd=ROOT,
        input=lines,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_each_line_is_answered_in_order(model: Path) -> None:
    messages = ["xin giấy phép xây dựng ở đâu", "/restart", "tra H49.18-261105-0001", "cái thứ hai"]
    done = parse(model, "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(messages)))
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [0, 1, 2, 3]
    assert answers[0]["intent"] == "ask_where"
    assert answers[1]["intent"] != "restart"
    assert answers[2] == {
        "id": 2,
        "intent": "check_status",
        "confidence": answers[2]["confidence"],
        "entities": [{"entity": "dossier_code", "value": "H49.18-261105-0001"}],
    }
    assert answers[3]["entities"] == [{"entity": "number", "value": 2}]


def test_messages_are_not_printed_beside_the_answers(model: Path) -> None:
    done = parse(model, '{"id": 1, "text": "xyzzy"}\n')
    assert "xyzzy" not in done.stdout + done.stderr


@pytest.mark.parametrize("line", ["x", '{"id": 1}', "[]", '{"id": 1, "text": 2}'])
def test_a_faulty_line_is_named(model: Path, line: str) -> None:
    done = parse(model, line + "\n")
    assert done.returncode == 2
    assert done.stderr.startswith("bot: line 1") and done.stderr.count("\n") == 1


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    done = parse(tmp_path / "none.tar.gz", "")
    assert done.returncode == 2
    assert "no model at" in done.stderr and "Traceback" not in done.stderr


def test_a_broken_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.tar.gz").write_bytes(b"broken")
    done = parse(tmp_path / "broken.tar.gz", '{"id": 1, "text": "chào"}\n')
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_trained_model_is_not_trained_again(model: Path) -> None:
    before = model.stat().st_mtime_ns
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "bot/train.py", "--models", str(model.parent)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.splitlines()[-1] == str(model)
    assert model.stat().st_mtime_ns == before
    assert time.monotonic() - began < 5


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "bot/train.py", "--models", str(tmp_path / "models")],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("bot: not trained:") and "Traceback" not in done.stderr
