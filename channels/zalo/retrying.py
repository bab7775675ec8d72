"""When a failed call may be made again: the one place that turns `Again` into a time."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

from channels.zalo.errors import CallFailed, When

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam's only zone, without summer time since 1975."""

_LONGEST_S = 60.0
_MORNING = (6, 5)
_SPREAD_S = 600.0


def next_try(
    failure: CallFailed, tried_again: int, now: datetime, spread: random.Random | None = None
) -> datetime | None:
    """Says when a call may be made again.

    Args:
        failure: what the last try raised.
        tried_again: how often it was made again already.
        now: time of the failure, with a zone.
        spread: where chance comes from, so that many callers do not come back in one moment.

    Returns:
        The time; None where it must not be repeated by a machine (`When.ASK_FIRST` included).
    """
    chance = spread or random.Random()
    if tried_again >= failure.again.most:
        return None
    match failure.again.when:
        case When.BACKOFF | When.AFTER_UPLOAD:
            pause = min(_LONGEST_S, failure.again.first_s * 2.0 ** min(tried_again, 16))
            return now + timedelta(seconds=pause * chance.uniform(0.5, 1.0))
        case When.IN_THE_MORNING:
            return _next_morning(now) + timedelta(seconds=chance.uniform(0, _SPREAD_S))
        case _:
            return None


def _next_morning(now: datetime) -> datetime:
    there = now.astimezone(VIETNAM)
    morning = there.replace(hour=_MORNING[0], minute=_MORNING[1], second=0, microsecond=0)
    return morning if morning > there else morning + timedelta(days=1)
