"""Where a dossier stands, from whoever knows it best: the live system first, then what was last known, with its age.

"There is no such dossier" and "nobody can say at present" are two different answers and never taken for each other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

from actions.dossiers.codes import DossierCode, Tail
from actions.dossiers.errors import CannotSearch, SourceDown, SourceError, StateUnknown
from actions.dossiers.http_source import HttpDossiers
from actions.dossiers.keys import KeyBook, SecondKey
from actions.dossiers.model import Dossier
from actions.dossiers.source import MOST_CANDIDATES, Changes
from actions.dossiers.sql_source import SqlDossiers

log = logging.getLogger(__name__)

_BETWEEN = "|"


class Standing(Enum):
    """How an answer is to be taken."""

    LIVE = "live"
    """The system said it just now."""
    LAST_KNOWN = "last known"
    """It was so at `as_of`; an export's word, or the system does not answer."""
    ABSENT = "absent"
    """There is no such dossier."""
    UNAVAILABLE = "unavailable"
    """Nobody can say: the source is down, and nothing was known before."""


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a look-up.

    Attributes:
        standing: how it is to be taken.
        dossier: with LIVE and LAST_KNOWN, else None.
        is_stale: whether what is told is older than the operator's limit (`MOTCUA_DOSSIER_STALE_HOURS`).
        problem: name of the error that kept the live system out of it ("SourceDown", "NotJson"), or "". With LIVE
            and "StateUnknown" everything is known but the state.
    """

    standing: Standing
    dossier: Dossier | None = field(default=None, repr=False)
    is_stale: bool = False
    problem: str = ""

    @property
    def as_of(self) -> datetime | None:
        """When what is told was true."""
        return self.dossier.as_of if self.dossier else None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The answer to a search by the end of a code: see `Found`. Look a chosen one up to learn its state."""

    standing: Standing
    dossiers: tuple[Dossier, ...] = field(default=(), repr=False)
    problem: str = ""


class DossierChain:
    """Asks the live system where there is one, and the table where there is one.

    `look_up` and `search` never raise. It is a `DossierSource` too (`find`, `find_by_tail`, `changed_since`), for
    whoever wants errors.
    """

    def __init__(
        self,
        keys: KeyBook,
        *,
        live: HttpDossiers | None = None,
        known: SqlDossiers | None = None,
        stale_after: timedelta = timedelta(hours=30),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Takes one source or both.

        Args:
            keys: what second keys are hashed with.
            live: the province's system.
            known: the table, which every live answer refreshes.
            stale_after: how old an answer may be before it is called stale.
            now: the time, for tests.
        """
        self.keys = keys
        self._live, self._known, self._stale_after, self._now = live, known, stale_after, now

    def look_up(self, code: DossierCode) -> Found:
        """Says where a dossier stands, as well as anybody knows. Never raises."""
        problem = ""
        told: Dossier | None = None
        if self._live:
            try:
                dossier = self._live.find(code)
            except StateUnknown as unknown:
                dossier, problem = unknown.dossier, "StateUnknown"
            except SourceError as cause:
                return self._last_known(code, None, self._noted(cause))
            if dossier is None:
                return Found(Standing.ABSENT)
            if self._is_fresh(dossier):
                if self._known:
                    self._known.remember(dossier)
                return Found(Standing.LIVE, dossier, problem=problem)
            told = dossier
        return self._last_known(code, told, problem or ("SourceStale" if told else ""))

    def _last_known(self, code: DossierCode, told: Dossier | None, problem: str) -> Found:
        """What the table knows, or an outdated live answer if that is newer."""
        kept: Dossier | None = None
        if self._known:
            try:
                kept = self._known.find(code)
            except SourceError as cause:
                problem = problem or self._noted(cause)
        known = max((d for d in (told, kept) if d), key=lambda d: d.as_of, default=None)
        if known:
            return Found(Standing.LAST_KNOWN, known, not self._is_fresh(known), problem)
        # Only the source that is asked first may say no; a table behind a silent system may be incomplete.
        return Found(Standing.UNAVAILABLE, problem=problem) if problem else Found(Standing.ABSENT)

    def search(self, tail: Tail, key: SecondKey) -> Candidates:
        """Finds dossiers by the end of their code together with the second key. Never raises."""
        problem = ""
        if self._live:
            try:
                found = self._live.find_by_tail(tail, key)
                return Candidates(Standing.LIVE if found else Standing.ABSENT, found)
            except CannotSearch:
                problem = "" if self._known else "CannotSearch"
            except SourceError as cause:
                problem = self._noted(cause)
        kept: tuple[Dossier, ...] = ()
        if self._known:
            try:
                kept = self._known.find_by_tail(tail, key)
            except SourceError as cause:
                problem = problem or self._noted(cause)
        if kept:
            return Candidates(Standing.LAST_KNOWN, kept, problem)
        return Candidates(Standing.UNAVAILABLE if problem else Standing.ABSENT, (), problem)

    # --- as a source

    def find(self, code: DossierCode) -> Dossier | None:
        """As `look_up`, for a `DossierSource`.

        Raises:
            SourceDown: nobody can say.
        """
        found = self.look_up(code)
        if found.standing is Standing.UNAVAILABLE:
            raise SourceDown(f"nobody can say ({found.problem})")
        return found.dossier

    def find_by_tail(self, tail: Tail, key: SecondKey) -> tuple[Dossier, ...]:
        """As `search`, for a `DossierSource`.

        Raises:
            SourceDown: nobody can say.
        """
        found = self.search(tail, key)
        if found.standing is Standing.UNAVAILABLE:
            raise SourceDown(f"nobody can say ({found.problem})")
        return found.dossiers[:MOST_CANDIDATES]

    def changed_since(self, cursor: str, limit: int = 500) -> Changes:
        """Gives what changed; with a table, each change as it is noted there, wherever it came from.

        What the live system lists is first kept in the table; where it has no such list, look up the codes that
        matter (each look-up refreshes the table) and ask here afterwards.

        Raises:
            SourceError: see `DossierSource.changed_since`; with a table a live system that is down is only noted in
                `Changes.problem`.
        """
        if not self._known:
            if not self._live:
                raise CannotSearch("there is no source")
            return self._live.changed_since(cursor, limit)
        of_table, _, of_live = cursor.partition(_BETWEEN)
        problem, more = "", False
        # The place in the table is taken first, so that what the live list brings counts as a change.
        start = of_table or self._known.changed_since("").cursor
        if self._live:
            of_live, more, problem = self._take_changes(self._live, self._known, of_live, limit)
        changes = self._known.changed_since(start, limit)
        return Changes(changes.dossiers, f"{changes.cursor}{_BETWEEN}{of_live}", changes.more or more, problem)

    def _take_changes(self, live: HttpDossiers, known: SqlDossiers, cursor: str, limit: int) -> tuple[str, bool, str]:
        try:
            told = live.changed_since(cursor, limit)
        except CannotSearch:
            return "", False, ""
        except SourceError as cause:
            return cursor, False, self._noted(cause)
        kept = [known.remember(dossier) for dossier in told.dossiers]
        # What could not be kept now is asked for again.
        return (told.cursor, told.more, "") if all(kept) else (cursor, False, "")

    def close(self) -> None:
        """Closes the live connections."""
        if self._live:
            self._live.close()

    def _is_fresh(self, dossier: Dossier) -> bool:
        return self._now() - dossier.as_of <= self._stale_after

    @staticmethod
    def _noted(cause: SourceError) -> str:
        log.warning("the dossier source cannot say: %s (%s)", type(cause).__name__, cause)
        return type(cause).__name__
