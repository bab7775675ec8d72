"""Conversations that the trained model must predict exactly."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.tests.conftest import ROOT

STORIES = ROOT / "bot/tests/conversations.yml"


def run(model: Path, stories: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "rasa",
        "test",
        "core",
        "--model",
        str(model),
        "--stories",
        str(stories),
        "--out",
        str(out),
        "--fail-on-prediction-errors",
        "--no-plot",
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)


def test_every_turn_is_predicted(model: Path, tmp_path: Path) -> None:
    done = run(model, STORIES, tmp_path)
    wrong = tmp_path / "failed_test_stories.yml"
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:] + (wrong.read_text() if wrong.exists() else "")


def test_one_wrong_prediction_fails_the_run(model: Path, tmp_path: Path) -> None:
    stories = tmp_path / "wrong.yml"
    stories.write_text(
        "stories:\n- story: wrong\n  steps:\n"
        "  - user: |\n      xin chào\n    intent: greet\n  - action: action_answer\n",
        encoding="utf-8",
    )
    assert run(model, stories, tmp_path / "out").returncode != 0


def test_every_intent_is_tried_in_some_conversation() -> None:
    domain = yaml.safe_load((ROOT / "bot/domain.yml").read_text(encoding="utf-8"))
    text = STORIES.read_text(encoding="utf-8")
    assert set(re.findall(r"intent: (\w+)", text)) - {"nlu_fallback"} == set(domain["intents"])


@pytest.mark.parametrize("intent", ["nlu_fallback"])
def test_every_intent_has_one_rule(intent: str) -> None:
    domain = yaml.safe_load((ROOT / "bot/domain.yml").read_text(encoding="utf-8"))
    rules = yaml.safe_load((ROOT / "bot/data/rules.yml").read_text(encoding="utf-8"))["rules"]
    ruled = [step["intent"] for rule in rules for step in rule["steps"] if "intent" in step]
    assert sorted(ruled) == sorted([*domain["intents"], intent])
    acted = {step["action"] for rule in rules for step in rule["steps"] if "action" in step}
    assert acted == set(domain["actions"])
