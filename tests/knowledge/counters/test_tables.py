"""The migrations make exactly the tables that the code declares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from motcua.database import Base, open_database, upgrade
from tests.knowledge.counters.conftest import BOTH, TABLES

OURS = {table.name for table in TABLES}


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database that the migrations made."""
    url = f"sqlite:///{tmp_path / 'motcua.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").new_database()
    upgrade(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


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


def test_what_must_not_be_twice_is_unique_in_the_database_where_it_is_open(engine: Engine) -> None:
    indexes = {
        index["name"]: str(index["dialect_options"][f"{engine.dialect.name}_where"])
        for table in ("counter_ticket", "counter_appointment")
        for index in inspect(engine).get_indexes(table)
        if index["unique"] and index.get("dialect_options", {}).get(f"{engine.dialect.name}_where") is not None
    }
    assert {name for name in indexes if name} == {
        "uq_counter_ticket_open",
        "uq_counter_ticket_hand",
        "uq_counter_appointment_seat",
        "uq_counter_appointment_hand",
        "uq_counter_appointment_open",
    }
    assert all("waiting" in indexes[name] for name in indexes if "ticket" in str(name))
    assert all("booked" in indexes[name] for name in indexes if "appointment" in str(name))
