"""What can go wrong between a channel and its answers.

DurableError
├── LeaseLost   the conversation is in another worker's hands; nothing was changed
└── NotNow      raised by a handler: this event cannot be answered yet
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from channels.errors import ChannelError

if TYPE_CHECKING:
    from channels.durable.model import Outgoing


class DurableError(ChannelError):
    """Ground of the tree."""


class LeaseLost(DurableError):
    """Somebody else works at this conversation now."""


class NotNow(DurableError):
    """The event is to be tried again.

    Attributes:
        after: how long to wait at least; None leaves it to the worker.
        meanwhile: what the person is told at once, the first time only.
    """

    def __init__(self, problem: str, after: timedelta | None = None, meanwhile: Sequence[Outgoing] = ()) -> None:
        """Takes the reason in a word or two, without any text of a person: it is kept and logged."""
        super().__init__(problem)
        self.after, self.meanwhile = after, tuple(meanwhile)
