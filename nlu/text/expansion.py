"""Short forms written out (`abbreviations.yaml`) and regional words said as the records say them (`regional.yaml`)."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from nlu.text.cleaning import fold

_HERE = Path(__file__).parent
_TOKEN = re.compile(r"[^\W_]+", re.UNICODE)


@lru_cache(maxsize=1)
def _short_forms() -> dict[str, str]:
    return _read("abbreviations.yaml")


@lru_cache(maxsize=1)
def _regional() -> tuple[re.Pattern[str], dict[str, str]]:
    table = _read("regional.yaml")
    longest_first = sorted(table, key=lambda phrase: (-len(phrase), phrase))
    either = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in longest_first)
    return re.compile(rf"\b(?:{either})\b", re.IGNORECASE), table


def _read(name: str) -> dict[str, str]:
    groups: dict[str, dict[str, str]] = yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))
    return {said.lower(): meant for group in groups.values() for said, meant in group.items()}


def expand(text: str) -> str:
    """Writes short forms out and says regional words as the records do.

    "lam cccd ko can j" → "lam căn cước công dân không can gì", "mần răng" → "làm sao". Only what stands in
    a table as typed (case aside) is replaced; everything else, punctuation included, is kept. Idempotent,
    because nothing that is put in is itself in a table.
    """
    short, (pattern, regional) = _short_forms(), _regional()

    def full(match: re.Match[str]) -> str:
        return short.get(match.group().lower(), match.group())

    def meant(match: re.Match[str]) -> str:
        said = " ".join(match.group().lower().split())
        # What stands for itself is only kept.
        return match.group() if regional[said] == said else regional[said]

    return pattern.sub(meant, _TOKEN.sub(full, text))


def abbreviations() -> dict[str, str]:
    """Gives the table of short forms, in lower case → written out."""
    return dict(_short_forms())


def regional_words() -> dict[str, str]:
    """Gives the table of regional words, in lower case → as the records say it."""
    return dict(_regional()[1])


def is_unaccented(text: str) -> bool:
    """Says whether a text carries no Vietnamese accent at all."""
    return fold(text) == text.lower()
