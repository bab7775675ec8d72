"""The procedures the message may be about, by itself and within the conversation."""

from __future__ import annotations

from actions.compose import spoken_name
from actions.turn import Turn
from actions.world import World

# Deep enough to see where another procedure stands once the one at hand is named too.
_WITHIN = 40


class Search:
    """Searches the message unless the context settled it already."""

    def __init__(self, world: World) -> None:
        self._world = world

    def run(self, turn: Turn) -> None:
        if turn.target is not None:
            return
        engine = self._world.engine
        turn.result = engine.search(turn.text)
        about = self._about(turn)
        found = turn.result.hits[0].code if turn.result.hits else ""
        if about and found != turn.procedure:
            # Read before it is joined: accents are restored only in a text that has none.
            turn.within = engine.search(f"{engine.read(turn.text)}, {about}", k=_WITHIN)

    def _about(self, turn: Turn) -> str:
        """What the conversation is about: the question whose list is open, or the procedure at hand."""
        at_hand = self._world.procedure(turn.procedure) if turn.procedure else None
        if turn.offered and turn.question and (turn.changes or not at_hand):
            return self._world.engine.read(turn.question)
        return spoken_name(at_hand) if at_hand else ""
