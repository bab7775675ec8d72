"""What is asked for around procedures: one's own data, how-to guides, life events, a list to print."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from actions.steps.phrases import Phrases, Said
from actions.steps.read_context import content_words
from actions.turn import Turn
from actions.world import World
from knowledge.guides import Bundle, Guide, events, guides, words_around
from nlu.text import fold

_HERE = Path(__file__).parent
# Beside a guide's phrase a few words more may stand; with more than these the message asks something else.
_MOST_BESIDE = 3
_DETAILS = frozenset({"ask_fee", "ask_duration", "ask_legal", "ask_result", "ask_form", "ask_condition"})


@lru_cache(maxsize=1)
def _privacy() -> tuple[Phrases, Phrases, Phrases]:
    table = yaml.safe_load((_HERE / "privacy.yaml").read_text(encoding="utf-8"))
    return Phrases(table["asks"]), Phrases(table["erases"]), Phrases(table["unless"])


class AskPrivacy:
    """Stops the turn where the person asks what is kept of them, or wants it gone."""

    def run(self, turn: Turn) -> None:
        asks, erases, unless = _privacy()
        said = Said.of(turn.text)
        if unless.found_in(said):
            return
        if erases.found_in(said):
            turn.status = "erase"
        elif asks.found_in(said):
            turn.status = "privacy"


@lru_cache(maxsize=1)
def _guides() -> tuple[tuple[Guide, Phrases, Phrases], ...]:
    return tuple((guide, Phrases(guide.said), Phrases(guide.unless)) for guide in guides())


class FindGuide:
    """Stops the turn where the message asks how something around all procedures is done."""

    def run(self, turn: Turn) -> None:
        if turn.target or turn.named or turn.ordinal is not None:
            return
        said = Said.of(turn.text)
        for guide, phrases, unless in _guides():
            if (guide.general and turn.procedure) or unless.found_in(said) or not phrases.found_in(said):
                continue
            beside = {fold(word) for word in content_words(" ".join(phrases.without(said).words))}
            if beside <= _around() if guide.general else len(beside) <= _MOST_BESIDE:
                turn.guide, turn.status = guide, "guide"
                return


@lru_cache(maxsize=1)
def _around() -> frozenset[str]:
    return frozenset(map(fold, words_around()))


@lru_cache(maxsize=1)
def _events() -> tuple[tuple[Bundle, Phrases, Phrases], ...]:
    return tuple((bundle, Phrases(bundle.said), Phrases(bundle.unless)) for bundle in events())


class FindLifeEvent:
    """Stops the turn where the message tells of something that happened and asks nothing in particular.

    Amid a conversation such words may only say more of the matter at hand ("bà cụ mất rồi"); there they count only
    with a question of what to do.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def run(self, turn: Turn) -> None:
        if turn.target or turn.named or turn.ordinal is not None or turn.intent in _DETAILS:
            return
        said = Said.of(turn.text)
        for bundle, phrases, unless in _events():
            if not phrases.found_in(said) or unless.found_in(said):
                continue
            beside = {fold(word) for word in content_words(" ".join(phrases.without(said).words))}
            asks = turn.intent.startswith("ask_") and turn.intent != "ask_overview"
            if beside <= _around() and (asks or not (turn.procedure or turn.offered)):
                found = [(part, self._world.procedure(part.code)) for part in bundle.parts]
                turn.bundle = tuple((part.why, procedure) for part, procedure in found if procedure)
                if turn.bundle:
                    turn.lead, turn.status = bundle.lead, "bundle"
                return


_SHEET = Phrases(
    yaml.safe_load((_HERE / "sheet.yaml").read_text(encoding="utf-8"))
)


class AskSheet:
    """Takes "in ra giấy giùm" as asking for the papers of the procedure at hand, with the sheet to print."""

    def __init__(self, world: World) -> None:
        self._world = world

    def run(self, turn: Turn) -> None:
        if turn.procedure and not turn.target and _SHEET.found_in(Said.of(turn.text)):
            turn.target = self._world.procedure(turn.procedure)
            turn.aspect, turn.follows, turn.sheet = "documents", True, True
