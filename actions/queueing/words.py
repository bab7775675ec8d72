"""The phrases of `asking_words.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from actions.steps.phrases import Phrases, Said

_FILE = Path(__file__).with_name("asking_words.yaml")


@cache
def table() -> dict[str, Any]:
    """Reads the file once."""
    read: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return read


@cache
def phrases(kind: str) -> Phrases:
    """Gives the phrases of one kind."""
    return Phrases(map(str, table()[kind]))


@cache
def weekdays() -> dict[int, Phrases]:
    """Gives the names of the weekdays, 0 for Monday."""
    return {int(day): Phrases(names) for day, names in table()["weekdays"].items()}


def heard(kind: str, text: str | Said) -> bool:
    """Says whether a phrase of a kind is said."""
    said = Said.of(text) if isinstance(text, str) else text
    return phrases(kind).found_in(said)
