"""Messages that are about no procedure: from Rasa training files, or from off-topic question sets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from evaluation.errors import BadQuestionSet
from evaluation.questions import Odd, read_lines

_FOREIGN_INTENTS = ("out_of_scope", "greet", "goodbye", "thank", "bot_challenge", "affirm", "deny", "feedback")
_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def read_foreign(path: Path) -> list[str]:
    """Reads the messages of a file.

    Args:
        path: a Rasa training file (its conversational and out-of-scope intents) or an off-topic set (its
            messages to be refused or chatted about).

    Raises:
        BadQuestionSet: the file cannot be read, or is neither of the two.
    """
    if path.suffix in (".yml", ".yaml"):
        return [
            _ANNOTATION.sub(r"\1", line.removeprefix("- ").strip())
            for block in _blocks(path)
            if str(block.get("intent", "")) in _FOREIGN_INTENTS
            for line in str(block.get("examples", "")).splitlines()
            if line.strip().startswith("- ")
        ]
    return [odd.question for odd in read_lines(path, Odd) if odd.expect in ("refuse", "chitchat")]


def _blocks(path: Path) -> list[dict[str, Any]]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as cause:
        raise BadQuestionSet(f"{path.name} cannot be read: {' '.join(str(cause).split())}") from cause
    blocks = document.get("nlu") if isinstance(document, dict) else None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise BadQuestionSet(f"{path.name} is no Rasa training file: it has no list under 'nlu'")
    return blocks
