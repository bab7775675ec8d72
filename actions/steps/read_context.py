"""What the conversation already settles, before anything is searched."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import yaml

from actions.steps.phrases import Phrases, Said
from actions.turn import Turn
from actions.world import World
from nlu.text import expand, fold

_TABLE = Path(__file__).with_name("asking_words.yaml")
_MOST_WORDS_OF_A_CHOICE = 6


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted({fold(str(p)) for p in phrases}, key=lambda p: (-len(p.split()), p))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


@lru_cache(maxsize=1)
def _table() -> tuple[re.Pattern[str], re.Pattern[str], Phrases]:
    table = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return _any_of(table["phrases"]), _any_of(table["keeps"]), Phrases(table["changes"])


def content_words(text: str) -> list[str]:
    """Gives what a message says beyond asking.

    "thế nộp ở đâu" → [], "phí đổi bằng lái" → ["doi", "bang", "lai"].
    """
    asking, keeps, _ = _table()
    # Joined, a kept phrase is one word, which is none of the asking ones.
    kept = keeps.sub(lambda found: found.group(0).replace(" ", "_"), fold(expand(text)))
    rest = asking.sub(" ", kept)
    return [word for word in re.findall(r"[^\W_]+", rest) if not word.isdigit()]


def changes_the_case(text: str) -> bool:
    """Says whether a message speaks of another case of the same matter, or takes back what was said."""
    return _table()[2].found_in(Said.of(text))


class ReadContext:
    """Settles the procedure where the person tapped one, chose from the list, or plainly goes on about it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def run(self, turn: Turn) -> None:
        if turn.target is not None:
            return  # an answer to what was asked for
        if turn.named:
            turn.target = self._world.procedure(turn.named)
        elif turn.ordinal is not None:
            self._choose(turn, turn.ordinal)
        elif turn.offered and (chosen := _by_words(turn)):
            turn.target = self._world.procedure(chosen)
            turn.follows = True
        elif not content_words(turn.text) and turn.intent != "out_of_scope":
            turn.follows = True
            if turn.procedure:
                turn.target = self._world.procedure(turn.procedure)
            elif turn.intent.startswith("ask_"):
                turn.status = "asked_back"
        turn.changes = changes_the_case(turn.text)

    def _choose(self, turn: Turn, ordinal: int) -> None:
        place = len(turn.offered) if ordinal == -1 else ordinal
        if not 1 <= place <= len(turn.offered):
            turn.status = "no_such_choice"
            return
        turn.target = self._world.procedure(turn.offered[place - 1].code)
        turn.follows = True


def _by_words(turn: Turn) -> str:
    """The one offered thing whose distinguishing words the message says, or empty."""
    said = set(content_words(turn.text))
    if not said or len(said) > _MOST_WORDS_OF_A_CHOICE:
        return ""
    titles = [set(re.findall(r"\w+", fold(o.title))) for o in turn.offered]
    shared = set.intersection(*titles) if titles else set()
    matches = [
        offered.code
        for offered, title in zip(turn.offered, titles, strict=True)
        if said <= title and said & (title - shared)
    ]
    return matches[0] if len(matches) == 1 else ""
