from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from channels.durable.model import Never, NotSent, Unknown
from channels.zalo import errors
from channels.zalo.errors import Again, ConsentLost, OutcomeUnknown, Passing, SetUpWrong, When
from channels.zalo.outcomes import PUT_RIGHT, outcome_of
from channels.zalo_oa.codes import account_failure, template_failure

NOW = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("code", [-213, -217, -218, -227, -230, -232, -244])
def test_somebody_who_cannot_be_reached_is_never_tried_again(code: int) -> None:
    said = outcome_of(account_failure("message/cs", code, 200), 1, NOW)
    assert said == Never(f"message/cs: this person cannot be written to (code {code})", unreachable=True)


@pytest.mark.parametrize("code", [-201, -210, -233, -240, -248, -249, -403, -9999])
def test_a_wrong_request_is_never_tried_again(code: int) -> None:
    said = outcome_of(account_failure("message/cs", code, 200), 1, NOW)
    assert isinstance(said, Never) and not said.unreachable


@pytest.mark.parametrize("failure", [ConsentLost("lost"), account_failure("message/cs", -216, 200)])
def test_without_a_token_a_message_waits(failure: errors.CallFailed) -> None:
    assert outcome_of(failure, 7, NOW) == NotSent(str(failure), PUT_RIGHT)


@pytest.mark.parametrize("code", [-204, -211, -212, -221, -223, -224, -320])
def test_until_somebody_puts_it_right_a_message_waits(code: int) -> None:
    assert outcome_of(account_failure("message/cs", code, 200), 9, NOW) == NotSent(
        f"message/cs: account, application or quota (code {code})", PUT_RIGHT
    )


def test_over_the_rate_it_is_tried_three_times_more_and_then_given_up() -> None:
    failure = account_failure("message/cs", -32, 200)
    for attempt in (1, 2, 3):
        said = outcome_of(failure, attempt, NOW)
        assert isinstance(said, NotSent) and said.retry_after and said.retry_after >= timedelta(seconds=7)
    assert isinstance(outcome_of(failure, 4, NOW), Never)


def test_a_host_that_is_down_is_tried_for_as_long_as_the_outbox_does() -> None:
    assert all(isinstance(outcome_of(errors.NotSent("c", "w"), n, NOW), NotSent) for n in (1, 5, 100))


def test_what_may_have_been_done_is_unknown() -> None:
    assert outcome_of(OutcomeUnknown("c", "w"), 1, NOW) == Unknown("c: w")
    assert isinstance(outcome_of(template_failure("zns", -100, 200), 1, NOW), Unknown)


@pytest.mark.parametrize("code", [-133, -144, -115])
def test_what_waits_for_the_morning_is_tried_once_then(code: int) -> None:
    failure = template_failure("zns", code, 200)
    said = outcome_of(failure, 1, NOW)
    # It is ten in the morning in Vietnam.
    assert isinstance(said, NotSent) and said.retry_after and said.retry_after >= timedelta(hours=20)
    assert isinstance(outcome_of(failure, 2, NOW), Never)


def test_no_failure_without_a_word_for_the_log() -> None:
    for failure in (Passing("c", "w", again=Again(When.NEVER)), SetUpWrong("c", "w"), ConsentLost("w")):
        assert outcome_of(failure, 1, NOW).problem
