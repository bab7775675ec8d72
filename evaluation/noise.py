"""The noise ladder: clean questions made into what people type. Seeded, so that a rung is the same every time.

Rungs: `unaccented`, `typo`, `telex` and `vni` (the keys left over where an input method was off), `teencode`, and
`everything`, where each message carries several of them.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from nlu.text import clean, fold
from nlu.text.syllable import TONES, split_syllable

Noise = Callable[[str, random.Random], str]

_WORD = re.compile(r"[^\W\d_]+")
_TABLE = Path(__file__).with_name("noise.yaml")
_SHAPES_TELEX = {"ă": "aw", "â": "aa", "đ": "dd", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw"}
_SHAPES_VNI = {"ă": "a8", "â": "a6", "đ": "d9", "ê": "e6", "ô": "o6", "ơ": "o7", "ư": "u7"}
_TONES_VNI = {"": "", "s": "1", "f": "2", "r": "3", "x": "4", "j": "5"}
_BESIDE = {
    "a": "qs", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "g": "fh", "h": "gj", "i": "uo", "k": "jl", "l": "k",
    "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb",
    "x": "zc", "y": "tu",
}  # fmt: skip
# The share of words that go wrong in a message typed in a hurry, and of young people's words that are shortened.
_TYPOS = 0.15
_TEENCODE = 0.6


def unaccented(text: str, _: random.Random) -> str:
    """Without any accent."""
    bare = fold(text)
    return bare[:1].upper() + bare[1:] if text[:1].isupper() else bare


def telex(text: str, _: random.Random) -> str:
    """Telex keys as they were pressed."""
    return _WORD.sub(lambda m: _keys(m.group(), _SHAPES_TELEX, {key: key for key in TONES}), text)


def vni(text: str, dice: random.Random) -> str:
    """VNI keys as they were pressed, the tone after the syllable."""
    return _WORD.sub(lambda m: _keys(m.group(), _SHAPES_VNI, _TONES_VNI), text)


def _keys(word: str, shapes: Mapping[str, str], tones: Mapping[str, str]) -> str:
    parts = split_syllable(clean(word.lower()))
    if parts is None:
        return word
    toneless = parts.onset + parts.rime
    typed = "".join(shapes.get(letter, letter) for letter in toneless) + tones[parts.tone]
    return typed.capitalize() if word[:1].isupper() else typed


def typo(text: str, dice: random.Random) -> str:
    """A word in seven with a slip: letters swapped, dropped, doubled or beside, accents dropped or wrong."""

    def slip(match: re.Match[str]) -> str:
        word = match.group()
        if len(word) < 3 or dice.random() > _TYPOS:
            return word
        return _slip(word, dice)

    slipped = _WORD.sub(slip, text)
    return slipped if slipped != text else _WORD.sub(lambda m: _slip(m.group(), dice), text, count=1)


def _slip(word: str, dice: random.Random) -> str:
    kind, place = dice.random(), dice.randrange(len(word) - 1) if len(word) > 1 else 0
    if kind < 0.25:
        return word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
    if kind < 0.45:
        return word[: place + 1] + word[place + 2 :]
    if kind < 0.55:
        return word[: place + 1] + word[place] + word[place + 1 :]
    if kind < 0.65:
        beside = _BESIDE.get(fold(word[place]), word[place])
        return word[:place] + dice.choice(beside) + word[place + 1 :]
    if kind < 0.85:
        return fold(word)
    return _other_tone(word, dice)


def _other_tone(word: str, dice: random.Random) -> str:
    letters = unicodedata.normalize("NFD", word)
    marks = [i for i, c in enumerate(letters) if c in TONES.values() and c]
    if not marks:
        return fold(word)
    other = dice.choice([mark for mark in TONES.values() if mark and mark != letters[marks[0]]])
    return unicodedata.normalize("NFC", letters[: marks[0]] + other + letters[marks[0] + 1 :])


def teencode(text: str, dice: random.Random) -> str:
    """The short forms and spellings of young people; most words that have one."""
    table = _teencode()
    phrase = re.compile(r"\b(" + "|".join(sorted(map(re.escape, table), key=len, reverse=True)) + r")\b")

    def shorten(match: re.Match[str]) -> str:
        return dice.choice(table[match.group()]) if dice.random() < _TEENCODE else match.group()

    return phrase.sub(shorten, clean(text).lower())


@lru_cache(maxsize=1)
def _teencode() -> dict[str, list[str]]:
    table: dict[str, dict[str, list[str]]] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {full: short for group in table.values() for full, short in group.items()}


def everything(text: str, dice: random.Random) -> str:
    """Teencode with typos, then typed without accents, or with the keys of an input method left in."""
    message = typo(teencode(text, dice), dice)
    last = dice.choice((unaccented, unaccented, telex, vni))
    return last(message, dice)


RUNGS: Mapping[str, Noise] = {
    "unaccented": unaccented,
    "typo": typo,
    "telex": telex,
    "vni": vni,
    "teencode": teencode,
    "everything": everything,
}


def noisy(text: str, rung: str, seed: str) -> str:
    """Puts a clean text on a rung.

    Args:
        text: a clean question.
        rung: one of `RUNGS`.
        seed: what makes the dice; the question's id gives every question its own slips.
    """
    return RUNGS[rung](text, random.Random(f"{rung}:{seed}"))
