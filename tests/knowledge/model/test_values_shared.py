"""What must hold of every fee, duration and paper of the whole real catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from knowledge.model import PortalRecord
from knowledge.model.portal import PortalMethod
from knowledge.model.values import Document, Fee, read_documents, read_duration, read_fees

pytestmark = pytest.mark.shared
Records = dict[str, PortalRecord]


def methods(records: Records) -> Iterator[tuple[PortalRecord, PortalMethod]]:
    return ((record, method) for record in records.values() for method in record.methods)


def fees(records: Records) -> Iterator[tuple[PortalMethod, Fee]]:
    return ((method, fee) for _, method in methods(records) for fee in read_fees(method.fees))


def papers(records: Records) -> Iterator[tuple[str, Document]]:
    return (
        (record.code, document)
        for record in records.values()
        for document in read_documents(record.documents)
    )


def test_free_only_where_the_text_says_so(real_records: Records) -> None:
    free = [fee for _, fee in fees(real_records) if fee.state == "free"]
    assert 30 <= len(free) <= 60
    assert [fee.text for fee in free if not re.search(r"miễn|không (thu|phải nộp|mất)", fee.text, re.I)] == []
    conditions = r"đối với|trường hợp|từ ngày|người|hộ nghèo|nếu"
    assert [fee.text for fee in free if re.search(conditions, fee.text, re.I)] == []


def test_no_sum_is_below_a_thousand_dong_nor_made_up(real_records: Records) -> None:
    for method, fee in fees(real_records):
        if fee.state == "amount":
            assert fee.amount is not None and fee.amount >= 1000
            published = {int(line.value or 0) for line in method.fees}
            spliced = {int(n) for line in method.fees for n in re.findall(r"\| (\d+) VNĐ", line.description)}
            assert fee.amount in published | spliced


def test_no_dollars_are_called_dong(real_records: Records) -> None:
    doubtful = [record for record in real_records.values() if "fee_may_be_usd" in record.flags]
    assert len(doubtful) == 18
    for record in doubtful:
        for line in (
            line for method in record.methods for line in method.fees if 0 < (line.value or 0) < 1000
        ):
            for fee in read_fees([line]):
                assert fee.amount is None or fee.amount >= 1000


def test_every_sum_of_a_spliced_line_comes_out(real_records: Records) -> None:
    joints = 0
    for _, method in methods(real_records):
        for line in method.fees:
            sums = [int(n) for n in re.findall(r"\| (\d+) VNĐ", line.description) if int(n) >= 1000]
            read = read_fees([line])
            told = {fee.amount for fee in read} | {n for fee in read for n in _sums(fee.text)}
            assert set(sums) <= told or any(fee.state == "described" for fee in read)
            assert not any("VNĐ (" in fee.text for fee in read)
            joints += len(sums)
    assert joints > 500


def _sums(text: str) -> list[int]:
    return [int(re.sub(r"\D", "", found)) for found in re.findall(r"\d{1,3}(?:[.,]\d{3})+", text)]


def test_no_duration_is_stated_from_a_bare_number(real_records: Records) -> None:
    bare = 0
    for record, method in methods(real_records):
        if not re.fullmatch(r"[\d.,\s]*", method.duration):
            continue
        bare += 1
        said = {case.duration.strip() for case in record.cases}
        for duration in read_duration(method.duration, record.cases, method.description):
            assert duration.state != "stated" or duration.text in said
    assert bare > 1000


def test_a_stated_duration_is_the_portals_own_figure(real_records: Records) -> None:
    for record, method in methods(real_records):
        for duration in read_duration(method.duration, record.cases, method.description):
            if duration.number is not None:
                assert f"{duration.number:g}" in duration.text
                assert duration.text in {method.duration.strip(), *(c.duration.strip() for c in record.cases)}


def test_nothing_uncounted_under_luu_y_is_a_paper(real_records: Records) -> None:
    rows = [(code, paper) for code, paper in papers(real_records) if re.match(r"\W*lưu ý", paper.group, re.I)]
    assert len(rows) > 100
    assert [code for code, paper in rows if not paper.is_note and paper.originals is None] == []


def test_no_paper_is_called_a_note_of_that_name(real_records: Records) -> None:
    called = r"\W*(lưu ý|ghi chú|chú ý|số lượng hồ sơ)\b"
    assert [
        (code, p.name) for code, p in papers(real_records) if not p.is_note and re.match(called, p.name, re.I)
    ] == []


def test_counts_are_the_portals_or_said_in_words(real_records: Records) -> None:
    from_words = 0
    for record in real_records.values():
        published = {(row.originals, row.copies) for row in record.documents}
        for paper in read_documents(record.documents):
            if paper.originals is None or (paper.originals, paper.copies) in published:
                continue
            from_words += 1
            assert re.search(rf"\b0?{paper.originals or paper.copies}\)? (\(\w+\) )?bản ", paper.name)
    assert from_words > 5


def test_a_record_that_still_speaks_of_districts_is_flagged(real_records: Records) -> None:
    flagged = [record for record in real_records.values() if "mentions_district_level" in record.flags]
    assert len(flagged) == 54
    spoken = re.compile(r"huyện|quận", re.I)
    assert all(spoken.search(record.model_dump_json()) for record in flagged)


def test_names_shared_by_several_records_keep_their_own_codes(real_records: Records) -> None:
    names: dict[str, list[str]] = {}
    for record in real_records.values():
        names.setdefault(record.name, []).append(record.code)
    shared_names = [codes for codes in names.values() if len(codes) > 1]
    assert len(shared_names) > 100
    assert len(real_records) == 5652
