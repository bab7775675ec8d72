"""What can go wrong while answering.

ActionError
├── WordingMissing    a sentence or one of its parts is not in the wording files
└── NotReady          catalogue, encoder or index cannot be opened
"""

from __future__ import annotations


class ActionError(Exception):
    """Root of the room's errors."""


class WordingMissing(ActionError):
    """A sentence, or a value one of its places needs, is missing."""


class NotReady(ActionError):
    """The server cannot answer yet; the message is one line for the operator."""
