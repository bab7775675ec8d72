"""A procedure and an aspect → a Reply. One module an aspect or two; figures only from the record.

`answer_about` puts the whole together; `aspects` names the composer of each aspect; `parts` and `text` hold
what they share.
"""

from actions.compose.answer import answer_about
from actions.compose.aspects import COMPOSERS, compose_aspect
from actions.compose.names import distinction, short_name, spoken_name, without_kind
from actions.compose.parts import Part, render

__all__ = [
    "COMPOSERS",
    "Part",
    "answer_about",
    "compose_aspect",
    "distinction",
    "render",
    "short_name",
    "spoken_name",
    "without_kind",
]
