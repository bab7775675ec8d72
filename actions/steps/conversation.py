"""Whether a message in a conversation goes on about the procedure at hand, or takes up another."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from actions.turn import Turn
from actions.world import World
from knowledge.search import SearchResult
from knowledge.search.qualifiers import said_in

# The procedure at hand is a neighbour of what is found when it stands among so many first.
_NEAR = 3

Course = tuple[Literal["stay", "switch", "ask", "open"], str]
"""Stay or switch, with the code; ask which of the two is meant; or leave the message to be decided by itself."""


class Bars(BaseModel):
    """Where staying and switching part. Probabilities and relevance are the search's own, calibrated.

    certain: from this probability on, the message names the procedure that is found, whatever the talk is about.
    switch: the same, where the found one also stands out beside the one at hand.
    relevant: below this relevance a message names no procedure by itself.
    changed: probability enough for another procedure of the same field when the person says the case is
        another.
    named: below this relevance a message says nothing of any procedure, and goes on about the one at hand.
    clear, likely: from this relevance and probability on, a message that seems to name something else is
        asked back about, never answered from the procedure at hand.
    place: another procedure is borne out when it is among so many first of the message and the name of the
        one at hand searched together. A place, not a score, so that it holds for any ranking.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    certain: float
    switch: float
    relevant: float
    changed: float
    named: float
    clear: float
    likely: float
    place: int

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Bars:
        """Reads the project's own bars."""
        path = Path(__file__).with_name("conversation.yaml")
        return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def course(turn: Turn, world: World, bars: Bars | None = None) -> Course:
    """Says where a message leads that came while a procedure was at hand."""
    bars = bars or Bars.load()
    result, at_hand = turn.result, world.procedure(turn.procedure)
    if at_hand is None or result is None or not result.hits:
        return "open", ""
    found = result.hits[0].code
    if found == at_hand.code:
        return "stay", at_hand.code
    if _only_more_special(result, at_hand.code):
        return "stay", at_hand.code
    together = [hit.code for hit in turn.within.hits] if turn.within else []
    borne_out = found in together[: bars.place]
    related = _field(world, found) == at_hand.field
    first = together[0] if together else ""
    offered = {one.code for one in turn.offered}
    if turn.changes and first in offered and first != at_hand.code:
        return "switch", first
    if result.probability >= bars.certain and result.relevance >= bars.named:
        return "switch", found
    if result.relevance >= bars.relevant:
        if borne_out and result.probability >= bars.switch:
            return "switch", found
        if related and turn.changes and result.probability >= bars.changed:
            return "switch", found
    if turn.changes and first not in ("", at_hand.code) and _field(world, first) == at_hand.field:
        return "switch", first
    asks_detail = turn.intent.startswith("ask_") and turn.intent != "ask_overview"
    seems_another = borne_out and asks_detail and not turn.changes and result.relevance >= bars.relevant
    if seems_another or (result.relevance >= bars.clear and result.probability >= bars.likely):
        # Figures of the wrong procedure are worse than one question more.
        return "ask", ""
    says_nothing = result.relevance < bars.named and turn.intent != "out_of_scope"
    if asks_detail or turn.changes or says_nothing:
        return "stay", at_hand.code
    return "open", ""


def _only_more_special(result: SearchResult, at_hand: str) -> bool:
    """Whether what is found differs from the procedure at hand by a special case that the message does not say.

    "xin quyết định cấm tiếp xúc bao lâu có" goes on about the ban, not about lifting it.
    """
    near = {hit.code: hit for hit in result.hits[:_NEAR]}
    if at_hand not in near:
        return False
    more = set(result.hits[0].qualifiers) - set(near[at_hand].qualifiers)
    return bool(more) and not more & said_in(result.text)


def narrowed(turn: Turn) -> str:
    """The one of the offered procedures that the message, searched with the question before, is about."""
    offered = {one.code for one in turn.offered}
    if turn.within is None or not turn.within.hits:
        return ""
    first = turn.within.hits[0].code
    by_itself = [hit.code for hit in turn.result.hits if hit.code in offered] if turn.result else []
    agreed = bool(by_itself) and by_itself[0] == first
    return first if first in offered and agreed else ""


def _field(world: World, code: str) -> str:
    procedure = world.procedure(code)
    return procedure.field if procedure else ""
