"""The way of a question, on one screen.

Normalise → NoticeDanger → Refuse → AskPrivacy → HearAnswer → AskSheet → FindGuide → FindLifeEvent → ReadContext →
Search → Decide → FindSecond → KnowCase → Compose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from actions.steps.around import AskPrivacy, AskSheet, FindGuide, FindLifeEvent
from actions.steps.case import HearAnswer, KnowCase
from actions.steps.compose import Compose
from actions.steps.danger import NoticeDanger
from actions.steps.decide import Decide, Thresholds
from actions.steps.normalise import Normalise
from actions.steps.read_context import ReadContext
from actions.steps.refuse import Refuse
from actions.steps.search import Search
from actions.steps.several import FindSecond
from actions.turn import Turn
from actions.world import World

_CLOSING = 3


class Step(Protocol):
    """One step."""

    def run(self, turn: Turn) -> None:
        """Does its part on the turn."""


def steps(world: World, thresholds: Thresholds | None = None) -> Sequence[Step]:
    """The steps, in order."""
    return (
        Normalise(),
        NoticeDanger(),
        Refuse(),
        AskPrivacy(),
        HearAnswer(world),
        AskSheet(world),
        FindGuide(),
        FindLifeEvent(world),
        ReadContext(world),
        Search(world),
        Decide(world, thresholds or Thresholds.load()),
        FindSecond(world),
        KnowCase(),
        Compose(world),
    )


def answer(turn: Turn, through: Sequence[Step]) -> Turn:
    """Takes a turn through the steps; what Compose leaves behind is the reply.

    Once a step has settled the status, those that settle it are passed over; the last three always run.
    """
    settling, closing = through[:-_CLOSING], through[-_CLOSING:]
    for step in settling:
        if turn.status == "open":
            step.run(turn)
    for step in closing:
        step.run(turn)
    return turn
