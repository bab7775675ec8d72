from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from actions.dossiers.budget import TryBudget
from actions.dossiers.chain import DossierChain
from actions.dossiers.codes import DossierCode, Tail
from actions.dossiers.importing import ImportReport, write_dossiers
from actions.dossiers.inquiry import Asker, End, Inquiry
from actions.dossiers.keys import SecondKey
from actions.dossiers.sql_source import SqlDossiers
from motcua.database import open_database, upgrade
from tests.actions.dossiers.conftest import CODE, KEY, KEYS, NOBODYS, OTHER, WRONG, Ask, Write, dossier
from tests.actions.dossiers.test_budget import Clock
from tests.simulators.dossier_system import DossierSystemSimulator, Fault

ME = Asker("me")
STALE = timedelta(hours=30)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inquiry(engine: Engine, write: Write, clock: Clock) -> Iterator[Inquiry]:
    write(dossier(), dossier(OTHER, phone_key="", procedure_name="Đăng ký thuyền nan"))
    chain = DossierChain(KEYS, known=SqlDossiers(engine, KEYS, stale_after=STALE))
    opened = Inquiry(chain, TryBudget(engine, KEYS, now=clock), kept=chain)
    yield opened
    opened.close()


def ends(inquiry: Inquiry, clock: Clock, *asked: tuple[DossierCode, SecondKey]) -> list[End]:
    told = []
    for code, key in asked:
        clock.pass_by(13 * 3600)
        told.append(inquiry.open(code, key, ME).end)
    return told


def test_the_right_key_opens_and_nothing_else_does(inquiry: Inquiry, clock: Clock) -> None:
    assert ends(inquiry, clock, (CODE, KEY)) == [End.OPENED]
    # A wrong key, a code that does not exist, a dossier of which no key is known.
    assert ends(inquiry, clock, (CODE, WRONG), (NOBODYS, KEY), (OTHER, KEY)) == [End.NOT_FOUND] * 3


def test_wrong_and_absent_are_the_same_outcome(inquiry: Inquiry, clock: Clock) -> None:
    wrong = inquiry.open(CODE, WRONG, Asker("a"))
    absent = inquiry.open(NOBODYS, KEY, Asker("b"))
    assert wrong == absent and wrong.found is None
    # And after too many tries as well.
    for who in range(9):
        inquiry.open(CODE, WRONG, Asker(f"a{who}"))
        inquiry.open(NOBODYS, KEY, Asker(f"b{who}"))
    assert inquiry.open(CODE, WRONG, Asker("x")) == inquiry.open(NOBODYS, KEY, Asker("y"))
    assert inquiry.open(CODE, KEY, Asker("z")).end is End.WAIT


def test_an_old_import_says_of_a_wrong_key_what_it_says_of_an_absent_code(engine: Engine, clock: Clock) -> None:
    old = datetime.now(UTC) - 3 * STALE
    told = ImportReport("test", old)
    write_dossiers(engine, enumerate([dossier(as_of=old)], 1), told, origin="import")
    chain = DossierChain(KEYS, known=SqlDossiers(engine, KEYS, stale_after=STALE), stale_after=STALE)
    inquiry = Inquiry(chain, TryBudget(engine, KEYS, now=clock), kept=chain)
    expected = [End.OPENED, End.UNAVAILABLE, End.UNAVAILABLE]
    assert ends(inquiry, clock, (CODE, KEY), (CODE, WRONG), (NOBODYS, KEY)) == expected


def test_a_silent_system_says_of_a_wrong_key_what_it_says_of_an_absent_code(
    engine: Engine, write: Write, ask: Ask, system: DossierSystemSimulator, clock: Clock
) -> None:
    write(dossier())
    known = SqlDossiers(engine, KEYS)
    chain = DossierChain(KEYS, live=ask(), known=known)
    inquiry = Inquiry(chain, TryBudget(engine, KEYS, now=clock), kept=DossierChain(KEYS, known=known), patience_s=5)
    system.fault = Fault.ERROR
    expected = [End.OPENED, End.UNAVAILABLE, End.UNAVAILABLE]
    assert ends(inquiry, clock, (CODE, KEY), (CODE, WRONG), (NOBODYS, KEY)) == expected
    # The tries stay counted alike, so that the outage opens no side door.
    again = [inquiry.open(code, WRONG, Asker(name)) for code, name in ((CODE, "p"), (NOBODYS, "q"))]
    assert again[0] == again[1]


def test_a_slow_system_is_not_waited_for(
    engine: Engine, write: Write, ask: Ask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(dossier())
    known = SqlDossiers(engine, KEYS)
    chain = DossierChain(KEYS, live=ask(), known=known)
    monkeypatch.setattr(chain, "look_up", lambda _: time.sleep(1.0))
    inquiry = Inquiry(chain, TryBudget(engine, KEYS, now=clock), kept=DossierChain(KEYS, known=known), patience_s=0.1)
    began = time.monotonic()
    outcome = inquiry.open(CODE, KEY, ME)
    assert time.monotonic() - began < 0.8
    assert outcome.found is not None and outcome.found.problem == "SourceSlow"
    inquiry.close()


def test_a_tail_opens_only_with_its_key_and_what_narrows_it(inquiry: Inquiry, write: Write, clock: Clock) -> None:
    def look(tail: Tail, key: SecondKey, fits: Callable[[object], bool] = lambda _: True) -> End:
        clock.pass_by(25 * 3600)
        return inquiry.open_tail(tail, key, ME, fits).end

    tail = Tail(CODE.number, CODE.given_on)
    assert look(tail, KEY) is End.OPENED
    assert look(tail, WRONG) is End.NOT_FOUND
    assert look(Tail(CODE.number, "261106"), KEY) is End.NOT_FOUND
    assert look(tail, KEY, lambda _: False) is End.NOT_FOUND
    write(dossier(DossierCode("H49.19-261105-0001")))
    assert look(tail, KEY) is End.SEVERAL


def test_a_look_up_in_the_table_is_quick(inquiry: Inquiry) -> None:
    took = []
    for _ in range(30):
        began = time.perf_counter()
        assert inquiry.open(CODE, KEY, ME).end is End.OPENED
        took.append(time.perf_counter() - began)
    assert statistics.median(took) < 0.1


def test_wrong_and_absent_take_the_same_time(inquiry: Inquiry, clock: Clock) -> None:
    took: dict[DossierCode, list[float]] = {CODE: [], NOBODYS: []}
    for _ in range(40):
        for code in took:
            clock.pass_by(25 * 3600)
            began = time.perf_counter()
            assert inquiry.open(code, WRONG, ME).end is End.NOT_FOUND
            took[code].append(time.perf_counter() - began)
    wrong, absent = (statistics.median(times) for times in took.values())
    spread = statistics.stdev(took[CODE]) + statistics.stdev(took[NOBODYS])
    assert abs(wrong - absent) < max(0.002, spread)


class Crowd:
    """Guesses at dossiers of the table, ten a second by the simulated clock."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'guessed.db'}"
        upgrade(url)
        self.engine, self.clock = open_database(url), Clock()
        self.random = random.Random(20261120)
        self.codes = [DossierCode(f"H49.18-2611{day:02}-{number:04}") for day in range(1, 21) for number in range(50)]
        keys = {code: SecondKey(f"{self.random.randrange(10_000):04}") for code in self.codes}
        rows = [dossier(code, phone_key=KEYS.hash_of(code.number, keys[code])) for code in self.codes]
        write_dossiers(self.engine, enumerate(rows, 1), ImportReport("test", datetime.now(UTC)), origin="import")
        chain = DossierChain(KEYS, known=SqlDossiers(self.engine, KEYS))
        self.budget = TryBudget(self.engine, KEYS, now=self.clock)
        self.inquiry = Inquiry(chain, self.budget, kept=chain)

    def guess(self, count: int, code: Callable[[int], DossierCode], person: Callable[[int], str]) -> dict[End, int]:
        ended = dict.fromkeys(End, 0)
        for n in range(count):
            key = SecondKey(f"{self.random.randrange(10_000):04}")
            ended[self.inquiry.open(code(n), key, Asker(person(n), person(n))).end] += 1
            self.clock.pass_by(0.1)
        return ended


@pytest.mark.parametrize("way", ["one code", "one person", "everything changes"])
def test_a_hundred_thousand_guesses_find_nothing_that_chance_would_not(tmp_path: Path, way: str) -> None:
    crowd = Crowd(tmp_path)
    codes = crowd.codes
    ended = crowd.guess(
        100_000,
        (lambda n: codes[0]) if way == "one code" else (lambda n: codes[n % len(codes)]),
        (lambda n: "me") if way == "one person" else (lambda n: f"p{n}"),
    )
    compared = ended[End.OPENED] + ended[End.NOT_FOUND]
    # 2.8 hours of guessing: so many keys were compared at all, each right once in ten thousand.
    assert compared <= (3 * 200 if way == "everything changes" else 3 * 5)
    assert ended[End.WAIT] == 100_000 - compared
    assert ended[End.OPENED] <= 1
