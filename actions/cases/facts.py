"""Facts of a person's case: read from what people say, and from the conditions that records put to their papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from actions.steps.phrases import Phrases, Said

_TABLE = Path(__file__).with_name("facts.yaml")
_LISTS = ("joins", "filler", "whom")


@dataclass(frozen=True)
class Value:
    """One thing a fact may be: its name, how people say it and how records do."""

    key: str
    name: str
    heard: Phrases
    when: Phrases


@dataclass(frozen=True)
class Fact:
    """Something that papers may depend on.

    question: how it is asked for; empty where the usual case is taken for granted.
    lasting: whether it stays true for the next procedure.
    narrows: whether a condition may begin with it and go on.
    """

    key: str
    question: str
    lasting: bool
    narrows: bool
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Condition:
    """When a paper is needed, as far as facts tell.

    needs: the facts it asks for; any other value rules the paper out.
    whole: nothing else is asked for, so a person of whom all this is true needs the paper.
    """

    needs: Mapping[str, str]
    whole: bool


@dataclass(frozen=True)
class Case:
    """What is known of a person's case.

    known: value by fact.
    asked: facts that were asked for, so that none is asked twice.
    pending: the fact that the last answer asked for, or empty.
    whom: for whom somebody acts ("mẹ"), or empty.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    pending: str = ""
    whom: str = ""

    @classmethod
    def read(cls, slot: object) -> Case:
        """Reads the conversation's slot; what is not a fact or a value of one is left out."""
        if not isinstance(slot, dict):
            return cls()
        table, known = facts(), slot.get("known")
        kept = {
            str(fact): str(value)
            for fact, value in (known.items() if isinstance(known, dict) else ())
            if fact in table and value in table[fact].values
        }
        asked = slot.get("asked")
        return cls(
            kept,
            tuple(str(fact) for fact in asked if fact in table) if isinstance(asked, list) else (),
            str(slot.get("pending") or "") if slot.get("pending") in table else "",
            str(slot.get("whom") or ""),
        )

    def slot(self) -> dict[str, Any]:
        """Gives what the conversation keeps."""
        return {"known": dict(self.known), "asked": list(self.asked), "pending": self.pending, "whom": self.whom}

    def told(self, more: Mapping[str, str], whom: str = "") -> Case:
        """Adds what was said; the newer word counts."""
        return replace(self, known={**self.known, **more}, whom=whom or self.whom)

    def elsewhere(self) -> Case:
        """What stays true when the talk turns to another procedure."""
        kept = {fact: value for fact, value in self.known.items() if facts()[fact].lasting}
        return Case(kept, whom=self.whom)


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return table


@lru_cache(maxsize=1)
def facts() -> Mapping[str, Fact]:
    """Gives every fact, in the order in which they are asked for."""
    return {
        key: Fact(
            key,
            of.get("question", ""),
            bool(of["lasting"]),
            bool(of["narrows"]),
            {
                name: Value(name, value["name"], Phrases(value["heard"]), Phrases(value["when"]))
                for name, value in of["values"].items()
            },
        )
        for key, of in _table().items()
        if key not in _LISTS
    }


@lru_cache(maxsize=1)
def _lists() -> tuple[Phrases, Phrases, Mapping[str, Phrases]]:
    table = _table()
    whom = {who: Phrases(phrases) for who, phrases in table["whom"].items()}
    return Phrases(table["joins"]), Phrases(table["filler"]), whom


def hear(text: str) -> dict[str, str]:
    """Gives the facts that a message says; one that it says two ways is left open."""
    said = Said.of(text)
    heard: dict[str, str] = {}
    for fact in facts().values():
        values = [value.key for value in fact.values.values() if value.heard.found_in(said)]
        if len(values) == 1:
            heard[fact.key] = values[0]
    return heard


def hear_answer(text: str, fact: Fact) -> str:
    """Gives the value that a message chooses after the fact was asked for: by its words or its name; or empty."""
    said = Said.of(text)
    values = [
        value.key
        for value in fact.values.values()
        if value.heard.found_in(said) or Phrases([value.name.lower().replace(",", "")]).found_in(said)
    ]
    return values[0] if len(values) == 1 else ""


def hear_whom(text: str) -> str:
    """Gives for whom somebody says to act ("mẹ"), or empty."""
    said = Said.of(text)
    return next((who for who, phrases in _lists()[2].items() if phrases.found_in(said)), "")


@lru_cache(maxsize=4000)
def read_condition(when: str) -> Condition:
    """Reads when a paper is needed.

    Read is a condition of nothing but facts ("Tự xin cho mình, nộp trên mạng"), and one that begins with a fact that
    may be narrowed. Anything else, and whatever holds "hoặc", "trừ", "không" outside the phrases, says nothing certain.

    Args:
        when: the case in a record's plain words; empty means everybody.
    """
    when = when.partition(":")[0]  # what follows are examples
    said, (joins, filler, _) = Said.of(when), _lists()
    met = [(fact, value) for fact in facts().values() for value in fact.values.values() if value.when.found_in(said)]
    rest = said
    for _, value in met:
        rest = value.when.without(rest)
    if len({fact.key for fact, _ in met}) < len(met) or joins.found_in(rest):
        return Condition({}, False)
    if not any(filler.without(rest).words):
        return Condition({fact.key: value.key for fact, value in met}, bool(met))
    if "," in when or ";" in when:
        return Condition({}, False)  # a list, of which the fact is one part
    begun = {fact.key: value.key for fact, value in met if fact.narrows and _begins(said, value.when, filler)}
    return Condition(begun, False)


def _begins(said: Said, phrases: Phrases, filler: Phrases) -> bool:
    """Whether a phrase comes first, but for words that add nothing."""
    rest = said
    while rest.words:
        if phrases.begins(rest):
            return True
        skipped = filler.begins(rest)
        if not skipped:
            return False
        rest = Said(rest.words[skipped:], said.bare)
    return False
