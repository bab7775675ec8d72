"""What a procedure is called when speaking of it."""

from __future__ import annotations

from actions.compose.text import clause, sentence_case, shorten, tidy
from knowledge.model import Procedure

_SHORT = 130


def spoken_name(procedure: Procedure) -> str:
    """The whole name, as a title: not shouted, without "Thủ tục" before and a stop after it."""
    if procedure.curated:
        return procedure.curated.name
    name = clause(tidy(procedure.name))
    head, _, rest = name.partition(" ")
    second, _, rest = rest.partition(" ")
    if f"{head} {second}".lower() == "thủ tục" and rest:
        name = rest
    name = sentence_case(name)
    return name[:1].upper() + name[1:]


def short_name(procedure: Procedure) -> str:
    """The name, cut where it would fill a screen by itself."""
    return shorten(spoken_name(procedure), _SHORT)
