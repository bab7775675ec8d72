"""How well the bot names intents: accuracy, macro-F1, and precision and recall of each label.

The bot lives in another environment, so its `parse.py` is run there as a program of its own.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import AssistantAway, BadQuestionSet

ROOT = Path(__file__).resolve().parents[1]
# Loading Rasa takes ten seconds, a message a few milliseconds.
_PATIENCE_S = 600.0


@dataclass(frozen=True)
class Labelled:
    """A message and the intent that it has, or was found to have."""

    id: str
    text: str
    intent: str


def evaluate_intents(file: Path, python: Path, model: Path) -> dict[str, Any]:
    """Names the intent of every message of a file and compares.

    Args:
        file: JSONL with `{"id", "text", "intent"}` a line.
        python: Python of the bot's environment.
        model: trained model.

    Returns:
        `{"n", "accuracy", "macro_f1", "by": {label: {"precision", "recall", "f1", "support"}}}`.

    Raises:
        BadQuestionSet: when the file cannot be read; names the line.
        AssistantAway: when the bot does not answer.
    """
    messages = read_labelled(file)
    return report([message.intent for message in messages], name_intents(messages, python, model))


def read_labelled(file: Path) -> list[Labelled]:
    """Reads the messages of a file.

    Raises:
        BadQuestionSet: when it is empty, unreadable, or a line is not `{"id", "text", "intent"}`.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuestionSet(f"{file} cannot be read ({type(error).__name__})") from None
    messages: list[Labelled] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            fields = (data["id"], data["text"], data["intent"])
        except (ValueError, KeyError, TypeError):
            raise BadQuestionSet(f'{file}, line {number}: not an object with "id", "text", "intent"') from None
        if not all(isinstance(field, str) for field in fields):
            raise BadQuestionSet(f'{file}, line {number}: "id", "text" and "intent" must be texts')
        messages.append(Labelled(*fields))
    if not messages:
        raise BadQuestionSet(f"{file} holds no messages")
    return messages


def name_intents(messages: Sequence[Labelled], python: Path, model: Path) -> list[str]:
    """Asks the bot for the intent of each message, in order.

    Raises:
        AssistantAway: when it cannot be started, fails, or leaves a message out.
    """
    lines = "".join(
        json.dumps({"id": str(place), "text": message.text}) + "\n" for place, message in enumerate(messages)
    )
    command = [str(python), str(ROOT / "bot" / "parse.py"), "--model", str(model)]
    try:
        done = subprocess.run(
            command,
            input=lines,
            capture_output=True,
            encoding="utf-8",
            cwd=ROOT,
            timeout=_PATIENCE_S,
            check=False,
        )
    except OSError as error:
        raise AssistantAway(f"the bot's environment cannot be started ({error.strerror}): run `make setup`") from None
    except subprocess.TimeoutExpired:
        raise AssistantAway(f"the bot's parser did not finish within {_PATIENCE_S:.0f} s") from None
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise AssistantAway(f"the bot's parser failed: {reason}")
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if [answer["id"] for answer in answers] != [str(place) for place in range(len(messages))]:
        raise AssistantAway("the bot's parser did not answer every message")
    return [str(answer["intent"]) for answer in answers]


def report(expected: Sequence[str], found: Sequence[str]) -> dict[str, Any]:
    """Compares labels with what was found.

    The macro-F1 is the mean over the labels that are expected somewhere: a label that is only found, such
    as a fallback, costs recall where it is found and has no row of its own.

    Raises:
        ValueError: when the two differ in length or are empty.
    """
    pairs = list(zip(expected, found, strict=True))
    if not pairs:
        raise ValueError("nothing to compare")
    right = Counter(label for label, other in pairs if label == other)
    support, named = Counter(expected), Counter(found)
    by = {label: _row(right[label], named[label], support[label]) for label in sorted(support)}
    return {
        "n": len(pairs),
        "accuracy": round(sum(right.values()) / len(pairs), 4),
        "macro_f1": round(sum(row["f1"] for row in by.values()) / len(by), 4),
        "by": by,
    }


def _row(right: int, named: int, support: int) -> dict[str, float]:
    return {
        "precision": round(right / named, 4) if named else 0.0,
        "recall": round(right / support, 4),
        "f1": round(2 * right / (named + support), 4),
        "support": support,
    }
