"""Danger to life that the message names: who to call comes before anything else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import yaml

from actions.steps.phrases import Phrases, Said
from actions.turn import Turn

DangerKind = Literal["fire", "violence", "suicide", "dying", "swindle"]

_TABLE = Path(__file__).with_name("dangers.yaml")


@dataclass(frozen=True)
class Danger:
    """A danger that was named; `is_now` says that nothing else is to be answered."""

    kind: DangerKind
    is_now: bool


@dataclass(frozen=True)
class _Signs:
    now: Phrases
    named: Phrases
    past: Phrases


@lru_cache(maxsize=1)
def _table() -> tuple[Phrases, Phrases, dict[DangerKind, _Signs]]:
    table = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    signs: dict[DangerKind, _Signs] = {}
    for kind in get_args(DangerKind):
        of = {when: Phrases(table[kind].get(when, ())) for when in ("now", "named", "past")}
        signs[kind] = _Signs(**of)
    return Phrases(table["harmless"]), Phrases(table["paperwork"]), signs


def find_danger(text: str) -> Danger | None:
    """Says what danger a message names, or None.

    A danger that is only named, in a message about paperwork ("nhà cháy mất hết giấy tờ"), is over and
    no danger; violence that is not said to happen now is answered, with the numbers to call before.
    """
    harmless, paperwork, signs = _table()
    whole = Said.of(text)
    said = harmless.without(whole)
    over = paperwork.found_in(whole)
    for kind, of in signs.items():
        if of.now.found_in(said) or (not over and of.named.found_in(said)):
            return Danger(kind, is_now=True)
    for kind, of in signs.items():
        if of.past.found_in(said):
            return Danger(kind, is_now=False)
    return None


class NoticeDanger:
    """Stops the turn where the danger is there now; remembers it for the reply where it may come again."""

    def run(self, turn: Turn) -> None:
        danger = find_danger(turn.text)
        if danger is None:
            return
        turn.danger = danger.kind
        if danger.is_now:
            turn.status = "danger"
