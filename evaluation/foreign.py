"""Messages that are about no procedure: from Rasa training files, or from off-topic question sets."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from evaluation.questions import Odd, read_lines

_FOREIGN_INTENTS = ("out_of_scope", "greet", "goodbye", "thank", "bot_challenge", "affirm", "deny", "feedback")
_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def read_foreign(path: Path) -> list[str]:
    """Reads the messages of a file.

    Args:
        path: a Rasa training file (its conversational and out-of-scope intents) or an off-topic set (its
            messages to be refused or chatted about).

    Raises:
        BadQuestionSet: the off-topic set cannot be read.
    """
    if path.suffix in (".yml", ".yaml"):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [
            _ANNOTATION.sub(r"\1", line.removeprefix("- ").strip())
            for block in document.get("nlu", [])
            if str(block.get("intent", "")) in _FOREIGN_INTENTS
            for line in str(block.get("examples", "")).splitlines()
            if line.strip().startswith("- ")
        ]
    return [odd.question for odd in read_lines(path, Odd) if odd.expect in ("refuse", "chitchat")]
