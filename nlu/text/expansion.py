"""Abbreviations and teencode, written out from the table `abbreviations.yaml`."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from nlu.text.cleaning import fold

_TABLE = Path(__file__).with_name("abbreviations.yaml")
_TOKEN = re.compile(r"[^\W_]+", re.UNICODE)


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    groups: dict[str, dict[str, str]] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {short.lower(): full for group in groups.values() for short, full in group.items()}


def expand(text: str) -> str:
    """Writes abbreviations out: "lam cccd ko can j" → "lam căn cước công dân không can gì".

    A word is replaced only when it stands in the table as typed (case aside); everything else,
    punctuation included, is kept. Idempotent, because no expansion is itself an abbreviation.
    """
    table = _table()

    def full(match: re.Match[str]) -> str:
        return table.get(match.group(0).lower(), match.group(0))

    return _TOKEN.sub(full, text)


def abbreviations() -> dict[str, str]:
    """Gives the whole table, short form (lower case) → full form."""
    return dict(_table())


def is_unaccented(text: str) -> bool:
    """Says whether a text carries no Vietnamese accent at all."""
    return fold(text) == text.lower()
