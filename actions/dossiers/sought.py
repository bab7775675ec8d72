"""What a person asks about at the moment: kept for minutes, so that neither Rasa nor a log has to know a code.

Codes are kept sealed (see `following_codes`), the person as a keyed hash. A second key is never kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from actions.dossiers.budget_tables import DossierSought
from actions.dossiers.codes import DossierCode, Tail
from actions.dossiers.errors import BadCode, SourceDown
from actions.dossiers.following_codes import CodeSeal
from actions.dossiers.keys import KeyBook

KEPT: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked about: codes, or the end of one with what narrows it.

    Attributes:
        codes: whole codes.
        tail: the end of one, when there is no whole code.
        procedure: words of the procedure that narrow the tail.
        opened: whether these codes were opened with their key just now.
    """

    codes: tuple[DossierCode, ...] = field(default=(), repr=False)
    tail: Tail | None = field(default=None, repr=False)
    procedure: str = field(default="", repr=False)
    opened: bool = False


class SoughtBook:
    """Keeps one `Sought` a person."""

    def __init__(
        self, engine: Engine, keys: KeyBook, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Takes the database.

        Args:
            engine: the database, brought up to date.
            keys: what persons are hashed and codes are sealed with.
            now: the time, for tests.
        """
        self._engine, self._keys, self._seal, self._now = engine, keys, CodeSeal(keys), now

    def put(self, person: str, sought: Sought) -> None:
        """Keeps what a person asks about in place of what they asked about before.

        Raises:
            SourceDown: the database cannot be written.
        """
        who, now = self._keys.mark_of("sought", person), self._now()
        row = {"person": who, "sought": self._written(sought), "kept_until": now + KEPT}
        try:
            with self._engine.begin() as connection:
                old = (DossierSought.person == who) | (DossierSought.kept_until <= now)
                connection.execute(delete(DossierSought).where(old))
                connection.execute(insert(DossierSought).values(row))
        except SQLAlchemyError as cause:
            raise SourceDown(f"what is asked about cannot be kept ({type(cause).__name__})") from None

    def get(self, person: str) -> Sought | None:
        """Gives what a person asks about, or None once it has lapsed.

        Raises:
            SourceDown: the database cannot be read.
        """
        who = self._keys.mark_of("sought", person)
        lasting = select(DossierSought.sought).where(
            DossierSought.person == who, DossierSought.kept_until > self._now()
        )
        try:
            with self._engine.connect() as connection:
                written = connection.scalar(lasting)
        except SQLAlchemyError as cause:
            raise SourceDown(f"what is asked about cannot be read ({type(cause).__name__})") from None
        return self._read(written) if written else None

    def drop(self, person: str) -> None:
        """Forgets what a person asks about.

        Raises:
            SourceDown: the database cannot be written.
        """
        who = self._keys.mark_of("sought", person)
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(DossierSought).where(DossierSought.person == who))
        except SQLAlchemyError as cause:
            raise SourceDown(f"what is asked about cannot be forgotten ({type(cause).__name__})") from None

    def _written(self, sought: Sought) -> str:
        return json.dumps(
            {
                "codes": [[self._seal.hash_of(code), self._seal.seal(code)] for code in sought.codes],
                "tail": [sought.tail.number, sought.tail.given_on] if sought.tail else None,
                "procedure": sought.procedure,
                "opened": sought.opened,
            }
        )

    def _read(self, written: str) -> Sought | None:
        told = json.loads(written)
        try:
            codes = tuple(self._seal.open(*pair) for pair in told["codes"])
        except BadCode:
            return None  # the secret was changed meanwhile
        return Sought(codes, Tail(*told["tail"]) if told["tail"] else None, told["procedure"], told["opened"])
