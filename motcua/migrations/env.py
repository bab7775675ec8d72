"""Alembic's entry: runs the migrations on the URL that `motcua.database` hands over."""

from __future__ import annotations

from alembic import context

from motcua.database import Base, open_database

engine = open_database(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
