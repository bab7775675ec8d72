"""Reply: the channel-neutral answer, the same from the actions server to every channel."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "answer",
    "clarify",
    "status_ask_code",
    "status_result",
    "status_not_found",
    "refuse_offtopic",
    "greet",
    "thanks",
    "handoff",
    "menu",
    "help",
    "feedback",
    "privacy",
    "office_info",
    "other",
]

Aspect = Literal[
    "overview",
    "documents",
    "fee",
    "duration",
    "where",
    "steps",
    "online",
    "form",
    "legal",
    "result",
    "condition",
]

# What a tapped choice may ask for. People never type payloads: the gateway checks every one against this
# list and drops the rest, so a payload cannot carry text or reach an intent that is not named here.
PAYLOAD = re.compile(
    r"(?:ask|case:(?P<fact>[a-z]+)=(?P<value>[a-z]+)):(?P<aspect>overview|documents|fee|duration|where|steps|online|form|legal|result|condition)"
    r":(?P<code>[0-9A-Za-z]+(?:[.\-][0-9A-Za-z]+)*)"
    r"|say:(?P<intent>help|handoff|check_status|office_info|feedback|deny|affirm)",
)
"""`ask:<aspect>:<procedure code>`, the same with what the person says of their case
(`case:<fact>=<value>:<aspect>:<procedure code>`), or `say:<conversational intent>`."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(_Part):
    """One line of a section; for a document, with its counts."""

    text: str
    originals: int | None = None
    copies: int | None = None
    note: str = ""


class Section(_Part):
    """A titled list of the answer."""

    title: str
    items: tuple[Item, ...] = ()


class Choice(_Part):
    """Something the person may ask next, as a button or a numbered line."""

    title: str = Field(max_length=80)
    payload: str


class Source(_Part):
    """Where the figures come from."""

    url: str = ""
    data_date: str = ""
    legal_basis: tuple[str, ...] = ()


class Reply(_Part):
    """An answer that every channel can render.

    `text` stands alone: a channel that shows nothing else loses no fact.
    """

    kind: Kind
    text: str = Field(min_length=1)
    procedure: str = ""
    aspect: Aspect | Literal[""] = ""
    sections: tuple[Section, ...] = ()
    choices: tuple[Choice, ...] = ()
    source: Source | None = None
    receipt: str = ""
