"""The made-up centre of a bare clone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from knowledge.counters.hours import read_spans
from knowledge.counters.model import Counter

_FILE = Path(__file__).with_name("sample.yaml")
_SATURDAY = 5


def sample_counters() -> list[Counter]:
    """Gives the counters of the made-up centre."""
    read: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return [
        Counter(
            centre=read["centre"],
            name=one["name"],
            serves=tuple(one.get("serves", ())),
            week={day: spans for day, spans in _week(one).items() if spans},
            slot_minutes=one.get("slot_minutes", 15),
            address=read["address"],
        )
        for one in read["counters"]
    ]


def _week(one: dict[str, Any]) -> dict[int, tuple[tuple[int, int], ...]]:
    weekdays = read_spans(one["weekdays"])
    return {**dict.fromkeys(range(_SATURDAY), weekdays), _SATURDAY: read_spans(one.get("saturday", ""))}
