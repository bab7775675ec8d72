from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from knowledge.places.book import PlaceBook
from knowledge.places.errors import BadOffices, PlacesUnavailable
from knowledge.places.gazetteer import Gazetteer
from knowledge.places.model import Office
from knowledge.places.store import PlaceStore
from knowledge.places.tables import CommuneRow, OfficeRow, PlaceImport, ProvinceRow
from knowledge.places.units import Unit, Units
from motcua.database import Base, open_database
from tests.knowledge.places.conftest import HCM

OURS = {row.__tablename__ for row in (CommuneRow, OfficeRow, PlaceImport, ProvinceRow)}
CENTRE = Office("TT Bến Thành", "79", HCM, "26743", "Phường Bến Thành", "Số 1", "7:30", "028 3000 0000", 10.7721, 106.7)
OTHER = Office("TT thành phố", "79", HCM, address="Số 2")


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


def test_units_and_offices_come_back_as_they_went_in(engine: Engine, few: Units) -> None:
    store = PlaceStore(engine)
    assert (store.units(), store.offices(), store.stamps()) == (None, (), (0, 0))
    store.write_units(few)
    assert store.write_offices([CENTRE, OTHER], "offices.csv") == 0
    read = store.units()
    assert read is not None and set(read.communes) == set(few.communes) and len(read.provinces) == 34
    assert store.offices() == (CENTRE, OTHER)
    assert store.stamps() == (1, 2)


def test_a_new_list_takes_the_place_of_the_old_one(engine: Engine, few: Units) -> None:
    store = PlaceStore(engine)
    store.write_units(few)
    store.write_units(Units({"96": "Tỉnh Cà Mau"}, (Unit("31825", "Phường Bạc Liêu", "96"),)))
    read = store.units()
    assert read is not None and [unit.code for unit in read.communes] == ["31825"]
    store.write_offices([CENTRE], "a.csv")
    assert store.write_offices([OTHER], "b.csv") == 1
    assert store.offices() == (OTHER,)


def test_a_much_shorter_list_has_to_be_meant(engine: Engine) -> None:
    store = PlaceStore(engine)
    many = [Office(f"TT {n}", "79", HCM, address="Số 1") for n in range(600)]
    store.write_offices(many, "many.csv")
    with pytest.raises(BadOffices, match="--fewer"):
        store.write_offices([OTHER], "one.csv")
    assert len(store.offices()) == 600
    assert store.write_offices([OTHER], "one.csv", fewer=True) == 600


def test_an_import_that_breaks_off_leaves_what_was_there(engine: Engine, few: Units) -> None:
    store = PlaceStore(engine)
    store.write_units(few)
    twice = Units(few.provinces, (*few.communes, few.communes[0]))
    with pytest.raises(PlacesUnavailable):
        store.write_units(twice)
    read = store.units()
    assert read is not None and set(read.communes) == set(few.communes)


def test_a_running_process_follows_an_import_within_five_seconds(sqlite: Engine, few: Units) -> None:
    now = [0.0]
    book, store = PlaceBook(sqlite, clock=lambda: now[0]), PlaceStore(sqlite)
    bare = book.find_places("phường Bến Thành")
    assert [place.code for place in bare] == [""] and book.nearest_offices(bare[0]) == []
    store.write_units(few)
    store.write_offices([CENTRE, OTHER], "offices.csv")
    assert book.find_places("phường Bến Thành") == bare
    now[0] = 5.0
    (place,) = book.find_places("phường Bến Thành")
    assert place.code == "26743"
    assert [near.office for near in book.nearest_offices(place, 1)] == [CENTRE]


def test_new_offices_do_not_read_the_names_anew(sqlite: Engine) -> None:
    now = [0.0]
    book, store = PlaceBook(sqlite, clock=lambda: now[0]), PlaceStore(sqlite)
    before: Gazetteer = book.gazetteer()
    store.write_offices([OTHER], "offices.csv")
    now[0] = 9.0
    assert book.offices() == (OTHER,) and book.gazetteer() is before


def test_a_database_that_fails_later_leaves_what_was_read(sqlite: Engine, few: Units) -> None:
    now = [0.0]
    PlaceStore(sqlite).write_units(few)
    book = PlaceBook(sqlite, clock=lambda: now[0])
    found = book.find_places("quận 1")
    ProvinceRow.metadata.drop_all(sqlite, tables=[ProvinceRow.metadata.tables[name] for name in OURS])
    now[0] = 60.0
    assert found and book.find_places("quận 1") == found


def test_a_database_that_never_worked_is_told(tmp_path: Path) -> None:
    empty = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(PlacesUnavailable):
        PlaceBook(empty).find_places("quận 1")
    empty.dispose()
