"""The migration and the tables are the same thing."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from channels.durable import tables
from motcua.database import Base

OURS = {
    table.__tablename__
    for table in (tables.DurableEvent, tables.DurableMessage, tables.DurableLane, tables.DurableAlert)
}


def test_migration_and_tables_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, parents: kind != "table" or name in OURS,
                "include_object": lambda thing, name, kind, reflected, other: kind != "table" or name in OURS,
            },
        )
        assert compare_metadata(context, Base.metadata) == []
        assert set(inspect(connection).get_table_names()) >= OURS
