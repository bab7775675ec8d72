"""A failed call in the words of the outbox: sent again, refused for good, or unknown."""

from __future__ import annotations

from datetime import datetime, timedelta

from channels.durable.model import Never, NotSent, Unknown
from channels.zalo.errors import (
    CallFailed,
    CannotReach,
    ConsentLost,
    OutcomeUnknown,
    Permanent,
    SetUpWrong,
    TokenRefused,
    When,
)
from channels.zalo.retrying import next_try

PUT_RIGHT = timedelta(minutes=5)
"""How long a message waits for somebody to put tokens, account or quota right, before it is tried again."""


def outcome_of(failure: CallFailed | ConsentLost, attempt: int, now: datetime) -> NotSent | Never | Unknown:
    """Says what the outbox is to do with a message whose call failed.

    Args:
        failure: what the call raised.
        attempt: the how-manieth call it was, from 1.
        now: time of the failure, with a zone.

    Returns:
        `NotSent` with the least pause where the message may go out later, `Never` where it must not be tried again
        (this person cannot be reached, the request is wrong, or it was tried as often as its code allows), `Unknown`
        where only the channel's history can tell.
    """
    problem = str(failure)
    match failure:
        case ConsentLost() | TokenRefused():
            return NotSent(problem, PUT_RIGHT)
        case CannotReach():
            return Never(problem, unreachable=True)
        case Permanent():
            return Never(problem)
        case OutcomeUnknown():
            return Unknown(problem)
    at = next_try(failure, attempt - 1, now)
    if at is not None:
        return NotSent(problem, at - now)
    if isinstance(failure, SetUpWrong) and failure.again.when is not When.IN_THE_MORNING:
        return NotSent(problem, PUT_RIGHT)
    return Never(problem)
