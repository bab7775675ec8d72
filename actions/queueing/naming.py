"""Which centre or counter a message names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actions.queueing.words import table
from actions.steps.phrases import Phrases, Said
from knowledge.counters.model import Counter
from nlu.text import fold, words

_NUMBERED = re.compile(r"\bquay\s+(?:so\s+)?(\d{1,3})\b")
_APART = re.compile(r"[–—,;:()/]|\s-\s")
_CODE = re.compile(r"[0-9A-Za-z]+(?:[.\-][0-9A-Za-z]+)+")


@dataclass(frozen=True, slots=True)
class AtHand:
    """The procedure that the conversation is about.

    Attributes:
        code: its national code.
        name: as it is said.
        field: in Vietnamese, or "".
    """

    code: str
    name: str = ""
    field: str = ""


def centres_of(counters: Iterable[Counter]) -> list[str]:
    """Gives the names of the centres, each once, in order."""
    return list(dict.fromkeys(counter.centre for counter in counters))


def centres_in(text: str, centres: Sequence[str]) -> list[str]:
    """Gives the centres that a message names: by what tells their names apart, the longest name said."""
    said = Said.of(text)
    named = {centre: own for centre in centres if (own := _own_words(centre)) and Phrases([own]).found_in(said)}
    return [
        centre
        for centre, own in named.items()
        if not any(own != other and f" {own} " in f" {other} " for other in named.values())
    ]


def counters_in(text: str, counters: Sequence[Counter]) -> list[Counter]:
    """Gives the counters that a message names, by number or by what they serve."""
    if found := _NUMBERED.search(fold(text)):
        number = found[1].lstrip("0") or "0"
        return [one for one in counters if number in _NUMBERED.findall(fold(one.name))]
    said = Said.of(text)
    return [one for one in counters if (topics := _topics(one)) and Phrases(topics).found_in(said)]


def counters_for(at_hand: AtHand, counters: Sequence[Counter]) -> list[Counter]:
    """Gives the counters that serve a procedure: by its code, else by its field, else those that serve everything."""
    by_code = [one for one in counters if at_hand.code in one.serves]
    by_field = [one for one in counters if at_hand.field and fold(at_hand.field) in map(fold, one.serves)]
    return by_code or by_field or [one for one in counters if not one.serves]


def _own_words(centre: str) -> str:
    """What tells a centre's name from others: "Trung tâm … phường Mẫu, tỉnh Mây" → "mẫu"."""
    general = Phrases(table()["general"])
    for part in _APART.split(centre):
        said = Said(tuple(words(part.lower())), bare=False)
        own = [word for word in general.without(said).words if word]
        if own and not "".join(own).isdigit():
            return " ".join(own)
        if own:
            # A number alone is anybody's: "Phường 2" keeps its kind.
            return " ".join(said.words[-len(own) - 1 :])
    return ""


def _topics(counter: Counter) -> list[str]:
    served = [one for one in counter.serves if not _CODE.fullmatch(one)]
    named = [part for part in _APART.split(counter.name)[1:] if part.strip()]
    topics = (" ".join(words(one.lower())) for one in (*served, *named))
    return [topic for topic in topics if topic]
