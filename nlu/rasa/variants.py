"""Other ways of typing a training phrase; the classifier learns them beside the phrase itself."""

from __future__ import annotations

import random

from nlu.text import fold

# One word in four of a careless message has a slip.
_SLIPS = 0.25
_SHORTEST = 3
_LETTERS = "abcdeghiklmnopqrstuvxy"


def variants(text: str) -> list[str]:
    """Gives a phrase, what it looks like without accents, and how it looks typed in haste; the phrase comes first.

    The same phrase always has the same slips.
    """
    dice = random.Random(text)
    hasty = slipped(text, dice)
    typed = [text, fold(text), hasty if dice.random() < 0.5 else fold(hasty)]
    return list(dict.fromkeys(typed))


def slipped(text: str, dice: random.Random) -> str:
    """Puts a slip into one word in four: letters swapped, lost, doubled or taken for another, accents lost."""
    words = text.split(" ")
    places = [place for place, word in enumerate(words) if len(word) >= _SHORTEST and word.isalpha()]
    for place in dice.sample(places, min(len(places), max(1, round(_SLIPS * len(places))))):
        words[place] = _slip(words[place], dice)
    return " ".join(words)


def _slip(word: str, dice: random.Random) -> str:
    at, kind = dice.randrange(len(word) - 1), dice.random()
    if kind < 0.3:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.6:
        return word[: at + 1] + word[at + 2 :]
    if kind < 0.7:
        return word[: at + 1] + word[at:]
    if kind < 0.9:
        return fold(word)
    return word[: at + 1] + dice.choice(_LETTERS) + word[at + 2 :]
