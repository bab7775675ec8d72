from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from actions.dossiers.budget import BY_ACCOUNT, HOURLY, Granted, TryBudget, Wait, pause_after
from actions.dossiers.errors import SourceDown
from motcua.database import open_database
from tests.actions.dossiers.conftest import CODE, KEYS

DAY = 24 * 3600


class Clock:
    """A time that passes when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budget(engine: Engine, clock: Clock) -> TryBudget:
    return TryBudget(engine, KEYS, now=clock)


def granted_within(budget: TryBudget, clock: Clock, seconds: int, step: int, **who: str) -> int:
    granted = 0
    for _ in range(0, seconds, step):
        granted += isinstance(budget.ask(**who), Granted)
        clock.pass_by(step)
    return granted


def test_an_hour_gives_five_tries_to_a_person_whatever_they_try(budget: TryBudget, clock: Clock) -> None:
    granted = 0
    for number in range(359):
        granted += isinstance(budget.ask(person="p", code=f"code {number}"), Granted)
        clock.pass_by(10)
    assert granted == HOURLY


@pytest.mark.parametrize(("scope", "most"), [("code", HOURLY), ("account", BY_ACCOUNT)])
def test_an_hour_gives_so_many_tries_at_a_code_and_to_an_account_whoever_they_are(
    budget: TryBudget, clock: Clock, scope: str, most: int
) -> None:
    granted = 0
    for number in range(359):
        who = {"person": f"p{number}", "code": f"c{number}", "account": f"a{number}", scope: "same"}
        granted += isinstance(budget.ask(**who), Granted)
        clock.pass_by(10)
    assert granted == most


def test_a_second_try_may_come_at_once_and_further_ones_ever_later(budget: TryBudget, clock: Clock) -> None:
    who = {"person": "p", "code": "c"}
    waited = []
    for _ in range(9):
        answer = budget.ask(**who)
        waited.append(0.0)
        while isinstance(answer, Wait):
            waited[-1] += answer.time.total_seconds()
            clock.pass_by(answer.time.total_seconds())
            answer = budget.ask(**who)
    assert waited[:3] == [0, 0, 15]
    assert waited == sorted(waited) and waited[5] == 3600 and waited[6] == 7200


def test_a_day_of_trying_gives_few_tries(budget: TryBudget, clock: Clock) -> None:
    assert granted_within(budget, clock, DAY, 60, person="p", code="c") <= 10


def test_a_right_try_costs_nothing(budget: TryBudget, clock: Clock) -> None:
    for _ in range(50):
        granted = budget.ask(person="p", code="c", account="a")
        assert isinstance(granted, Granted)
        budget.forgive(granted)


def test_a_right_try_does_not_wipe_out_wrong_ones(budget: TryBudget, clock: Clock) -> None:
    budget.ask(person="p", code="c")
    granted = budget.ask(person="p", code="mine")
    assert isinstance(granted, Granted)
    budget.forgive(granted)
    budget.ask(person="p", code="d")
    assert isinstance(budget.ask(person="p", code="e"), Wait)


def test_another_person_and_code_are_free_meanwhile(budget: TryBudget, clock: Clock) -> None:
    granted_within(budget, clock, 3000, 10, person="p", code="c")
    assert isinstance(budget.ask(person="q", code="d"), Granted)


def test_a_restart_forgets_nothing(engine: Engine, clock: Clock) -> None:
    granted_within(TryBudget(engine, KEYS, now=clock), clock, 1200, 10, person="p", code="c")
    again = TryBudget(engine, KEYS, now=clock)
    assert isinstance(again.ask(person="p", code="d"), Wait)
    assert isinstance(again.ask(person="q", code="c"), Wait)


def test_tries_made_at_once_are_all_counted(engine: Engine, clock: Clock) -> None:
    budget = TryBudget(engine, KEYS, now=clock)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: budget.ask(person=f"p{n}", code="c"), range(16)))
    assert sum(isinstance(answer, Granted) for answer in answers) == 2


def test_whoever_changes_person_and_code_each_time_meets_the_budget_of_all(engine: Engine, clock: Clock) -> None:
    budget = TryBudget(engine, KEYS, for_all=20, now=clock)
    assert sum(isinstance(budget.ask(person=f"p{n}", code=f"c{n}"), Granted) for n in range(200)) == 20
    clock.pass_by(3601)
    assert isinstance(budget.ask(person="p", code="c"), Granted)


def test_staff_are_told_once_an_hour_without_code_or_person(
    engine: Engine, budget: TryBudget, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        granted_within(budget, clock, 3000, 10, person="somebody", code=CODE.value)
    with engine.connect() as connection:
        alerts = connection.execute(text("SELECT scope, tries, who FROM dossier_alert ORDER BY scope")).all()
        rows = str(connection.execute(text("SELECT * FROM dossier_try")).all())
    assert [(scope, tries) for scope, tries, _ in alerts] == [("code", HOURLY), ("person", HOURLY)]
    assert "5 wrong tries" in caplog.text
    for kept in (caplog.text, str(alerts), rows):
        assert CODE.value not in kept and CODE.number not in kept.split() and "somebody" not in kept


def test_what_is_older_than_a_day_is_deleted(engine: Engine, budget: TryBudget, clock: Clock) -> None:
    budget.ask(person="p", code="c")
    clock.pass_by(DAY + 1)
    budget.ask(person="q", code="d")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(DISTINCT attempt) FROM dossier_try")).scalar() == 1


def test_without_a_database_nothing_may_be_tried() -> None:
    with pytest.raises(SourceDown):
        TryBudget(open_database("sqlite:///:memory:"), KEYS).ask(person="p", code="c")


def test_pauses_never_shrink_and_have_an_end() -> None:
    pauses = [pause_after(tries) for tries in range(2000)]
    assert pauses == sorted(pauses) and pauses[-1] == timedelta(hours=12)
