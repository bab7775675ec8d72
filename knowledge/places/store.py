"""Units and offices in the database; every import replaces the whole list in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from knowledge.places.errors import BadOffices, PlacesUnavailable
from knowledge.places.model import Office
from knowledge.places.provinces import provinces
from knowledge.places.tables import CommuneRow, OfficeRow, PlaceImport, ProvinceRow
from knowledge.places.units import Unit, Units
from motcua.database import in_one_line, lock_for_writing

_BATCH = 500


class PlaceStore:
    """Reads and writes what staff import."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write_units(self, units: Units) -> None:
        """Puts a list of units in place of the one before.

        Raises:
            PlacesUnavailable: the database cannot be written.
        """
        with self._session(writing=True) as session:
            session.execute(delete(CommuneRow))
            session.execute(delete(ProvinceRow))
            names = [{"code": code, "name": name} for code, name in units.provinces.items()]
            session.execute(insert(ProvinceRow), names)
            rows: list[dict[str, object]] = [
                {"code": u.code, "name": u.name, "province_code": u.province_code} for u in units.communes
            ]
            for some in _batches(rows):
                session.execute(insert(CommuneRow), list(some))
            session.add(_import("units", len(rows), units.source))

    def write_offices(self, offices: Sequence[Office], source: str, *, fewer: bool = False) -> int:
        """Puts a list of service centres in place of the one before.

        Args:
            offices: all of them.
            source: name of the file.
            fewer: whether it may have less than half as many as there were.

        Returns:
            How many there were before.

        Raises:
            BadOffices: less than half as many, and `fewer` was not said; nothing has gone in.
            PlacesUnavailable: the database cannot be written.
        """
        with self._session(writing=True) as session:
            before = session.scalar(select(func.count()).select_from(OfficeRow)) or 0
            if len(offices) * 2 < before and not fewer:
                raise BadOffices(
                    f"{source} lists {len(offices)} service centres and {before} are known; a file takes the place of "
                    "all of them: say --fewer if that is meant"
                )
            session.execute(delete(OfficeRow))
            for some in _batches([asdict(office) for office in offices]):
                session.execute(insert(OfficeRow), list(some))
            session.add(_import("offices", len(offices), source))
            return before

    def units(self) -> Units | None:
        """Gives the imported list of units, or None when there is none.

        Raises:
            PlacesUnavailable: the database cannot be read.
        """
        with self._session() as session:
            names = {code: name for code, name in session.execute(select(ProvinceRow.code, ProvinceRow.name))}
            communes = session.execute(
                select(CommuneRow.code, CommuneRow.name, CommuneRow.province_code).order_by(CommuneRow.code)
            )
            found = tuple(Unit(*row) for row in communes)
        if not found:
            return None
        return Units({code: names.get(code, one.name) for code, one in provinces().today.items()}, found)

    def offices(self) -> tuple[Office, ...]:
        """Gives the service centres in the order of the file.

        Raises:
            PlacesUnavailable: the database cannot be read.
        """
        with self._session() as session:
            rows = session.scalars(select(OfficeRow).order_by(OfficeRow.number))
            return tuple(Office(**{name: getattr(row, name) for name in Office.__dataclass_fields__}) for row in rows)

    def stamps(self) -> tuple[int, int]:
        """Gives the number of the newest import of units and of offices; 0 where there was none.

        Raises:
            PlacesUnavailable: the database cannot be read.
        """
        with self._session() as session:
            newest = session.execute(select(PlaceImport.kind, func.max(PlaceImport.number)).group_by(PlaceImport.kind))
            by_kind = {kind: number for kind, number in newest}
        return by_kind.get("units", 0), by_kind.get("offices", 0)

    @contextmanager
    def _session(self, *, writing: bool = False) -> Iterator[Session]:
        try:
            with Session(self._engine) as session, session.begin():
                if writing:
                    lock_for_writing(session, PlaceImport.__tablename__)
                yield session
        except SQLAlchemyError as cause:
            raise PlacesUnavailable(f"places cannot be read or written: {in_one_line(cause)}") from cause


def _import(kind: str, rows: int, source: str) -> PlaceImport:
    return PlaceImport(kind=kind, rows=rows, source=source[:300], made_at=datetime.now(UTC))


def _batches(rows: Sequence[dict[str, object]]) -> Iterator[Sequence[dict[str, object]]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
