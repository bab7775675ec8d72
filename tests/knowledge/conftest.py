"""A catalogue in an empty database, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from knowledge.importers import read_interchange
from knowledge.model import PortalRecord
from knowledge.store import Catalogue
from motcua.database import open_database, upgrade

BOTH = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
]


@pytest.fixture(params=BOTH)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database that holds nothing, not even tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'motcua.db'}"
    url: str = request.getfixturevalue("postgres").new_database()
    return url


@pytest.fixture
def database(empty_database: str) -> str:
    """URL of a database with the newest tables and no rows."""
    upgrade(empty_database)
    return empty_database


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """An engine on `database`."""
    engine = open_database(database)
    yield engine
    engine.dispose()


@pytest.fixture
def catalogue(engine: Engine) -> Catalogue:
    """An empty catalogue."""
    return Catalogue(engine)


@pytest.fixture
def sqlite_catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue where the kind of database does not matter."""
    url = f"sqlite:///{tmp_path / 'one.db'}"
    upgrade(url)
    engine = open_database(url)
    yield Catalogue(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def real_records(shared: Path) -> dict[str, PortalRecord]:
    """Every real portal record by code; not one line of the file may be broken."""
    records = list(read_interchange(shared / "data" / "procedures.jsonl.gz"))
    assert [record for record in records if not isinstance(record, PortalRecord)] == []
    return {record.code: record for record in records if isinstance(record, PortalRecord)}
