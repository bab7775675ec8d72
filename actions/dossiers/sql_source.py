"""Dossiers in the own database: filled by imports, refreshed by what the live system said last."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, and_, func, insert, or_, select, text, union, update
from sqlalchemy.exc import SQLAlchemyError

from actions.dossiers.codes import DossierCode, Tail
from actions.dossiers.errors import SourceDown, SourceStale
from actions.dossiers.keys import KeyBook, SecondKey
from actions.dossiers.model import Dossier
from actions.dossiers.rows import dossier_of, in_utc, row_of
from actions.dossiers.source import MOST_CANDIDATES, Changes
from actions.dossiers.tables import DOSSIERS, DossierImport, DossierRow

log = logging.getLogger(__name__)

_LOOKED_AT = 50
# How long a citizen's look-up waits for an import before it leaves the refresh undone.
_REFRESH_WAIT_MS = 200


class SqlDossiers:
    """Implements `DossierSource` over the tables `dossier` and `dossier_import`."""

    def __init__(self, engine: Engine, keys: KeyBook, *, stale_after: timedelta | None = None) -> None:
        """Takes the database.

        Args:
            engine: the database, brought up to date.
            keys: what second keys are hashed with.
            stale_after: how old the newest import may be for a code that it lacks to count as not existing;
                None for ever.
        """
        self._engine, self._keys, self._stale_after = engine, keys, stale_after

    def find(self, code: DossierCode) -> Dossier | None:
        """Gives the dossier as it was last known, however old; see `DossierSource.find`.

        Raises:
            SourceStale: it is not there, but the newest import is too old to say that it does not exist.
            SourceDown: the database cannot be read, or nothing was ever imported.
        """
        with self._reading() as connection:
            row = connection.execute(select(DOSSIERS).where(DossierRow.code == code.value)).mappings().first()
            if row is not None:
                return dossier_of(row)
            self._refuse_a_stale_no(connection)
            return None

    def find_by_tail(self, tail: Tail, key: SecondKey) -> tuple[Dossier, ...]:
        """Gives the dossiers of a tail and a key, newest first; see `DossierSource.find_by_tail`.

        Raises:
            SourceStale, SourceDown: as for `find`.
        """
        hashed = self._keys.hash_of(tail.number, key)
        # One question an index: put as one with OR, SQLite reads every dossier of that number.
        fits = [
            and_(DossierRow.number == tail.number, hashes == hashed)
            for hashes in (DossierRow.phone_key, DossierRow.identity_key)
        ]
        if tail.given_on:
            fits = [and_(fit, DossierRow.code.like(f"%-{tail.given_on}-%")) for fit in fits]
        codes = union(*(select(DossierRow.code).where(fit) for fit in fits)).subquery()
        asked = select(DOSSIERS).where(DossierRow.code.in_(select(codes.c.code))).limit(_LOOKED_AT)
        with self._reading() as connection:
            rows = connection.execute(asked).mappings().all()
            found = [dossier for dossier in map(dossier_of, rows) if tail.fits(dossier.code)]
            if not found:
                self._refuse_a_stale_no(connection)
        found.sort(key=lambda dossier: (dossier.code.given_on, dossier.code.value), reverse=True)
        return tuple(found[:MOST_CANDIDATES])

    def changed_since(self, cursor: str, limit: int = 500) -> Changes:
        """Gives what imports and refreshes altered since a cursor; see `DossierSource.changed_since`.

        Raises:
            SourceDown: the database cannot be read.
        """
        with self._reading() as connection:
            if not cursor:
                return Changes((), f"{_last_number(connection) + 1}:")
            number, code = _place(cursor)
            after = or_(DossierRow.changed > number, and_(DossierRow.changed == number, DossierRow.code > code))
            rows = (
                connection.execute(
                    select(DOSSIERS).where(after).order_by(DossierRow.changed, DossierRow.code).limit(limit + 1)
                )
                .mappings()
                .all()
            )
        given = rows[:limit]
        at = f"{given[-1]['changed']}:{given[-1]['code']}" if given else cursor
        return Changes(tuple(map(dossier_of, given)), at, more=len(rows) > limit)

    def remember(self, dossier: Dossier) -> bool:
        """Keeps what the live system just said; older news than what is known changes nothing.

        It is a convenience and never fails the look-up: when the database is being written by an import, or
        cannot be written, nothing is kept.

        Returns:
            Whether the table holds this now, or something newer.
        """
        row = row_of(dossier, "live")
        try:
            with self._engine.begin() as connection:
                _lock_soon(connection)
                this = DossierRow.code == row["code"]
                known = connection.execute(select(DossierRow.digest, DossierRow.as_of).where(this)).first()
                if known is None:
                    connection.execute(insert(DOSSIERS).values(**row, changed=_last_number(connection) + 1))
                elif in_utc(known.as_of) > dossier.as_of:
                    return True
                elif known.digest == row["digest"]:
                    connection.execute(update(DOSSIERS).where(this).values(as_of=row["as_of"]))
                else:
                    number = _last_number(connection) + 1
                    connection.execute(update(DOSSIERS).where(this).values(**row, changed=number))
                return True
        except SQLAlchemyError as cause:
            log.info("what the live system said was not kept: %s", type(cause).__name__)
            return False

    def known_until(self) -> datetime | None:
        """When the newest import's file was written; now while the table holds the samples; None before any.

        Raises:
            SourceDown: the database cannot be read.
        """
        with self._reading() as connection:
            return _known_until(connection)

    def is_empty(self) -> bool:
        """Whether no dossier is known.

        Raises:
            SourceDown: the database cannot be read.
        """
        with self._reading() as connection:
            return connection.execute(select(DossierRow.code).limit(1)).first() is None

    def _refuse_a_stale_no(self, connection: Connection) -> None:
        until = _known_until(connection)
        if until is None:
            raise SourceDown("no dossiers have been imported")
        if self._stale_after is not None and datetime.now(UTC) - until > self._stale_after:
            raise SourceStale("the newest import is too old")

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as cause:
            # Only the kind: the text of the error quotes the statement's values.
            raise SourceDown(f"the database cannot be read ({type(cause).__name__})") from None


def _known_until(connection: Connection) -> datetime | None:
    by_origin = dict(
        connection.execute(
            select(DossierImport.origin, func.max(DossierImport.as_of)).group_by(DossierImport.origin)
        ).all()
    )
    if "import" in by_origin:
        return in_utc(by_origin["import"])
    return datetime.now(UTC) if "sample" in by_origin else None


def _last_number(connection: Connection) -> int:
    changed = connection.scalar(select(func.max(DossierRow.changed))) or 0
    imported = connection.scalar(select(func.max(DossierImport.number))) or 0
    return max(changed, imported)


def _place(cursor: str) -> tuple[int, str]:
    number, _, code = cursor.partition(":")
    try:
        return int(number), code
    except ValueError:
        raise SourceDown("the cursor is none of this source's") from None


def _lock_soon(connection: Connection) -> None:
    """As `lock_for_writing`, but gives up at once when somebody else goes on writing."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_REFRESH_WAIT_MS}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            connection.exec_driver_sql("PRAGMA busy_timeout = 5000")
        return
    connection.execute(text(f"SET LOCAL lock_timeout = '{_REFRESH_WAIT_MS}ms'"))
    connection.execute(text(f'LOCK TABLE "{DossierRow.__tablename__}" IN SHARE ROW EXCLUSIVE MODE'))
