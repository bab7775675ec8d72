"""Words that tell the variants of one thing apart ("có yếu tố nước ngoài", "cấp lại", "lưu động")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from nlu.text import fold

_TABLE = Path(__file__).with_name("qualifiers.yaml")
_ASIDE = "aside"
Floats = NDArray[np.float32]


@lru_cache(maxsize=1)
def _patterns() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    """Per qualifier: how it is said, and how titles say it."""
    table: dict[str, Any] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {
        name: (_any(of["said"] + of["titled"]), _any(of["titled"])) for name, of in table.items() if name != _ASIDE
    }


@lru_cache(maxsize=1)
def _aside() -> re.Pattern[str]:
    return _any(yaml.safe_load(_TABLE.read_text(encoding="utf-8"))[_ASIDE])


def _looked_at(text: str) -> str:
    return _aside().sub("|", fold(text))


def _any(phrases: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(sorted({re.escape(fold(p)) for p in phrases})) + r")\b")


def qualifier_names() -> list[str]:
    """Lists the qualifiers."""
    return list(_patterns())


def said_in(text: str) -> frozenset[str]:
    """Gives the qualifiers that a message says."""
    bare = _looked_at(text)
    return frozenset(name for name, (spoken, _) in _patterns().items() if spoken.search(bare))


@lru_cache(maxsize=20_000)
def carried(name: str, said: str) -> tuple[list[str], list[str]]:
    """Lists the qualifiers of a procedure.

    Args:
        name: its title.
        said: people's phrases for it; may be empty.

    Returns:
        Those that the title carries, and those that title or phrases carry.
    """
    title, phrases = _looked_at(name), _looked_at(said)
    titled = [q for q, (_, pattern) in _patterns().items() if pattern.search(title)]
    known = [q for q, (pattern, _) in _patterns().items() if q in titled or pattern.search(phrases)]
    return titled, known


class Qualifiers:
    """Which qualifiers every procedure carries, ready to be compared with a question."""

    def __init__(self, titled: Sequence[Sequence[str]], known: Sequence[Sequence[str]]) -> None:
        """Takes what `carried` gave for every procedure, in their order."""
        self._titled, self._known = _matrix(titled), _matrix(known)

    def of(self, text: str) -> dict[str, Floats]:
        """Compares a question with every procedure.

        Returns:
            Arrays of shape (procedures,) by name: for every qualifier `unasked_…` (1 where the title has what
            was not said) and `missed_…` (1 where neither title nor people's words have what was said).
        """
        heard = said_in(text)
        zero = np.zeros(self._titled.shape[1], np.float32)
        table: dict[str, Floats] = {}
        for row, name in enumerate(_patterns()):
            said = name in heard
            table[f"unasked_{name}"] = zero if said else self._titled[row]
            table[f"missed_{name}"] = np.float32(1) - self._known[row] if said else zero
        return table


def _matrix(carried_by: Sequence[Sequence[str]]) -> Floats:
    """Shape (qualifiers, procedures), 1 where a procedure carries a qualifier."""
    rows = {name: row for row, name in enumerate(_patterns())}
    matrix: Floats = np.zeros((len(rows), len(carried_by)), np.float32)
    for column, names in enumerate(carried_by):
        for name in names:
            matrix[rows[name], column] = 1
    return matrix
