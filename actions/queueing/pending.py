"""What the desk waits for, as one text for the slot `queue_step`: no words of the person, no account."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from actions.wording import say

Want = Literal["take", "book", "move", "cancel"]
"""A number, an appointment, another time for one, giving something back."""

Awaits = Literal["centre", "counter", "slot", "which", "offer"]
"""The name of a centre or counter, a time, one of several things held, or a yes to an appointment."""

_TEXT = re.compile(r"(\w+)\.(\w+)\.(\d{1,9})\.(\d{1,9})\.([0-9a-z,]{0,120})\.([0-9a-z\-]{0,20})(?::(\d))?")
_INTERRUPTED: Final = 2


@dataclass(frozen=True, slots=True)
class Pending:
    """What is wanted, and which answer is awaited for it.

    Attributes:
        counter: number of the counter, where it is known; with awaits "counter" that of any of its centre.
        appointment: the one to be moved.
        wish: the time that was wished for, as `When.as_text` writes it.
        options: what was listed: counters by number, slots as "202611230900", things held as "t12" and "a5".
    """

    want: Want
    awaits: Awaits
    counter: int = 0
    appointment: int = 0
    options: tuple[str, ...] = ()
    wish: str = ""

    def as_text(self) -> str:
        """Gives the slot's value."""
        return f"{self.want}.{self.awaits}.{self.counter}.{self.appointment}.{','.join(self.options)}.{self.wish}"

    def asking(self, awaits: Awaits, **values: object) -> Pending:
        """Gives the same wish with the next question."""
        return replace(self, awaits=awaits, options=(), **values)  # type: ignore[arg-type]


def read_pending(step: str) -> Pending | None:
    """Reads the slot's value; None where nothing, or nothing of ours, is awaited."""
    found = _TEXT.fullmatch(step)
    if found is None:
        return None
    want, awaits, counter, appointment, options, wish, _ = found.groups()
    if want not in get_args(Want) or awaits not in get_args(Awaits):
        return None
    listed = tuple(filter(None, options.split(",")))
    return Pending(want, awaits, int(counter), int(appointment), listed, wish)  # type: ignore[arg-type]


def read_step(slot: object) -> tuple[str, int]:
    """Reads the slot: what is awaited, and how many other questions came in between."""
    text = str(slot or "")
    found = _TEXT.fullmatch(text)
    if found is None or read_pending(text) is None:
        return "", 0
    return text.partition(":")[0], int(found[7] or 0)


def interrupted(step: str, before: int) -> tuple[str | None, str]:
    """What a question in between does to what is awaited: the slot's new value, and what the answer ends with.

    The first time people are reminded; after the second it is let go.
    """
    pending = read_pending(step)
    if pending is None or pending.awaits == "offer" or before + 1 > _INTERRUPTED:
        return None, ""
    reminder = {
        "take": "queueing.resume.take",
        "book": "queueing.resume.book",
        "move": "queueing.resume.move",
        "cancel": "queueing.resume.cancel",
    }[pending.want]
    return f"{step}:{before + 1}", say(reminder) if before == 0 else ""
