"""What is declined whatever the catalogue holds: forged papers, bribes, others' data, attacks, insults."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import yaml

from actions.steps.phrases import Phrases, Said
from actions.steps.read_context import content_words
from actions.turn import Turn

Improper = Literal["forged", "bribe", "evasion", "others_data", "injection", "insult"]

_TABLE = Path(__file__).with_name("improper.yaml")
# Somebody who swears and asks gets the answer: with more words than these left, there is a question.
_A_QUESTION = 2


@dataclass(frozen=True)
class _Matter:
    phrases: Phrases
    unless: Phrases


@lru_cache(maxsize=1)
def _table() -> dict[Improper, _Matter]:
    table = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {
        kind: _Matter(Phrases(table[kind]["phrases"]), Phrases(table[kind]["unless"]))
        for kind in get_args(Improper)
    }


def find_improper(text: str) -> Improper | None:
    """Says why a message is declined, or None."""
    said = Said.of(text)
    for kind, matter in _table().items():
        if not matter.phrases.found_in(said) or matter.unless.found_in(said):
            continue
        if (
            kind == "insult"
            and len(content_words(" ".join(matter.phrases.without(said).words))) > _A_QUESTION
        ):
            continue
        return kind
    return None


class Refuse:
    """Stops the turn where the message asks for what nobody may be helped with."""

    def run(self, turn: Turn) -> None:
        improper = find_improper(turn.text)
        if improper:
            turn.improper = improper
            turn.status = "improper"
