"""The project's own curated records and vocabulary against the real catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from knowledge.curation import check_record, check_references, read_curated_folder, read_vocabulary_folder
from knowledge.model import CuratedRecord, PortalRecord, Words
from nlu.text import clean

pytestmark = pytest.mark.shared

COPIED = 12
"""So many words in a row are a copied sentence; a name that cannot be said otherwise counts as one word."""

NAMES = (
    "cổng dịch vụ công quốc gia",
    "cổng dịch vụ công",
    "trung tâm phục vụ hành chính công",
    "văn phòng đăng ký đất đai",
    "người việt nam định cư ở nước ngoài",
    "liên hiệp hợp tác xã",
    "hợp tác xã",
)
DRIVING_CLASS = r"\b[a-e]\d?e?\b"


@pytest.fixture(scope="module")
def records() -> list[CuratedRecord]:
    return list(read_curated_folder())


def test_every_figure_of_every_curated_record_is_proved(
    records: list[CuratedRecord], real_records: dict[str, PortalRecord]
) -> None:
    proved = [record for record in records if record.code in real_records]
    assert len(proved) >= 50
    assert [str(d) for record in proved for d in check_record(record, real_records[record.code])] == []


def test_a_record_without_a_portal_record_has_a_code_of_our_own(
    records: list[CuratedRecord], real_records: dict[str, PortalRecord]
) -> None:
    alone = {record.code for record in records} - real_records.keys()
    assert [code for code in alone if not code.startswith("x.")] == []


def test_every_code_that_is_named_exists(
    records: list[CuratedRecord], real_records: dict[str, PortalRecord]
) -> None:
    everything: list[CuratedRecord | Words] = [*records, *read_vocabulary_folder()]
    assert [str(d) for d in check_references(everything, real_records.keys())] == []


def test_all_25_paperless_services_are_there(records: list[CuratedRecord]) -> None:
    assert {record.paperless.number for record in records if record.paperless} == set(range(1, 26))


def test_no_sentence_is_copied_from_the_portal(
    records: list[CuratedRecord], real_records: dict[str, PortalRecord]
) -> None:
    copied = [
        f"{record.code} {where}: {run}"
        for record in records
        if record.code in real_records
        for where, run in _copied(record, real_records[record.code])
    ]
    assert copied == []


def _copied(record: CuratedRecord, portal: PortalRecord) -> Iterator[tuple[str, str]]:
    official = {run for text in _texts(portal.interchange()) for run in _runs(text)}
    said = {
        "summary": [record.summary],
        "steps": record.steps,
        "conditions": record.conditions,
        "notes": record.notes,
        "documents_note": [record.documents_note],
        "documents": [text for d in record.documents for text in (d.when, d.note, d.where_to_get)],
        "fees": [fee.text for fee in record.fees],
        "durations": [duration.text for duration in record.durations],
    }
    for where, texts in said.items():
        for text in texts:
            run = next((run for run in _runs(text) if run in official), None)
            if run:
                yield where, run


def _runs(text: str) -> Iterator[str]:
    text = clean(text).casefold()
    for name in NAMES:
        text = text.replace(name, "_")
    words = re.findall(r"\w+", re.sub(DRIVING_CLASS, " ", text))
    return (" ".join(words[i : i + COPIED]) for i in range(len(words) - COPIED + 1))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
