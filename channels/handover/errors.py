"""What can go wrong with a case.

HandoverError
├── CaseUnknown     there is no such case (any more)
├── CaseMoved       the case is not in the state, or not in the hands, that this step needs
└── UnreadMessage   the person has written something that the officer has not seen yet
"""

from __future__ import annotations

from channels.errors import ChannelError


class HandoverError(ChannelError):
    """Ground of the tree; nothing was changed."""


class CaseUnknown(HandoverError):
    """There is no such case: it was erased by its person, or deleted after its time."""


class CaseMoved(HandoverError):
    """Somebody else was quicker.

    Attributes:
        state: of the case now.
        officer: whoever has it now, or empty.
    """

    def __init__(self, state: str, officer: str) -> None:
        super().__init__(f"the case is {state}")
        self.state, self.officer = state, officer


class UnreadMessage(HandoverError):
    """The person has written since the officer's page was made."""
