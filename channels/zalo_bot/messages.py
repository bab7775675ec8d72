"""A message of the Bot API: a text, and the same with marks for what is bold."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BotMessage:
    """A text of at most 2,000 characters.

    Attributes:
        text: without any marks.
        marked: the same in the subset of Markdown that Zalo knows, or empty where it is better sent without.
    """

    text: str = field(repr=False)
    marked: str = field(default="", repr=False)
