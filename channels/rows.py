"""Writing a row that may be there already, in one statement, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, literal_column
from sqlalchemy.dialects import postgresql, sqlite

from motcua.database import Base


def insert_into(connection: Connection, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Gives an insert in the words of the database, which can say what happens when the row is there."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def insert_unless_there(connection: Connection, table: type[Base], values: Mapping[str, Any]) -> bool:
    """Inserts a row unless one with the same unique key is there; says whether it did."""
    # Something is asked back, because the count of inserted rows is not known on every driver.
    statement = insert_into(connection, table).values(values).on_conflict_do_nothing()
    return connection.execute(statement.returning(literal_column("1"))).one_or_none() is not None


def insert_or_replace(connection: Connection, table: type[Base], key: str, values: Mapping[str, Any]) -> None:
    """Inserts a row, or changes the one of the same key to these values."""
    rest = {name: value for name, value in values.items() if name != key}
    statement = insert_into(connection, table).values(values).on_conflict_do_update(index_elements=[key], set_=rest)
    connection.execute(statement)
