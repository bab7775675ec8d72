"""The two tables as models; a slip of the pen in them is named when they are read."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

_HERE = Path(__file__).parent


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Row):
    """One procedure of a bundle, and what it is for in a few words."""

    code: str
    why: str = Field(min_length=3, max_length=140)


class Bundle(_Row):
    """Something that happens in a life, and the procedures it brings, in the order in which they are done.

    said: how people tell it, accents and all; `*` stands for up to four words.
    unless: what makes it another matter.
    lead: what is said before the list.
    parts: joined procedures first.
    """

    key: str
    said: tuple[str, ...] = Field(min_length=3)
    unless: tuple[str, ...] = ()
    lead: str = Field(min_length=10)
    parts: tuple[Part, ...] = Field(min_length=2, max_length=8)


class Guide(_Row):
    """How something around all procedures is done.

    said, unless: as of a bundle.
    general: only for who speaks of no procedure, as its record would say it better.
    text: what is answered, a step a line.
    see: codes of procedures that go on from there.
    """

    key: str
    said: tuple[str, ...] = Field(min_length=3)
    unless: tuple[str, ...] = ()
    general: bool = False
    text: str = Field(min_length=40, max_length=1800)
    see: tuple[str, ...] = ()


class _Events(_Row):
    around: tuple[str, ...]
    events: tuple[Bundle, ...]


@lru_cache(maxsize=1)
def _events() -> _Events:
    return _Events.model_validate(yaml.safe_load((_HERE / "events.yaml").read_text(encoding="utf-8")))


def events() -> tuple[Bundle, ...]:
    """Gives the life events."""
    return _events().events


def words_around() -> tuple[str, ...]:
    """Gives the words that may stand beside a life event without making the message another question."""
    return _events().around


@lru_cache(maxsize=1)
def guides() -> tuple[Guide, ...]:
    """Reads the guides."""
    rows = yaml.safe_load((_HERE / "guides.yaml").read_text(encoding="utf-8"))
    return tuple(Guide.model_validate(row) for row in rows)
