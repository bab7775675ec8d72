"""One database for every room: SQLite (WAL) by default, PostgreSQL by URL.

Rooms declare their tables on `Base`; `motcua/migrations` holds the one chain of migrations.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session

_NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Ground of every table."""

    metadata = MetaData(naming_convention=_NAMING)


class DatabaseUnusable(Exception):
    """The database cannot be reached, read or written; the message is one line for the operator."""


def open_database(url: str) -> Engine:
    """Gives an engine for a URL; nothing is connected yet.

    SQLite gets WAL (readers never wait for the writer), a busy time-out of 5 s and enforced foreign keys.

    Raises:
        DatabaseUnusable: the folder of an SQLite file cannot be made.
    """
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if not parsed.drivername.startswith("sqlite"):
        return create_engine(parsed, pool_pre_ping=True, pool_size=5, max_overflow=10)
    if parsed.database and parsed.database != ":memory:":
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            raise DatabaseUnusable(
                f"cannot make the folder of {parsed.database}: {cause.strerror}"
            ) from cause
    engine = create_engine(parsed)

    @event.listens_for(engine, "connect")
    def _prepare(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA busy_timeout = 5000")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()

    return engine


_LOCK_TIMEOUT_S = 15
_LOCKED_STATES = {"55P03", "40P01"}  # PostgreSQL: lock_not_available, deadlock_detected


def lock_for_writing(session: Session, table: str) -> None:
    """Makes the session's transaction the only writer of a table until it ends; readers go on.

    Must be the first thing in the transaction, so that what is read next is what the writer before left.

    Raises:
        sqlalchemy.exc.OperationalError: another writer holds it longer than the time-out;
            `is_locked` says so.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # The driver would only begin at the first write, after what was read may have changed.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_S}s'"))
    connection.execute(text(f'LOCK TABLE "{table}" IN SHARE ROW EXCLUSIVE MODE'))


def is_locked(cause: SQLAlchemyError) -> bool:
    """Says whether an error means that somebody else is writing."""
    original = getattr(cause, "orig", None)
    if getattr(original, "sqlstate", None) in _LOCKED_STATES:
        return True
    return "database is locked" in str(original)


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Brings the database to the newest shape; does nothing when it is there already.

    Raises:
        DatabaseUnusable: unreachable, read-only, or of a newer version than this code.
    """
    try:
        command.upgrade(_config(url), "head")
    except (SQLAlchemyError, OSError) as cause:
        raise DatabaseUnusable(in_one_line(cause)) from cause
    except Exception as cause:  # alembic's CommandError has no common root with the others
        raise DatabaseUnusable(f"the database cannot be brought up to date: {in_one_line(cause)}") from cause


def is_current(engine: Engine) -> bool:
    """Says whether the database has the shape that this code expects."""
    head = ScriptDirectory.from_config(_config("")).get_current_head()
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == head
    except SQLAlchemyError:
        return False


def in_one_line(cause: BaseException) -> str:
    """Gives what the database said, without the statement, its values and further lines."""
    original = getattr(cause, "orig", None) or cause
    return " ".join(str(original).strip().split("\n")[0].split())[:200] or type(cause).__name__
