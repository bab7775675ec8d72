"""Two procedures asked about in one message: both are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from actions.steps.decide import MOST_CHOICES
from actions.steps.read_context import content_words
from actions.turn import Turn
from actions.world import World
from knowledge.search import SearchResult
from nlu.text import fold

_MOST_WORDS = 30
_FEWEST_OF_A_HALF = 2


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    joins: tuple[str, ...]
    bare: tuple[str, ...]
    answered: float
    relevant: float
    offered: float


@lru_cache(maxsize=1)
def _table() -> _Table:
    path = Path(__file__).with_name("several.yaml")
    return _Table.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@lru_cache(maxsize=2)
def _joint(bare: bool) -> re.Pattern[str]:
    words = sorted(_table().bare if bare else _table().joins, key=len, reverse=True)
    return re.compile(rf"(?:[,;.]\s*)?(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)\s*", re.IGNORECASE)


def halves(text: str) -> Iterator[tuple[str, str]]:
    """Gives every parting of a message in two, at a word that joins, where each half names something."""
    if len(text.split()) > _MOST_WORDS:
        return
    for joint in _joint(fold(text) == text.lower()).finditer(text):
        first, second = text[: joint.start()].strip(), text[joint.end() :].strip()
        if min(len(content_words(first)), len(content_words(second))) >= _FEWEST_OF_A_HALF:
            yield first, second


class FindSecond:
    """Looks whether each half of a message names a procedure of its own, surely enough to answer or offer both."""

    def __init__(self, world: World) -> None:
        self._world = world

    def run(self, turn: Turn) -> None:
        if turn.result is None or turn.follows or turn.status not in ("answered", "asked_back"):
            return
        found = max(self._pairs(turn.text), key=_sureness, default=None)
        if found is None:
            return
        bars, (first, second) = _table(), found
        codes = [first.hits[0].code, second.hits[0].code]
        sure, relevant = _sureness(found), min(first.relevance, second.relevance)
        if relevant < bars.relevant:
            return
        if sure >= bars.answered:
            turn.target, turn.besides = map(self._world.procedure, codes)
            turn.status = "answered" if turn.target else turn.status
        elif sure >= bars.offered and turn.status == "asked_back":
            others = [procedure for procedure in turn.choices if procedure.code not in codes]
            both = [procedure for procedure in map(self._world.procedure, codes) if procedure]
            turn.choices = (*both, *others)[:MOST_CHOICES]

    def _pairs(self, text: str) -> Iterator[tuple[SearchResult, SearchResult]]:
        engine = self._world.engine
        for one, other in halves(text):
            first, second = engine.search(one), engine.search(other)
            if first.hits and second.hits and first.hits[0].code != second.hits[0].code:
                yield first, second


def _sureness(pair: tuple[SearchResult, SearchResult]) -> float:
    return min(result.probability for result in pair)
