"""The whole real catalogue through the importers."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from knowledge.errors import BadRecord
from knowledge.importers import import_portal_records, read_portal_json, read_source, write_interchange
from knowledge.model import PortalRecord
from knowledge.store import Catalogue, Change
from nlu.text import clean

pytestmark = pytest.mark.shared

SECONDS, MEGABYTES = 60, 1000


def same(one: str, other: str) -> bool:
    return clean(one) == clean(other)


@pytest.fixture(scope="module")
def samples(shared: Path) -> dict[str, PortalRecord]:
    records = list(read_portal_json(shared / "data" / "portal_samples"))
    assert [record for record in records if isinstance(record, BadRecord)] == []
    return {record.code: record for record in records if isinstance(record, PortalRecord)}


def test_every_sample_agrees_with_its_interchange_record(
    samples: dict[str, PortalRecord], real_records: dict[str, PortalRecord]
) -> None:
    assert len(samples) == 40
    for code, ours in samples.items():
        theirs = real_records[code]
        for name in (
            "name",
            "field",
            "agency",
            "kind",
            "conditions",
            "result",
            "executing_agency",
            "decision_no",
        ):
            assert same(getattr(ours, name), getattr(theirs, name)), (code, name)
        assert (ours.level, ours.subjects, ours.portal_url) == (
            theirs.level,
            theirs.subjects,
            theirs.portal_url,
        )
        assert [clean(step.text) for step in ours.steps] == [clean(step.text) for step in theirs.steps]
        assert ours.cases == theirs.cases


def test_documents_of_every_sample_agree(
    samples: dict[str, PortalRecord], real_records: dict[str, PortalRecord]
) -> None:
    for code, ours in samples.items():
        rows = [(clean(d.name), clean(d.group), d.originals, d.copies, d.forms) for d in ours.documents]
        theirs = real_records[code].documents
        assert rows == [(clean(d.name), clean(d.group), d.originals, d.copies, d.forms) for d in theirs], code


def test_methods_of_every_sample_agree_but_for_the_currency(
    samples: dict[str, PortalRecord], real_records: dict[str, PortalRecord]
) -> None:
    in_dollars = set()
    for code, ours in samples.items():
        for mine, theirs in zip(ours.methods, real_records[code].methods, strict=True):
            assert (mine.channel, mine.duration, mine.duration_unit_raw) == (
                theirs.channel,
                theirs.duration,
                theirs.duration_unit_raw,
            )
            assert same(mine.description, theirs.description)
            assert [(f.type, f.value, clean(f.description)) for f in mine.fees] == [
                (f.type, f.value, clean(f.description)) for f in theirs.fees
            ]
            in_dollars |= {code for fee in mine.fees if fee.currency == "USD"}
    assert in_dollars == {"2.000527", "2.000682"}


def test_numbers_of_laws_of_every_sample_agree(
    samples: dict[str, PortalRecord], real_records: dict[str, PortalRecord]
) -> None:
    for code, ours in samples.items():
        for mine, theirs in zip(ours.legal_basis, real_records[code].legal_basis, strict=True):
            # The interchange file sometimes keeps the kind of text or a blank in the number.
            assert "".join(theirs.number.split()).endswith(mine.number), code


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_the_whole_catalogue_imports_in_time_and_memory(shared: Path, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from knowledge.importers import import_portal_records, read_source\n"
        "from knowledge.store import Catalogue\n"
        "from motcua.database import open_database, upgrade\n"
        "upgrade(sys.argv[2])\n"
        "catalogue = Catalogue(open_database(sys.argv[2]))\n"
        "report = import_portal_records(catalogue, read_source(Path(sys.argv[1])), 'a test')\n"
        "assert report.is_clean and report.change.new == 5652, report\n"
        # Resource usage counts the process that started this one as well; the kernel's high-water mark does not.
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
    )
    start = time.monotonic()
    source = shared / "data" / "procedures.jsonl.gz"
    url = f"sqlite:///{tmp_path / 'motcua.db'}"
    command = [sys.executable, "-c", program, str(source), url]
    done = subprocess.run(command, check=True, timeout=2 * SECONDS, stdout=subprocess.PIPE, text=True)
    assert time.monotonic() - start < SECONDS
    assert int(done.stdout) / 1024 < MEGABYTES


def test_the_whole_catalogue_goes_round(
    catalogue: Catalogue, sqlite_catalogue: Catalogue, real_records: dict[str, PortalRecord], tmp_path: Path
) -> None:
    first = import_portal_records(catalogue, real_records.values(), reason="a test")
    assert first.change == Change(version=1, new=5652) and first.is_clean
    again = import_portal_records(catalogue, real_records.values(), reason="again")
    assert again.change == Change(version=1, unchanged=5652)
    out = tmp_path / "out.jsonl"
    assert write_interchange(catalogue.portal_records(), out) == 5652
    assert import_portal_records(sqlite_catalogue, read_source(out), reason="a test").is_clean
    assert sqlite_catalogue.digest() == catalogue.digest()
