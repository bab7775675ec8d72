"""The guarded look-up: a dossier is only spoken of to whoever has its second key, and only so many tries are taken.

A code that does not exist, a wrong key and a dossier without any key end in the same outcome after the same work.
When the system that could say "no" is silent, both end in "nobody can say".
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final, TypeVar

from actions.dossiers.budget import Granted, TryBudget, Wait
from actions.dossiers.chain import Candidates, DossierChain, Found, Standing
from actions.dossiers.codes import DossierCode, Tail
from actions.dossiers.errors import SourceError
from actions.dossiers.keys import SecondKey
from actions.dossiers.model import Dossier, DossierState

T = TypeVar("T")

# A code that no unit gives: what is said of it is what is said of any that does not exist.
_NOBODYS: Final = DossierCode("Z99-991231-999999")
_NO_DOSSIER: Final = Dossier(_NOBODYS, DossierState.UNKNOWN, datetime(2000, 1, 1, tzinfo=UTC))
_AT_ONCE: Final = 16


class End(Enum):
    """How an inquiry ended."""

    OPENED = "opened"
    """The key fits: `found` may be told."""
    NOT_FOUND = "not found"
    """No such dossier, or the key is not its own; nobody learns which."""
    SEVERAL = "several"
    """More than one dossier of that end opens to the key."""
    UNAVAILABLE = "unavailable"
    """Nobody can say at present."""
    WAIT = "wait"
    """Too many tries: nothing was looked up."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an inquiry; `found` with OPENED, `wait` with WAIT."""

    end: End
    found: Found | None = field(default=None, repr=False)
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever asks: the conversation, and the account or address behind it where the channel tells."""

    person: str = field(repr=False)
    account: str = field(default="", repr=False)


class Inquiry:
    """Looks dossiers up for citizens. Safe to use from several threads; blocks, so keep it off an event loop."""

    def __init__(
        self, chain: DossierChain, budget: TryBudget, *, kept: DossierChain | None = None, patience_s: float = 0.7
    ) -> None:
        """Takes the sources.

        Args:
            chain: what is asked.
            budget: who may ask how often.
            kept: the table alone, for when the live system does not answer in time; None where nothing is kept.
            patience_s: seconds that one look-up is waited for. It goes on behind, and is kept where there is a table.
        """
        self._chain, self._budget, self._kept, self._patience_s = chain, budget, kept, patience_s
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="dossier")

    def open(self, code: DossierCode, key: SecondKey, asker: Asker) -> Outcome:
        """Looks a dossier up for somebody who gave its code and a second key. Never raises."""
        return self._guarded(code.value, asker, 1, lambda: self._open(code, key))

    def open_tail(self, tail: Tail, key: SecondKey, asker: Asker, fits: Callable[[Dossier], bool]) -> Outcome:
        """The same for the end of a code; one try here counts as two, for it meets more dossiers than a code does.

        Args:
            tail: the end of the code.
            key: the second key.
            asker: whoever asks.
            fits: what else is known of the dossier, such as its procedure. Without a day in `tail` it must narrow.
        """
        return self._guarded(f"{tail.given_on}-{tail.number}", asker, 2, lambda: self._open_tail(tail, key, fits))

    def known(self, code: DossierCode) -> Dossier | None:
        """Gives a dossier that was opened before, as it is now; for whoever already proved that it is theirs."""
        return self._look_up(code).dossier

    def close(self) -> None:
        """Gives up what still waits for the live system."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _guarded(self, code: str, asker: Asker, weight: int, look: Callable[[], Outcome]) -> Outcome:
        granted: list[Granted] = []
        try:
            for _ in range(weight):
                answer = self._budget.ask(person=asker.person, code=code, account=asker.account)
                if isinstance(answer, Wait):
                    if not granted:
                        return Outcome(End.WAIT, wait=answer.time)
                    break
                granted.append(answer)
        except SourceError:
            return Outcome(End.UNAVAILABLE)
        outcome = look()
        # Where something is kept, a wrong key may have been compared although nobody could say "no": such tries
        # stay counted, for codes that do not exist as well.
        nothing_compared = outcome.end is End.UNAVAILABLE and self._kept is None
        if outcome.end is End.OPENED or nothing_compared:
            for one in granted:
                self._budget.forgive(one)
        return outcome

    def _open(self, code: DossierCode, key: SecondKey) -> Outcome:
        found = self._look_up(code)
        dossier = found.dossier or _NO_DOSSIER
        opens = dossier.opens_to(key, self._chain.keys) and found.dossier is not None
        absent = self._said_of_nobodys() if self._kept is self._chain else found
        if opens:
            return Outcome(End.OPENED, found)
        return Outcome(_end_of_no(absent))

    def _open_tail(self, tail: Tail, key: SecondKey, fits: Callable[[Dossier], bool]) -> Outcome:
        told = self._search(tail, key)
        if told.standing is Standing.UNAVAILABLE:
            return Outcome(End.UNAVAILABLE)
        fitting = [dossier for dossier in told.dossiers if fits(dossier)]
        if len(fitting) > 1:
            return Outcome(End.SEVERAL)
        return self._open(fitting[0].code if fitting else _NOBODYS, key)

    def _said_of_nobodys(self) -> Found:
        return self._chain.look_up(_NOBODYS)

    def _look_up(self, code: DossierCode) -> Found:
        if self._kept is self._chain:
            return self._chain.look_up(code)
        try:
            return self._in_time(self._pool.submit(self._chain.look_up, code))
        except NotInTime:
            slow = Found(Standing.UNAVAILABLE, problem="SourceSlow")
        known = self._kept.look_up(code) if self._kept else slow
        if known.dossier is None:
            return slow
        return Found(Standing.LAST_KNOWN, known.dossier, known.is_stale, "SourceSlow")

    def _search(self, tail: Tail, key: SecondKey) -> Candidates:
        if self._kept is self._chain:
            return self._chain.search(tail, key)
        try:
            return self._in_time(self._pool.submit(self._chain.search, tail, key))
        except NotInTime:
            slow = Candidates(Standing.UNAVAILABLE, problem="SourceSlow")
        known = self._kept.search(tail, key) if self._kept else slow
        return known if known.dossiers else slow

    def _in_time(self, future: Future[T]) -> T:
        return future.result(timeout=self._patience_s)


def _end_of_no(found: Found) -> End:
    """What somebody without the right key hears: the same as of a code that does not exist."""
    if found.standing is Standing.UNAVAILABLE:
        return End.UNAVAILABLE
    # An outdated record comes from a live system that did answer; any other problem means that it did not.
    silent = found.standing is Standing.LAST_KNOWN and found.problem not in ("", "SourceStale", "StateUnknown")
    return End.UNAVAILABLE if silent else End.NOT_FOUND
