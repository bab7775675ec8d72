"""What a message leaves open: "làm lại căn cước" may be a lost card or an expired one, and these are two procedures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from actions.steps.phrases import Phrases, Said
from knowledge.search import SearchResult

_TABLE = Path(__file__).with_name("unsaid.yaml")


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    said: tuple[str, ...]
    unless: tuple[str, ...]
    between: tuple[str, ...]


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[Phrases, Phrases, frozenset[str]], ...]:
    rules = [_Rule.model_validate(rule) for rule in yaml.safe_load(_TABLE.read_text(encoding="utf-8"))]
    return tuple((Phrases(rule.said), Phrases(rule.unless), frozenset(rule.between)) for rule in rules)


def left_open(message: str, result: SearchResult) -> list[str]:
    """Lists the variants between which the message does not choose, best first; empty where it leaves none open.

    Only where the thing itself is clear: what is found first must belong to the family.

    Args:
        message: as the person typed it.
        result: what was found for it.
    """
    said = Said.of(message)
    family = result.hits[0].family if result.hits else ""
    for words, unless, between in _rules():
        if not family or not words.found_in(said) or unless.found_in(words.without(said)):
            continue
        first: dict[str, str] = {}
        for hit in result.hits:
            carried = between & set(hit.qualifiers) if hit.family == family else frozenset[str]()
            if carried:
                first.setdefault(min(carried), hit.code)
        if len(first) > 1:
            return list(first.values())
    return []
