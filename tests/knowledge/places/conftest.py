"""A gazetteer over a few communes with codes, and one over all that the table of old names leads to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from knowledge.places.gazetteer import Gazetteer
from knowledge.places.units import Units, read_units
from motcua.database import open_database, upgrade

HCM, HANOI = "Thành phố Hồ Chí Minh", "Thành phố Hà Nội"
FEW = {
    "source": "a few, for tests",
    "provinces": [
        {
            "code": "01",
            "name": HANOI,
            "communes": [{"code": "00199", "name": "Phường Láng"}, {"code": "00235", "name": "Phường Đống Đa"}],
        },
        {
            "code": "79",
            "name": HCM,
            "communes": [
                {"code": "26743", "name": "Phường Bến Thành"},
                {"code": "26740", "name": "Phường Sài Gòn"},
                {"code": "26737", "name": "Phường Tân Định"},
                {"code": "26761", "name": "Phường Cầu Ông Lãnh"},
                {"code": "27496", "name": "Xã Củ Chi"},
            ],
        },
    ],
}


@pytest.fixture(scope="session")
def units_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of units with two provinces and a handful of communes."""
    path = tmp_path_factory.mktemp("units") / "units.json"
    path.write_text(json.dumps(FEW, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def few(units_file: Path) -> Units:
    """What that file holds."""
    return read_units(units_file)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """A database where its kind does not matter."""
    url = f"sqlite:///{tmp_path / 'places.db'}"
    upgrade(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def coded(few: Units) -> Gazetteer:
    """Knows those communes only, with their codes."""
    return Gazetteer(few)


@pytest.fixture(scope="session")
def bare() -> Gazetteer:
    """What a bare clone knows."""
    return Gazetteer()
