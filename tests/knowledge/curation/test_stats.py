"""Counting what the catalogue holds."""

from __future__ import annotations

from knowledge.curation.stats import catalogue_stats
from knowledge.model import Words
from knowledge.store import Catalogue
from knowledge.store.catalogue import Record
from tests.knowledge.samples import curated, portal_record


def test_an_empty_catalogue_counts_nothing(sqlite_catalogue: Catalogue) -> None:
    assert catalogue_stats(sqlite_catalogue) == {"catalogue version": 0}


def test_parts_kinds_and_typed_values_are_counted(sqlite_catalogue: Catalogue) -> None:
    sqlite_catalogue.write(
        [portal_record(), portal_record("9.000102", kind="TTHC nội bộ")], origin="portal", reason="a test"
    )
    records: list[Record] = [curated(), curated("x.thue-sach"), Words(code="9.000102")]
    sqlite_catalogue.write(records, origin="starter", reason="a test")
    stats = catalogue_stats(sqlite_catalogue)
    assert (stats["procedures"], stats["portal records"], stats["without a portal record"]) == (3, 2, 1)
    assert (stats["curated"], stats["with people's words"]) == (2, 3)
    assert (stats["by a ministry"], stats["by one province"], stats["internal"]) == (1, 0, 1)
    assert (stats["fees amount"], stats["fees described"]) == (2, 2)
    assert (stats["durations stated"], stats["papers"], stats["notes"]) == (4, 4, 2)
