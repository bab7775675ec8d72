"""A table of dossiers in an empty database, on SQLite and on PostgreSQL alike, and a simulated live system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from actions.dossiers.codes import DossierCode
from actions.dossiers.http_source import Client, HttpDossiers
from actions.dossiers.importing import ImportReport, write_dossiers
from actions.dossiers.keys import KeyBook, SecondKey
from actions.dossiers.model import Dossier, DossierState
from actions.dossiers.sql_source import SqlDossiers
from actions.dossiers.system_map import SystemMap, load_system_map
from motcua.database import open_database, upgrade
from tests.simulators.dossier_system import CLIENT_ID, CLIENT_SECRET, DossierSystemSimulator

CODE = DossierCode("H49.18-261105-0001")
OTHER = DossierCode("H49.18-261020-0007")
NOBODYS = DossierCode("H49.18-261111-9999")
KEYS = KeyBook(b"a secret of the tests")
KEY, WRONG = SecondKey("4567"), SecondKey("7654")

BOTH = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
]

Write = Callable[..., ImportReport]
Ask = Callable[..., HttpDossiers]


def dossier(code: DossierCode = CODE, state: DossierState = DossierState.PROCESSING, **values: Any) -> Dossier:
    """A dossier that opens to 4567."""
    usual = Dossier(
        code,
        state,
        datetime.now(UTC),
        state_text=state.name,
        applicant="Nguyễn Văn An",
        phone_key=KEYS.hash_of(code.number, KEY),
    )
    return replace(usual, **values)


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of the newest shape without rows."""
    url = f"sqlite:///{tmp_path / 'motcua.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").new_database()
    upgrade(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def known(engine: Engine) -> SqlDossiers:
    """The table as a source."""
    return SqlDossiers(engine, KEYS)


@pytest.fixture
def write(engine: Engine) -> Write:
    """Writes dossiers as an import does."""

    def one(*dossiers: Dossier, as_of: datetime | None = None) -> ImportReport:
        told = ImportReport("test", as_of or datetime.now(UTC))
        write_dossiers(engine, enumerate(dossiers, 1), told, origin="import")
        return told

    return one


@pytest.fixture
def system() -> Iterator[DossierSystemSimulator]:
    """A running dossier system."""
    simulator = DossierSystemSimulator()
    with simulator.server:
        yield simulator


@pytest.fixture
def system_map() -> SystemMap:
    """The usual map, with search and changes as the simulator has them."""
    usual = load_system_map()
    return usual.model_copy(
        update={
            "search": usual.search.model_copy(update={"path": "/api/dossiers"}),
            "changes": usual.changes.model_copy(update={"path": "/api/changes"}),
        }
    )


@pytest.fixture
def ask(system: DossierSystemSimulator, system_map: SystemMap) -> Iterator[Ask]:
    """Makes clients of the simulated system; `patience` shortens every wait."""
    made: list[HttpDossiers] = []

    def one(
        patience: float = 3.0, how: SystemMap | None = None, secret: str = CLIENT_SECRET, **more: Any
    ) -> HttpDossiers:
        client = Client(system.url, CLIENT_ID, secret, connect_s=1.0, read_s=patience, patience_s=patience)
        made.append(HttpDossiers(client, how or system_map, KEYS, **more))
        return made[-1]

    yield one
    for source in made:
        source.close()
