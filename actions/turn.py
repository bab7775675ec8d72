"""One turn of a conversation: what came in, what is found out on the way, and the reply that ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from knowledge.model import Procedure
from knowledge.search import SearchResult
from motcua.reply import Aspect, Reply

Status = Literal[
    "open",
    "answered",
    "asked_back",
    "not_found",
    "off_topic",
    "named_only",
    "no_such_choice",
    "danger",
    "improper",
]


@dataclass(frozen=True)
class Offered:
    """One thing that was offered to choose from: what it is called and the procedure it leads to."""

    title: str
    code: str


@dataclass
class Turn:
    """The context that the steps of the pipeline share.

    text: the message as it reached Rasa; normalised by the first step.
    intent: Rasa's label; `aspect` follows from it.
    named: procedure code that came with a tapped choice.
    ordinal: number chosen from the list, 1-based, -1 for the last; None when nothing was chosen by number.
    procedure: code in the conversation's slot; `offered` what was offered in the last reply.
    question: the last question that was searched, for narrowing it down.
    changes: the message says that the case is another one ("à không", "còn nếu…").
    within: what is found when the message is searched together with what the conversation is about.
    danger, improper: why the message gets an answer of its own, or empty.
    """

    text: str
    intent: str = ""
    aspect: Aspect = "overview"
    named: str = ""
    ordinal: int | None = None
    procedure: str = ""
    last_aspect: str = ""
    offered: tuple[Offered, ...] = ()
    question: str = ""

    status: Status = "open"
    result: SearchResult | None = None
    target: Procedure | None = None
    choices: tuple[Procedure, ...] = ()
    follows: bool = False
    changes: bool = False
    within: SearchResult | None = None
    danger: str = ""
    improper: str = ""
    reply: Reply | None = None
    trace: dict[str, object] = field(default_factory=dict)
