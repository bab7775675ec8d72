"""Names of places as they are written: their kind, their syllables, and how a typed name agrees with one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlu.text import clean, fold

_FILE = Path(__file__).with_name("reading.yaml")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_APART = re.compile(r"[,;:!?()\[\]\n|/]+")
_KINDS = ("thành phố", "thị trấn", "thị xã", "đặc khu", "phường", "huyện", "quận", "tỉnh", "xã")


@dataclass(frozen=True)
class Habits:
    """What `reading.yaml` tells.

    Attributes:
        kinds: short forms, as one or two words, and the kind that each means.
    """

    kinds: Mapping[tuple[str, ...], str]
    before_places: frozenset[str]
    around_places: frozenset[str]


@cache
def habits() -> Habits:
    """Reads the file once."""
    read: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    kinds = {tuple(short.split()): kind for kind, shorts in read["kinds"].items() for short in shorts}
    return Habits(kinds, frozenset(read["before_places"]), frozenset(read["around_places"]))


def syllables(text: str) -> list[str]:
    """Gives the words and numbers of a text in lower case, "q1" apart as "q", "1", numbers without leading noughts."""
    return [t.lstrip("0") or "0" if t.isdigit() else t for t in _TOKEN.findall(clean(text).lower())]


def parts_of(text: str) -> list[list[str]]:
    """Gives the syllables of a text, apart where a comma, a bracket or a new line stands: no name goes across one."""
    return [part for piece in _APART.split(text) if (part := syllables(piece))]


@lru_cache(maxsize=30_000)
def split_kind(name: str) -> tuple[str, tuple[str, ...]]:
    """Splits a full name: "Phường Bến Thành" → ("phuong", ("bến", "thành"))."""
    plain = clean(name).lower()
    for kind in _KINDS:
        if plain.startswith(kind):
            return fold(kind), tuple(syllables(plain.removeprefix(kind)))
    return "", tuple(syllables(plain))


def agrees(typed: Sequence[str], name: Sequence[str]) -> int:
    """Says how well typed syllables agree with those of a name that reads the same without accents.

    Returns:
        2 when accents were typed and are the name's, 1 when none were typed, 0 when others were.
    """
    # Written without blanks, or with one too many, the whole is compared.
    pairs = list(zip(typed, name, strict=True)) if len(typed) == len(name) else [("".join(typed), "".join(name))]
    if not all(got in (syllable, fold(syllable)) for got, syllable in pairs):
        return 0
    return 2 if any(got != fold(got) for got, _ in pairs) else 1
