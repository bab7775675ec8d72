from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from channels.console import tables
from motcua.database import Base, open_database, upgrade
from tests.simulators.postgres import PostgresServer

OURS = {
    kind.__tablename__
    for kind in (
        tables.StaffAccount,
        tables.StaffRole,
        tables.StaffSession,
        tables.StaffCode,
        tables.StaffTry,
        tables.AuditRow,
        tables.AuditHead,
    )
}


def differences(url: str) -> list[object]:
    upgrade(url)
    engine = open_database(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, parents: kind != "table" or name in OURS,
                "include_object": lambda thing, name, kind, reflected, other: kind != "table" or name in OURS,
            },
        )
        found = list(compare_metadata(context, Base.metadata))
        head = connection.exec_driver_sql("SELECT number, digest FROM audit_head").one()
    engine.dispose()
    assert tuple(head) == (0, "0" * 64)
    return found


def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    assert differences(f"sqlite:///{tmp_path / 'staff.db'}") == []


@pytest.mark.postgres
def test_migrations_and_tables_agree_on_postgresql(postgres: PostgresServer) -> None:
    assert differences(postgres.new_database()) == []
