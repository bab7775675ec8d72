"""The migrations make exactly the tables that the code declares, and can be taken back."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from knowledge.store import Catalogue
from knowledge.store.tables import CatalogueVersion, PartVersion
from motcua.database import Base, _config, is_current, open_database, upgrade
from tests.knowledge.samples import portal_record

OURS = {CatalogueVersion.__tablename__, PartVersion.__tablename__}


def test_tables_and_migrations_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, parents: kind != "table" or name in OURS,
                "include_object": lambda thing, name, kind, *_: kind != "table" or name in OURS,
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_the_way_down_and_up_again(empty_database: str) -> None:
    upgrade(empty_database)
    engine = open_database(empty_database)
    command.downgrade(_config(empty_database), "base")
    assert not OURS & set(inspect(engine).get_table_names())
    assert not is_current(engine)
    upgrade(empty_database)
    assert set(inspect(engine).get_table_names()) >= OURS
    assert is_current(engine)
    engine.dispose()


def test_bringing_up_to_date_twice_keeps_what_is_there(database: str, catalogue: Catalogue) -> None:
    catalogue.write([portal_record()], origin="portal", reason="a test")
    upgrade(database)
    assert catalogue.counts() == {"portal": 1}
