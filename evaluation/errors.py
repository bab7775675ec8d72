"""What can go wrong while measuring.

EvaluationError
├── BadQuestionSet    a file of questions cannot be read
└── AssistantAway     the running assistant does not answer
"""

from __future__ import annotations


class EvaluationError(Exception):
    """Root of the room's errors; the message is one line for the operator."""


class BadQuestionSet(EvaluationError):
    """A file of questions cannot be read; names the line."""


class AssistantAway(EvaluationError):
    """The running assistant does not answer."""
