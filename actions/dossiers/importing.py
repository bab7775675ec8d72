"""Importing: a file of dossiers into the table, whole or not at all, with a report of what happened.

Rows are read into a temporary table first, which locks nobody out; then, under the lock, what is new or different
goes over in one transaction. A file that is imported again therefore updates, and a crash leaves everything as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Insert,
    Integer,
    MetaData,
    Table,
    Update,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from actions.dossiers.errors import BadRow, SourceDown
from actions.dossiers.exports import ImportMap, Layout, Row, read_export
from actions.dossiers.keys import KeyBook
from actions.dossiers.model import Dossier, DossierState
from actions.dossiers.reading import RecordReader
from actions.dossiers.rows import Origin, row_of
from actions.dossiers.tables import DOSSIERS, DossierImport, DossierRow
from motcua.database import in_one_line, is_locked, lock_for_writing

Report = Callable[[str, int, int], None]
"""Called with a title, steps done and steps in all."""

KEPT_REASONS: Final = 1000
"""No more broken rows than this are kept by name; all are counted."""

_BATCH = 5000
_T = TypeVar("_T")
_COLUMNS = [column.name for column in DOSSIERS.columns if column.name != "changed"]


@dataclass
class ImportReport:
    """What an import did.

    Attributes:
        file: name of the file.
        as_of: when the file was written, as far as is known.
        read: rows below the header.
        new, changed, unchanged: dossiers by what became of them.
        older: dossiers of which something newer is known already, left as they are.
        repeated: rows whose code comes again; the row of the latest state counts.
        broken: rows that stayed outside.
        reasons: the first of them, with their numbers.
        unknown_states: spellings of states that no map knows, with how often; those dossiers have the state unknown.
        without_key: dossiers that nobody can ask for, having neither phone nor identity number.
        unused: columns that nothing was made of.
    """

    file: str
    as_of: datetime
    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    repeated: int = 0
    broken: int = 0
    reasons: list[BadRow] = field(default_factory=list)
    unknown_states: Counter[str] = field(default_factory=Counter)
    without_key: int = 0
    unused: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether every row went in with a state that is known."""
        return not self.broken and not self.unknown_states

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            **asdict(self),
            "as_of": self.as_of.isoformat(),
            "reasons": [{"row": bad.row, "reason": bad.reason} for bad in self.reasons],
            "unknown_states": dict(self.unknown_states.most_common()),
        }


def import_export(
    engine: Engine,
    keys: KeyBook,
    path: Path,
    how: ImportMap,
    *,
    as_of: datetime | None = None,
    strict: bool = False,
    report: Report | None = None,
) -> ImportReport:
    """Imports a file of dossiers; see the module.

    Args:
        engine: the database, brought up to date.
        keys: what second keys are hashed with.
        path: CSV or XLSX.
        how: its layout.
        as_of: when the file was written; by default the time the file itself carries, never later than now.
        strict: stop at the first row that cannot be read, with nothing gone in.
        report: shown how far it is.

    Raises:
        BadExport: the file cannot be read, or strictly, a row of it.
        BadMap: the map's states are none.
        SourceDown: the database cannot be written; nothing has gone in.
    """
    reader = RecordReader(keys, states=how.states, dates=how.dates)
    tell = report or (lambda *_: None)
    layout, rows = read_export(path, how, lambda done, total: tell("Reading", done, total))
    now = datetime.now(UTC)
    written = as_of or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    told = ImportReport(path.name, min(written, now), unused=layout.unused)
    write_dossiers(engine, _dossiers(rows, layout, reader, told, strict), told, origin="import", report=tell)
    return told


def _dossiers(
    rows: Iterator[Row], layout: Layout, reader: RecordReader, told: ImportReport, strict: bool
) -> Iterator[tuple[int, Dossier]]:
    for number, cells in rows:
        told.read += 1
        try:
            if isinstance(cells, BadRow):
                raise cells
            dossier = reader.read(layout.record(cells), as_of=told.as_of)
        except BadRow as bad:
            named = BadRow(bad.reason, number)
            if strict:
                raise named from None
            told.broken += 1
            if len(told.reasons) < KEPT_REASONS:
                told.reasons.append(named)
            continue
        if dossier.state is DossierState.UNKNOWN:
            told.unknown_states[dossier.state_text[:80]] += 1
        if not dossier.phone_key and not dossier.identity_key:
            told.without_key += 1
        yield number, dossier


def write_dossiers(
    engine: Engine,
    dossiers: Iterable[tuple[int, Dossier]],
    told: ImportReport,
    *,
    origin: Origin,
    report: Report | None = None,
) -> None:
    """Writes dossiers with their row numbers, all or none; what became of them is noted in `told`.

    An import of real dossiers takes the samples out.

    Raises:
        SourceDown: the database cannot be written, or somebody else goes on writing; nothing has gone in.
    """
    tell = report or (lambda *_: None)
    try:
        with engine.connect() as connection, _room_to_sort(connection):
            staged = _stage(connection, dossiers, origin)
            told.repeated = _drop_repeated(connection, staged)
            connection.commit()
            _merge(connection, staged, told, origin, tell)
    except SQLAlchemyError as cause:
        if is_locked(cause):
            raise SourceDown("dossiers are being written by somebody else: try again in a minute") from None
        raise SourceDown(f"dossiers cannot be written: {in_one_line(cause)}") from None


@contextmanager
def _room_to_sort(connection: Connection) -> Iterator[None]:
    """Gives the connection memory for the indexes of a large table, and leaves nothing behind on it."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # In KiB: with the usual 2 MB, SQLite reads and writes the same pages of an index again and again.
        connection.exec_driver_sql("PRAGMA cache_size = -131072")
        connection.commit()
    try:
        yield
    finally:
        # A connection that broke cannot be tidied, and need not be.
        with suppress(SQLAlchemyError):
            connection.rollback()
            connection.execute(text("DROP TABLE IF EXISTS dossier_staged"))
            if is_sqlite:
                connection.exec_driver_sql("PRAGMA cache_size = -2000")
            connection.commit()


def _stage(connection: Connection, dossiers: Iterable[tuple[int, Dossier]], origin: Origin) -> Table:
    columns = [Column(column.name, column.type) for column in DOSSIERS.columns if column.name in _COLUMNS]
    staged = Table("dossier_staged", MetaData(), Column("row_number", Integer), *columns, prefixes=["TEMPORARY"])
    connection.execute(text("DROP TABLE IF EXISTS dossier_staged"))
    staged.create(connection)
    fill = _fill_by_copy if connection.dialect.name == "postgresql" else _fill
    fill(connection, staged, ({"row_number": number, **row_of(dossier, origin)} for number, dossier in dossiers))
    connection.execute(text("CREATE INDEX ix_dossier_staged_code ON dossier_staged (code, row_number)"))
    connection.commit()
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE dossier_staged"))
        connection.commit()
    return staged


def _fill(connection: Connection, staged: Table, rows: Iterator[dict[str, Any]]) -> None:
    # Straight to the driver: what a statement does beside that takes longer than everything else of an import.
    dialect = connection.dialect
    ready = [(c.name, c.type.dialect_impl(dialect).bind_processor(dialect)) for c in staged.columns]
    into = ", ".join(name for name, _ in ready)
    statement = f"INSERT INTO {staged.name} ({into}) VALUES ({', '.join('?' * len(ready))})"
    for some in _batches(rows):
        connection.exec_driver_sql(
            statement, [tuple(make(row[name]) if make else row[name] for name, make in ready) for row in some]
        )


def _fill_by_copy(connection: Connection, staged: Table, rows: Iterator[dict[str, Any]]) -> None:
    names = [column.name for column in staged.columns]
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {staged.name} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])


def _drop_repeated(connection: Connection, staged: Table) -> int:
    repeated = select(staged.c.code).group_by(staged.c.code).having(func.count() > 1)
    if connection.execute(repeated.limit(1)).first() is None:
        return 0
    place = func.row_number().over(
        partition_by=staged.c.code,
        order_by=(staged.c.state_changed_at.desc().nulls_last(), staged.c.row_number.desc()),
    )
    ranked = select(staged.c.row_number, place.label("place")).where(staged.c.code.in_(repeated)).subquery()
    losers = select(ranked.c.row_number).where(ranked.c.place > 1)
    return connection.execute(delete(staged).where(staged.c.row_number.in_(losers))).rowcount


def _merge(connection: Connection, staged: Table, told: ImportReport, origin: Origin, tell: Report) -> None:
    with Session(connection) as session:
        lock_for_writing(session, DossierRow.__tablename__)
        number = _next_number(session)
        tell("Writing", 0, 3)
        if origin == "import":
            session.execute(delete(DOSSIERS).where(DossierRow.origin == "sample"))
            session.execute(delete(DossierImport).where(DossierImport.origin == "sample"))
        same_code = DossierRow.code == staged.c.code
        not_older = DossierRow.as_of <= staged.c.as_of
        same = and_(same_code, DossierRow.digest == staged.c.digest)
        told.unchanged = session.scalar(select(func.count()).select_from(DOSSIERS.join(staged, same))) or 0
        told.older = (
            session.scalar(select(func.count()).where(same_code, DossierRow.digest != staged.c.digest, ~not_older)) or 0
        )
        # Before anything new is written, or it would count among the unchanged.
        session.execute(update(DOSSIERS).where(same, DossierRow.as_of < staged.c.as_of).values(as_of=staged.c.as_of))
        tell("Writing", 1, 3)
        different = (
            update(DOSSIERS)
            .where(same_code, DossierRow.digest != staged.c.digest, not_older)
            .values({name: staged.c[name] for name in _COLUMNS if name != "code"} | {"changed": number})
        )
        told.changed = _touched(session, different)
        tell("Writing", 2, 3)
        fresh = (
            select(*(staged.c[name] for name in _COLUMNS), literal(number, BigInteger))
            .where(~exists().where(same_code))
            .order_by(staged.c.code)
        )
        told.new = _touched(session, insert(DOSSIERS).from_select([*_COLUMNS, "changed"], fresh))
        session.add(
            DossierImport(
                number=number,
                origin=origin,
                as_of=told.as_of,
                written_at=datetime.now(UTC),
                new=told.new,
                changed=told.changed,
                unchanged=told.unchanged,
            )
        )
        session.commit()
        tell("Writing", 3, 3)


def _touched(session: Session, statement: Insert | Update) -> int:
    done = session.execute(statement, execution_options={"preserve_rowcount": True})
    return int(done.rowcount)  # type: ignore[attr-defined]


def _next_number(session: Session) -> int:
    changed = session.scalar(select(func.max(DossierRow.changed))) or 0
    imported = session.scalar(select(func.max(DossierImport.number))) or 0
    return max(changed, imported) + 1


def _batches(things: Iterator[_T]) -> Iterator[list[_T]]:
    while some := list(islice(things, _BATCH)):
        yield some
