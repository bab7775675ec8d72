"""Which aspects of a procedure a message asks for in words, read from a table of asking phrases."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import yaml

from nlu.text import asking_part, clean, expand, fold

Aspect: TypeAlias = Literal[
    "documents", "fee", "duration", "where", "steps", "online", "form", "legal", "result", "condition"
]

_TABLE = Path(__file__).with_name("phrases.yaml")
_ASPECTS: tuple[Aspect, ...] = get_args(Aspect)
_NOTHING = "nothing"
_GAP = "*"
_GAP_WORDS = 5
# A longer message is somebody's whole letter; what it asks stands in fewer words.
_MOST_WORDS = 400
_CLAUSE = re.compile(r"[.,;:!?…\n()]+")
_WORD = re.compile(r"[^\W_]+")
_CHOICE = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|(\S+)")
# What joins the things of a list, beside commas.
_JOINING = frozenset({"va", "voi", "cung", "hay"})
_FEWEST_LISTED = 2


class AskingError(ValueError):
    """The table of asking phrases is not as it should be; the message says where."""


@dataclass(frozen=True)
class _Phrase:
    """One way of asking; `words` holds `*` for a gap, `own` counts the words that are none."""

    kind: str
    words: tuple[str, ...]
    own: int


@dataclass(frozen=True)
class _Word:
    """A word of the message as typed and without its accents."""

    typed: str
    bare: str


class _Table:
    def __init__(self, content: object) -> None:
        if not isinstance(content, dict) or not {*_ASPECTS, _NOTHING, "listed", "around"} == set(content):
            raise AskingError(f"{_TABLE.name}: one list for each aspect, `nothing`, `listed` and `around` is expected")
        self.by_first: dict[str, list[_Phrase]] = {}
        for kind in (_NOTHING, *_ASPECTS):
            for pattern in content[kind]:
                for words in _written_out(pattern):
                    phrase = _Phrase(kind, words, sum(word != _GAP for word in words))
                    self.by_first.setdefault(fold(words[0]), []).append(phrase)
        self.listed: dict[str, Aspect] = {
            fold(name): aspect for aspect in _ASPECTS for name in content["listed"][aspect]
        }
        around = sorted((fold(word) for word in content["around"]), key=len, reverse=True)
        self.around = re.compile(r"\b(?:" + "|".join(map(re.escape, around)) + r")\b")


def _written_out(pattern: str) -> list[tuple[str, ...]]:
    """Writes a pattern out: "(mấy|bao nhiêu) ngày [làm việc]" → four phrases."""
    parts: list[list[str]] = []
    for either, maybe, word in _CHOICE.findall(pattern):
        if either:
            parts.append(either.split("|"))
        elif maybe:
            parts.append(["", *maybe.split("|")])
        else:
            parts.append([word])
    phrases = {tuple(" ".join(chosen).split()) for chosen in itertools.product(*parts)}
    if not phrases or any(not words or words[0] == _GAP or words[-1] == _GAP for words in phrases):
        raise AskingError(f"{_TABLE.name}: '{pattern}' is empty, or begins or ends with a gap")
    return sorted(phrases)


@lru_cache(maxsize=1)
def _table() -> _Table:
    return _Table(yaml.safe_load(_TABLE.read_text(encoding="utf-8")))


def aspects_of(text: str) -> tuple[Aspect, ...]:
    """Lists the aspects that a message asks for by name, in the order in which they are asked, each once.

    "cần giấy tờ gì, bao nhiêu tiền và mấy ngày xong" → documents, fee, duration. Precise rather than eager: words
    within a procedure's name ("phí bảo vệ môi trường") ask nothing, and a message that asks in no known phrase
    gives an empty tuple. An overview is never among them. Accents make no difference where they are missing; where
    they are typed they must be those of the phrase ("máy" is not "mấy"). Linear in the length of the text.

    Args:
        text: a message as it came.
    """
    message = " ".join(asking_part(clean(text)).split(" ")[:_MOST_WORDS])
    found: list[tuple[int, Aspect]] = []
    place = 0
    listed: list[tuple[int, Aspect]] = []
    for clause in _CLAUSE.split(expand(message.lower())):
        words = [_Word(word, fold(word)) for word in _WORD.findall(clause)]
        found += [(place + start, aspect) for start, aspect in _asked(words)]
        listed += [(place + start, aspect) for start, aspect in _items(words)]
        place += len(words)
    if len({aspect for _, aspect in listed} | {aspect for _, aspect in found}) >= _FEWEST_LISTED or not found:
        found += listed
    return tuple(dict.fromkeys(aspect for _, aspect in sorted(found)))


def _asked(words: list[_Word]) -> list[tuple[int, Aspect]]:
    """Finds asking phrases from left to right; none begins within another."""
    table = _table()
    found: list[tuple[int, Aspect]] = []
    start = 0
    while start < len(words):
        best = _best(table.by_first.get(words[start].bare, ()), words, start)
        if best is None:
            start += 1
            continue
        phrase, end = best
        found += [(start, aspect) for aspect in _ASPECTS if aspect == phrase.kind]
        start = end
    return found


def _best(phrases: Iterable[_Phrase], words: list[_Word], start: int) -> tuple[_Phrase, int] | None:
    """The phrase that is met at a word, and where it ends: without a gap before with one, then the longest."""
    met = [(phrase, end) for phrase in phrases if (end := _end(phrase.words, words, start))]
    return max(met, key=lambda one: (_GAP not in one[0].words, one[0].own, one[1]), default=None)


def _end(phrase: tuple[str, ...], words: list[_Word], start: int) -> int:
    """Where a phrase that begins at a word ends, or 0; a gap is as short as it can be."""
    at = start
    for place, wanted in enumerate(phrase):
        if wanted == _GAP:
            rest = phrase[place + 1 :]
            ends = (_end(rest, words, begin) for begin in range(at, min(len(words), at + _GAP_WORDS + 1)))
            return next((end for end in ends if end), 0)
        if at >= len(words) or not _same(wanted, words[at]):
            return 0
        at += 1
    return at


def _same(wanted: str, word: _Word) -> bool:
    return word.typed == wanted or (word.typed == word.bare and word.bare == fold(wanted))


def _items(words: list[_Word]) -> list[tuple[int, Aspect]]:
    """Finds what is asked by its bare name: whole items of a list, courtesy around them aside."""
    table = _table()
    found: list[tuple[int, Aspect]] = []
    start = 0
    for end in [*(i for i, word in enumerate(words) if word.bare in _JOINING), len(words)]:
        item = " ".join(word.bare for word in words[start:end])
        name = " ".join(table.around.sub(" ", item).split())
        if name in table.listed:
            found.append((start, table.listed[name]))
        start = end + 1
    return found
