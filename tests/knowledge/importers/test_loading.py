"""Importing into the catalogue, and what the starter catalogue brings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.errors import BadCuratedRecord, BadRecord
from knowledge.importers import import_portal_records, load_starter, read_source, write_interchange
from knowledge.model import PortalRecord
from knowledge.store import Catalogue, Change
from tests.knowledge.samples import CODE, interchange, portal_record


def source(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "records.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_good_lines_go_in_and_bad_ones_are_reported(catalogue: Catalogue, tmp_path: Path) -> None:
    path = source(tmp_path, interchange(), "{", interchange("9.000102"), interchange(result="Khác"))
    report = import_portal_records(catalogue, read_source(path), reason="a test")
    assert report.change == Change(version=1, new=2)
    assert [(bad.line, bad.reason.split(" (")[0]) for bad in report.broken] == [
        (2, "is not JSON"),
        (4, f"{CODE} stands on line 1 already"),
    ]
    assert not report.is_clean
    assert catalogue.get(CODE).portal == portal_record()


def test_importing_twice_changes_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    path = source(tmp_path, interchange(), interchange("9.000102"))
    import_portal_records(catalogue, read_source(path), reason="a test")
    digest = catalogue.digest()
    report = import_portal_records(catalogue, read_source(path), reason="again")
    assert report.change == Change(version=1, unchanged=2)
    assert report.is_clean
    assert catalogue.digest() == digest


def test_a_repeat_from_any_source_goes_in_once(catalogue: Catalogue) -> None:
    report = import_portal_records(
        catalogue, [portal_record(), portal_record(result="Khác")], reason="a test"
    )
    assert [bad.reason for bad in report.broken] == [f"{CODE} came before; the first one stands"]
    assert report.change.new == 1


def test_a_file_that_breaks_off_still_brings_what_came_before(catalogue: Catalogue) -> None:
    def records() -> Iterator[PortalRecord]:
        yield portal_record()
        raise BadRecord("the file breaks off after line 1")

    report = import_portal_records(catalogue, records(), reason="a test")
    assert (report.change.new, len(report.broken)) == (1, 1)


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_export_and_import_give_the_same_catalogue(
    catalogue: Catalogue, sqlite_catalogue: Catalogue, tmp_path: Path, name: str
) -> None:
    path = source(tmp_path, interchange(), interchange("9.000102", keywords=None, extra={"b": 1.0, "a": 2}))
    import_portal_records(catalogue, read_source(path), reason="a test")
    assert write_interchange(catalogue.portal_records(), tmp_path / name) == 2
    import_portal_records(sqlite_catalogue, read_source(tmp_path / name), reason="a test")
    assert sqlite_catalogue.digest() == catalogue.digest()


def test_the_starter_catalogue_of_the_project_loads_and_loads_again(sqlite_catalogue: Catalogue) -> None:
    first = load_starter(sqlite_catalogue)
    counts = sqlite_catalogue.counts()
    assert counts["curated"] >= 50
    assert counts["words"] >= 800
    assert first.new == sum(counts.values())
    assert load_starter(sqlite_catalogue) == Change(version=1, unchanged=first.new)


def test_one_bad_starter_file_keeps_all_of_it_out(sqlite_catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "field").mkdir()
    (tmp_path / "field" / f"{CODE}.yaml").write_text(f"code: '{CODE}'\nname: Thẻ\n", encoding="utf-8")
    with pytest.raises(BadCuratedRecord, match=rf"{CODE}\.yaml: field: Field required"):
        load_starter(sqlite_catalogue, records=tmp_path)
    assert sqlite_catalogue.version() == 0
