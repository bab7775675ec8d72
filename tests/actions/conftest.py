"""A real catalogue, index and pipeline over procedures that do not exist, with the simulated encoder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from actions.conversation import read_turn, slots_after
from actions.pipeline import answer, steps
from actions.receipts import ReceiptBook
from actions.turn import Turn
from actions.world import World
from knowledge.model import CuratedRecord, PortalRecord
from knowledge.search import SearchEngine, build_index
from knowledge.store import Catalogue
from motcua.database import open_database, upgrade
from tests.actions.samples import catalogue_of_samples
from tests.simulators.encoder import ToyEncoder

Say = Callable[..., Turn]


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A database of the newest shape that holds the samples."""
    url = f"sqlite:///{tmp_path_factory.mktemp('catalogue') / 'samples.db'}"
    upgrade(url)
    engine = open_database(url)
    everything = catalogue_of_samples()
    published = [record for record in everything if isinstance(record, PortalRecord)]
    written = [record for record in everything if not isinstance(record, PortalRecord)]
    assert any(isinstance(record, CuratedRecord) for record in written)
    Catalogue(engine).write(published, origin="portal", reason="samples")
    Catalogue(engine).write(written, origin="starter", reason="samples")
    return engine


@pytest.fixture(scope="session")
def search(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> SearchEngine:
    """A search engine over the samples."""
    folder: Path = tmp_path_factory.mktemp("index")
    catalogue = Catalogue(database)
    build_index(
        list(catalogue.procedures()),
        ToyEncoder(),
        folder,
        catalogue_digest=catalogue.digest(),
        catalogue_version=catalogue.version(),
    )
    return SearchEngine(folder, ToyEncoder(), follow=False)


@pytest.fixture(scope="session")
def world(database: Engine, search: SearchEngine) -> World:
    """Everything the steps reach for."""
    return World(Catalogue(database), search, ReceiptBook(database))


@pytest.fixture
def say(world: World) -> Say:
    """Holds one conversation: says a message under an intent, keeps the slots, gives the turn."""
    slots: dict[str, Any] = {}
    through = steps(world)

    def one(text: str, intent: str = "ask_overview", **entities: Any) -> Turn:
        message = {
            "intent": {"name": intent},
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
        }
        turn = answer(read_turn(text, message, slots), through)
        slots.update(slots_after(turn))
        return turn

    return one
