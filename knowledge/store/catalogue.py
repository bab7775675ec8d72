"""The catalogue: every procedure, every version of each of its parts.

A part is never changed: a new version is written beside the old one, and one catalogue version number covers
all parts that changed together, so that "what did the catalogue say then" can always be answered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import Engine, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from knowledge.errors import StoreUnavailable, UnknownProcedure
from knowledge.model import CuratedRecord, PortalRecord, Procedure, Words
from knowledge.store.tables import CatalogueVersion, PartVersion
from knowledge.store.writing import Change, Incoming, Origin, Part, write_parts
from motcua.database import in_one_line, is_locked

Record = PortalRecord | CuratedRecord | Words

_BATCH = 500
_IN_FORCE = PartVersion.until.is_(None)


@dataclass(frozen=True)
class StoredVersion:
    """One version of one part: in force from catalogue version `since` until `until`, or still."""

    part: str
    since: int
    until: int | None
    origin: str
    digest: str

    @property
    def is_current(self) -> bool:
        """Whether it is in force."""
        return self.until is None


class Catalogue:
    """Reads and writes the catalogue in one database.

    Every method raises `StoreUnavailable` when the database cannot be reached, read or written.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # --- writing

    def write(
        self, records: Iterable[Record], *, origin: Origin, reason: str, withdraw_missing: bool = False
    ) -> Change:
        """Writes records; those that are already there as they are change nothing.

        All or nothing: when anything fails half way, nothing has gone in. One writer at a time: a second
        one waits some seconds for the first and then gives up.

        Args:
            records: portal records, curated records or words, each code at most once per part; they are
                all read before the database is touched.
            origin: who says it. What staff wrote is not overwritten by the starter catalogue.
            reason: why, for the list of catalogue versions.
            withdraw_missing: parts of the same origin and kind that are not among the records any more
                are taken out of force (kept as old versions); a kind of which no record came is left alone.

        Raises:
            StoreUnavailable: it cannot be written, or somebody else goes on writing.
            BadRecord: a code comes twice as the same part.
        """
        # Reading first keeps the database locked for the shortest time: people's messages go in there too.
        incoming = [_incoming(record) for record in records]
        try:
            with Session(self._engine) as session, session.begin():
                return write_parts(session, incoming, origin, reason, withdraw_missing)
        except SQLAlchemyError as cause:
            if is_locked(cause):
                raise StoreUnavailable(
                    "the catalogue is being written by somebody else: try again in a minute"
                ) from cause
            raise StoreUnavailable(f"the catalogue cannot be written: {in_one_line(cause)}") from cause

    # --- reading

    def version(self) -> int:
        """The catalogue version in force; 0 when nothing has been written."""
        with self._reading() as session:
            return session.scalar(select(func.max(CatalogueVersion.number))) or 0

    def digest(self) -> str:
        """Hash of all parts in force: equal catalogues have equal digests, whatever their history."""
        with self._reading() as session:
            rows = session.execute(
                select(PartVersion.code, PartVersion.part, PartVersion.digest).where(_IN_FORCE)
            )
            # Sorted here: databases order text each in its own way.
            lines = sorted(f"{code} {part} {digest}\n" for code, part, digest in rows)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def extent(self) -> tuple[int, int]:
        """How many procedures are known in detail, and how many by nothing but people's words for them."""
        with self._reading() as session:
            rows = session.execute(select(PartVersion.code, PartVersion.part).where(_IN_FORCE)).all()
        detailed = {code for code, part in rows if part != "words"}
        return len(detailed), len({code for code, _ in rows} - detailed)

    def codes(self) -> list[str]:
        """Every code in force, sorted."""
        with self._reading() as session:
            return sorted(session.scalars(select(PartVersion.code).where(_IN_FORCE).distinct()))

    def get(self, code: str) -> Procedure:
        """Gives one procedure.

        Raises:
            UnknownProcedure: nothing in force has that code.
        """
        with self._reading() as session:
            rows = session.execute(
                select(PartVersion.part, PartVersion.payload, PartVersion.since).where(
                    PartVersion.code == code, _IN_FORCE
                )
            ).all()
        if not rows:
            raise UnknownProcedure(f"no procedure has the code {code}")
        return _assemble(code, [(part, payload, since) for part, payload, since in rows])

    def procedures(self) -> Iterator[Procedure]:
        """Gives every procedure in force, by code."""
        with self._reading() as session:
            rows = session.execute(
                select(PartVersion.code, PartVersion.part, PartVersion.payload, PartVersion.since)
                .where(_IN_FORCE)
                .order_by(PartVersion.code)
                .execution_options(yield_per=_BATCH)
            )
            held: list[tuple[str, str, int]] = []
            last = ""
            for code, part, payload, since in rows:
                if code != last and held:
                    yield _assemble(last, held)
                    held = []
                last = code
                held.append((part, payload, since))
            if held:
                yield _assemble(last, held)

    def portal_records(self) -> Iterator[PortalRecord]:
        """Gives every portal record in force, by code."""
        for procedure in self.procedures():
            if procedure.portal:
                yield procedure.portal

    def history(self, code: str) -> list[StoredVersion]:
        """Lists every version of every part of one procedure, oldest first."""
        with self._reading() as session:
            rows = session.execute(
                select(
                    PartVersion.part,
                    PartVersion.since,
                    PartVersion.until,
                    PartVersion.origin,
                    PartVersion.digest,
                )
                .where(PartVersion.code == code)
                .order_by(PartVersion.id)
            )
            return [StoredVersion(*row) for row in rows]

    def part_at(self, code: str, part: Part, version: int) -> str | None:
        """Gives the JSON of one part as it was in force at a catalogue version, or None."""
        with self._reading() as session:
            return session.scalar(
                select(PartVersion.payload).where(
                    PartVersion.code == code,
                    PartVersion.part == part,
                    PartVersion.since <= version,
                    or_(PartVersion.until.is_(None), PartVersion.until > version),
                )
            )

    def counts(self) -> dict[str, int]:
        """How many procedures have each part in force."""
        with self._reading() as session:
            rows = session.execute(
                select(PartVersion.part, func.count().label("held"))
                .where(_IN_FORCE)
                .group_by(PartVersion.part)
            )
            return {row.part: row.held for row in rows}

    def _reading(self) -> _Reading:
        return _Reading(self._engine)


class _Reading:
    """A session whose database errors come out as `StoreUnavailable`."""

    def __init__(self, engine: Engine) -> None:
        self._session = Session(engine)

    def __enter__(self) -> Session:
        return self._session

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        self._session.close()
        if isinstance(error, SQLAlchemyError):
            raise StoreUnavailable(f"the catalogue cannot be read: {in_one_line(error)}") from error


def _incoming(record: Record) -> Incoming:
    if isinstance(record, PortalRecord):
        return _packed(record.code, "portal", record.interchange())
    part: Part = "curated" if isinstance(record, CuratedRecord) else "words"
    return _packed(record.code, part, record.model_dump(mode="json", exclude_defaults=True))


def _packed(code: str, part: Part, content: dict[str, object]) -> Incoming:
    payload = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Incoming(code, part, hashlib.sha256(payload.encode()).hexdigest(), payload)


def _assemble(code: str, rows: list[tuple[str, str, int]]) -> Procedure:
    parts = {part: payload for part, payload, _ in rows}
    try:
        return Procedure(
            code=code,
            portal=PortalRecord.model_validate_json(parts["portal"]) if "portal" in parts else None,
            curated=CuratedRecord.model_validate_json(parts["curated"]) if "curated" in parts else None,
            vocabulary=Words.model_validate_json(parts["words"]) if "words" in parts else None,
            version=max(since for _, _, since in rows),
        )
    except ValidationError as cause:
        where = ".".join(str(part) for part in cause.errors()[0]["loc"])
        raise StoreUnavailable(
            f"what is stored of {code} does not fit this version of the program ({where}): import it again"
        ) from cause
