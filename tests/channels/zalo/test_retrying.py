from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from channels.zalo.errors import (
    OVER_THE_RATE,
    Again,
    CallFailed,
    CannotReach,
    NotSent,
    OutcomeUnknown,
    Passing,
    Permanent,
    SetUpWrong,
    TokenRefused,
    When,
)
from channels.zalo.retrying import VIETNAM, next_try

NOW = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", [CannotReach, Permanent, SetUpWrong, TokenRefused, OutcomeUnknown])
def test_what_must_not_be_repeated_by_a_machine_never_is(kind: type[CallFailed]) -> None:
    assert next_try(kind("call", "why"), 0, NOW) is None


@pytest.mark.parametrize("again", [Again(When.BACKOFF, 3), OVER_THE_RATE])
def test_pauses_grow_and_end_after_three_tries(again: Again) -> None:
    failure = Passing("call", "why", again=again)
    for tried in range(3):
        at = next_try(failure, tried, NOW, random.Random(tried))
        assert at is not None
        longest = min(60.0, again.first_s * 2**tried)
        assert 0.5 * longest <= (at - NOW).total_seconds() <= longest
    assert next_try(failure, 3, NOW) is None


def test_what_surely_did_nothing_is_tried_for_as_long_as_it_takes() -> None:
    for tried in (0, 3, 50, 999):
        at = next_try(NotSent("call", "why"), tried, NOW)
        assert at is not None and at - NOW <= timedelta(minutes=1)


@pytest.mark.parametrize(("hour", "days"), [(23, 1), (2, 0), (6, 1)])
def test_what_may_not_be_sent_at_night_waits_for_the_morning_in_vietnam(hour: int, days: int) -> None:
    now = datetime(2026, 11, 5, hour, 30, tzinfo=VIETNAM)
    at = next_try(Passing("zns", "not now", code=-133, again=Again(When.IN_THE_MORNING, 1)), 0, now)
    assert at is not None
    morning = datetime(2026, 11, 5, 6, 5, tzinfo=VIETNAM) + timedelta(days=days)
    assert morning <= at <= morning + timedelta(minutes=10)
