"""One turn of a conversation: what came in, what is found out on the way, and the reply that ends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from actions.cases import Case, Fact
from knowledge.guides import Guide
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
    "privacy",
    "erase",
    "guide",
    "bundle",
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
    pending: what a plain "vâng" or "không" answers: "handover", "erase"; or "place" where one was
        asked for.
    failures: how many messages in a row found nothing before this one.
    question: the last question that was searched, for narrowing it down.
    changes: the message says that the case is another one ("à không", "còn nếu…").
    within: what is found when the message is searched together with what the conversation is about.
    danger, improper: why the message gets an answer of its own, or empty.
    case: what is known of the person's case; `tapped` what a tapped choice says of it.
    asks: the fact that the answer asks for, or None.
    aspects: what is asked of the procedure, `aspect` first.
    besides: another procedure that the message asks about as well.
    guide: how something around all procedures is done.
    bundle, lead: what a life event brings, each with what it is for, and what is said before the list.
    sheet: the answer comes with the sheet to print.
    more: what is said after the reply, one message each.
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
    pending: str = ""
    failures: int = 0

    status: Status = "open"
    result: SearchResult | None = None
    target: Procedure | None = None
    choices: tuple[Procedure, ...] = ()
    follows: bool = False
    changes: bool = False
    within: SearchResult | None = None
    danger: str = ""
    improper: str = ""
    case: Case = field(default_factory=Case)
    tapped: Mapping[str, str] = field(default_factory=dict)
    asks: Fact | None = None
    aspects: tuple[Aspect, ...] = ()
    besides: Procedure | None = None
    guide: Guide | None = None
    bundle: tuple[tuple[str, Procedure], ...] = ()
    lead: str = ""
    sheet: bool = False
    more: tuple[Reply, ...] = ()
    reply: Reply | None = None
    trace: dict[str, object] = field(default_factory=dict)
