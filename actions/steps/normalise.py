"""First step: the message in its canonical form."""

from __future__ import annotations

from actions.turn import Turn
from nlu.text import clean


class Normalise:
    """Cleans the text; a message that holds no word at all cannot be searched."""

    def run(self, turn: Turn) -> None:
        turn.text = clean(turn.text)
        if not turn.named and turn.ordinal is None and not any(c.isalnum() for c in turn.text):
            turn.status = "not_found"
