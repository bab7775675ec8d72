"""Answer, ask back, or say so."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from actions.steps.conversation import Course, course, narrowed
from actions.steps.unsaid import left_open
from actions.turn import Turn
from actions.world import World
from knowledge.search import SearchResult

MOST_CHOICES = 5
SHORT = 3
_SURELY_RELEVANT = 0.9


class Thresholds(BaseModel):
    """Where the decisions part; chosen by cross-validation on the development questions.

    answer: from this probability of the top hit on, it is answered.
    answer_short: the same for a message of `SHORT` words or fewer, which names a thing and says little else.
    relevant: below this relevance the message is taken to be about no procedure at all.
    off_topic: the same bar when Rasa already says that the message is out of scope.
    near: hits whose score is this near to the top's are offered as choices.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: float
    answer_short: float
    relevant: float
    off_topic: float
    near: float

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Thresholds:
        """Reads the project's own thresholds."""
        path = Path(__file__).with_name("thresholds.yaml")
        return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


class Decide:
    """Chooses between answer, clarify and say-so."""

    def __init__(self, world: World, thresholds: Thresholds) -> None:
        self._world = world
        self._bars = thresholds

    def run(self, turn: Turn) -> None:
        if turn.target is not None:
            turn.status = "answered"
            return
        result = turn.result
        if result is None or not result.hits:
            turn.status = "not_found"
            return
        decision, codes = decide(result, self._bars, out_of_scope=turn.intent == "out_of_scope")
        turn.trace |= {"decision": decision, "probability": result.probability, "relevance": result.relevance}
        if decision == "answer" and not turn.procedure and (unsaid := left_open(turn.text, result)):
            decision, codes = "clarify", unsaid
        where, code = self._in_conversation(turn, decision)
        turn.trace["course"] = where
        turn.follows = where == "stay"
        if code:
            decision, codes = "answer", [code]
        elif where == "ask":
            decision = "clarify"
        if decision == "answer":
            turn.target = self._world.procedure(codes[0])
            turn.status = "answered" if turn.target else "not_found"
            return
        if decision == "clarify" and turn.procedure:
            # The procedure at hand stays within reach of somebody who did mean it.
            codes = [*[code for code in codes if code != turn.procedure][: MOST_CHOICES - 1], turn.procedure]
        turn.choices = tuple(p for p in map(self._world.procedure, codes) if p)
        if decision == "clarify":
            turn.status = "asked_back"
        elif turn.intent == "out_of_scope" or result.relevance < self._bars.off_topic:
            turn.status = "off_topic"
        else:
            turn.status = "not_found"

    def _in_conversation(self, turn: Turn, decision: str) -> Course:
        if turn.procedure:
            return course(turn, self._world)
        chosen = narrowed(turn) if turn.offered and decision == "clarify" else ""
        return ("switch", chosen) if chosen else ("open", "")


def decide(result: SearchResult, bars: Thresholds, *, out_of_scope: bool = False) -> tuple[str, list[str]]:
    """Decides on a search result alone.

    Returns:
        "answer" with the code, "clarify" with the codes to offer, or "refuse" with the nearest codes.
    """
    near = _near(result, bars.near)
    if result.relevance < (bars.off_topic if out_of_scope else bars.relevant):
        return "refuse", [hit.code for hit in result.hits[:3]]
    if out_of_scope and result.probability < bars.answer and result.relevance < _SURELY_RELEVANT:
        # Rasa took it for something else, and the search is not sure enough to say otherwise.
        return "refuse", [hit.code for hit in result.hits[:3]]
    bar = bars.answer_short if len(result.text.split()) <= SHORT else bars.answer
    if result.probability >= bar or len(near) == 1:
        return "answer", [result.hits[0].code]
    return "clarify", near


def _near(result: SearchResult, bar: float) -> list[str]:
    """What to offer: hits near the top, the variants of the thing on top before other things."""
    near = [hit for hit in result.hits if result.hits[0].score - hit.score <= bar]
    family = result.hits[0].family
    near.sort(key=lambda hit: not (family and hit.family == family))
    return [hit.code for hit in near[:MOST_CHOICES]]
