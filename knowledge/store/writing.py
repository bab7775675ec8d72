"""One write of the catalogue: what is new, changed and gone, in one transaction under one lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from knowledge.errors import BadRecord
from knowledge.store.tables import CatalogueVersion, PartVersion
from motcua.database import lock_for_writing

Part = Literal["portal", "curated", "words"]
Origin = Literal["portal", "starter", "staff"]

_BATCH = 500
_T = TypeVar("_T")


@dataclass(frozen=True)
class Change:
    """What writing a set of records did; `version` is the catalogue version now in force."""

    version: int
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0


@dataclass(frozen=True)
class Incoming:
    """One part to be written: its JSON and the hash of it."""

    code: str
    part: Part
    digest: str
    payload: str


@dataclass(frozen=True)
class _Held:
    id: int
    digest: str
    origin: str

    def stands_against(self, incoming: Incoming, origin: Origin) -> bool:
        """Whether the version in force stays: nothing new is said, or the starter would overrule staff."""
        if origin == "starter" and self.origin == "staff":
            return True
        # Staff who confirm a starter record make it theirs, so that no later starter takes it back.
        takes_over = origin == "staff" and self.origin != "staff"
        return self.digest == incoming.digest and not takes_over


def write_parts(
    session: Session, incoming: Sequence[Incoming], origin: Origin, reason: str, withdraw_missing: bool
) -> Change:
    """Writes parts; see `Catalogue.write`. The caller's transaction makes it all or nothing."""
    _refuse_repeats(incoming)
    lock_for_writing(session, CatalogueVersion.__tablename__)
    held = _in_force(session)
    number = (session.scalar(select(func.max(CatalogueVersion.number))) or 0) + 1
    write: list[Incoming] = []
    superseded: list[int] = []
    for one in incoming:
        before = held.get((one.code, one.part))
        if before and before.stands_against(one, origin):
            continue
        write.append(one)
        if before:
            superseded.append(before.id)
    gone = _missing(held, incoming, origin) if withdraw_missing else []
    unchanged = len(incoming) - len(write)
    if not write and not gone:
        return Change(version=number - 1, unchanged=unchanged)
    session.add(
        CatalogueVersion(
            number=number, made_at=datetime.now(UTC), reason=reason[:200], changed=len(write) + len(gone)
        )
    )
    session.flush()
    for ids in _batches(superseded + gone):
        session.execute(update(PartVersion).where(PartVersion.id.in_(ids)).values(until=number))
    for some in _batches(write):
        session.execute(insert(PartVersion), [_row(one, origin, number) for one in some])
    return Change(number, len(write) - len(superseded), len(superseded), unchanged, len(gone))


def _refuse_repeats(incoming: Sequence[Incoming]) -> None:
    seen: set[tuple[str, str]] = set()
    for one in incoming:
        if (one.code, one.part) in seen:
            raise BadRecord(f"{one.code} comes twice as {one.part}")
        seen.add((one.code, one.part))


def _in_force(session: Session) -> dict[tuple[str, str], _Held]:
    rows = session.execute(
        select(
            PartVersion.code, PartVersion.part, PartVersion.id, PartVersion.digest, PartVersion.origin
        ).where(PartVersion.until.is_(None))
    )
    return {(code, part): _Held(id_, digest, origin) for code, part, id_, digest, origin in rows}


def _missing(held: dict[tuple[str, str], _Held], incoming: Iterable[Incoming], origin: Origin) -> list[int]:
    seen = {(one.code, one.part) for one in incoming}
    kinds = {part for _, part in seen}
    return [
        one.id
        for (code, part), one in held.items()
        if one.origin == origin and part in kinds and (code, part) not in seen
    ]


def _row(one: Incoming, origin: Origin, number: int) -> dict[str, object]:
    return {
        "code": one.code,
        "part": one.part,
        "origin": origin,
        "digest": one.digest,
        "payload": one.payload,
        "since": number,
        "until": None,
    }


def _batches(things: Sequence[_T]) -> Iterator[Sequence[_T]]:
    # Databases limit the parameters of one statement.
    for start in range(0, len(things), _BATCH):
        yield things[start : start + _BATCH]
