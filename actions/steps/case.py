"""The person's case on the way of a question: an answer to what was asked for, and what the reply may count on."""

from __future__ import annotations

from dataclasses import replace

from actions.cases import facts, hear, question_for
from actions.cases.facts import hear_answer, hear_whom
from actions.steps.read_context import content_words
from actions.turn import Turn
from actions.world import World

_MOST_WORDS_OF_AN_ANSWER = 8


class HearAnswer:
    """Takes a short message that answers the fact asked for last as going on about the procedure at hand."""

    def __init__(self, world: World) -> None:
        self._world = world

    def run(self, turn: Turn) -> None:
        fact = facts().get(turn.case.pending)
        if fact is None or turn.named or not turn.procedure:
            return
        values = list(fact.values)
        if turn.ordinal is not None:
            place = len(values) if turn.ordinal == -1 else turn.ordinal
            value = values[place - 1] if 1 <= place <= len(values) else ""
        elif len(content_words(turn.text)) <= _MOST_WORDS_OF_AN_ANSWER:
            value = hear_answer(turn.text, fact)
        else:
            value = ""
        if not value:
            return
        turn.case = turn.case.told({fact.key: value})
        turn.ordinal = None
        turn.aspect = "documents"
        turn.target = self._world.procedure(turn.procedure)
        turn.follows = True


class KnowCase:
    """Adds what the message says of the case, and finds what is worth asking for."""

    def run(self, turn: Turn) -> None:
        if turn.target and turn.procedure and turn.target.code != turn.procedure:
            turn.case = turn.case.elsewhere()
        told = {**hear(turn.text), **turn.tapped}
        turn.case = replace(turn.case.told(told, hear_whom(turn.text) if "doer" in told else ""), pending="")
        curated = turn.target.curated if turn.target else None
        if curated and "documents" in (turn.aspect, *turn.aspects):
            turn.asks = question_for(curated.documents, turn.case)
        if turn.asks:
            turn.case = replace(turn.case, asked=(*turn.case.asked, turn.asks.key), pending=turn.asks.key)
