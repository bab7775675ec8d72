"""What can go wrong while measuring.

EvaluationError
├── BadQuestionSet    a file of questions cannot be read
├── NotHere           a benchmark was pointed at another machine
└── AssistantAway     the running assistant does not answer
    └── TooManyRequests   it answers, and limits how fast one may ask
"""

from __future__ import annotations


class EvaluationError(Exception):
    """Root of the room's errors; the message is one line for the operator."""


class BadQuestionSet(EvaluationError):
    """A file of questions cannot be read; names the line."""


class NotHere(EvaluationError):
    """A benchmark was pointed at another machine, which it would load without leave."""


class AssistantAway(EvaluationError):
    """The running assistant does not answer."""


class TooManyRequests(AssistantAway):
    """The running assistant limits how fast one may ask."""
