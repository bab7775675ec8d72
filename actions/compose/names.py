"""What a procedure is called when speaking of it."""

from __future__ import annotations

import re

from actions.compose.text import clause, sentence_case, shorten, tidy
from knowledge.model import Procedure

_SHORT = 130
_KIND = re.compile(r"^thủ tục(?:\s*:\s*|\s+)(?=\w)", re.IGNORECASE)


def spoken_name(procedure: Procedure) -> str:
    """The whole name, as a title: not shouted, without "Thủ tục" before and a stop after it."""
    if procedure.curated:
        return procedure.curated.name
    return without_kind(procedure.name)


_CODE = re.compile(r"\b\d\.\d{6}")
_LONGEST_DISTINCTION = 90


def distinction(procedure: Procedure) -> str:
    """What tells it from its neighbours, in a few words that a person can check; empty where nothing short does."""
    first = procedure.words.differs.split(";")[0].strip().rstrip(".")
    if not first or len(first) > _LONGEST_DISTINCTION or _CODE.search(first):
        return ""
    # "CFS lần đầu" keeps its capitals.
    return first if first[1:2].isupper() else first[:1].lower() + first[1:]


def without_kind(name: str) -> str:
    """Takes "Thủ tục" off the front of an official name, and capitals that shout out of it."""
    plain = sentence_case(_KIND.sub("", clause(tidy(name))))
    return plain[:1].upper() + plain[1:]


def short_name(procedure: Procedure) -> str:
    """The name, cut where it would fill a screen by itself."""
    return shorten(spoken_name(procedure), _SHORT)
