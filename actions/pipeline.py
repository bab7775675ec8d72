"""The way of a question, on one screen.

Normalise → NoticeDanger → Refuse → ReadContext → Search → Decide → Compose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from actions.steps.compose import Compose
from actions.steps.danger import NoticeDanger
from actions.steps.decide import Decide, Thresholds
from actions.steps.normalise import Normalise
from actions.steps.read_context import ReadContext
from actions.steps.refuse import Refuse
from actions.steps.search import Search
from actions.turn import Turn
from actions.world import World


class Step(Protocol):
    """One step; a turn whose status it changes from `open` goes straight to Compose."""

    def run(self, turn: Turn) -> None:
        """Does its part on the turn."""


def steps(world: World, thresholds: Thresholds | None = None) -> Sequence[Step]:
    """The steps, in order."""
    return (
        Normalise(),
        NoticeDanger(),
        Refuse(),
        ReadContext(world),
        Search(world),
        Decide(world, thresholds or Thresholds.load()),
        Compose(world),
    )


def answer(turn: Turn, through: Sequence[Step]) -> Turn:
    """Takes a turn through the steps; what Compose leaves behind is the reply."""
    *thinking, compose = through
    for step in thinking:
        if turn.status == "open":
            step.run(turn)
    compose.run(turn)
    return turn
