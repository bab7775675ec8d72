"""The portal's own JSON: one answer, a file, a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from knowledge.errors import BadRecord
from knowledge.importers import from_detail, read_portal_json, read_source
from knowledge.model import PortalRecord, read_documents, read_duration
from knowledge.model.values import read_fees
from tests.knowledge.samples import CODE, NAME, detail, interchange


def wrapped(content: Any) -> dict[str, Any]:
    return {"code": "OK", "data": content, "message": "OK"}


def save(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("answer", [detail(), wrapped(detail())], ids=["bare", "wrapped"])
def test_an_answer_becomes_a_record(answer: dict[str, Any]) -> None:
    record = from_detail(answer, crawled_at="2026-07-18")
    assert (record.code, record.name, record.field, record.level) == (CODE, NAME, "Thư viện", ("Cấp xã",))
    assert record.is_standard
    assert record.regulation_type == "TTHC được luật giao quy định chi tiết"
    assert record.steps[0].text == "Bạn đọc nộp hồ sơ tại thư viện cấp xã.\nXong."
    assert record.executing_agency == "Thư viện cấp xã; Thư viện tỉnh"
    assert record.delegated_agency == ""
    assert record.portal_url.endswith("/00000000-0000-7000-8000-000000000101")
    assert (record.result, record.subjects) == ("Thẻ bạn đọc", ("Công dân Việt Nam",))
    assert record.crawled_at == "2026-07-18"


def test_dates_are_those_of_vietnam() -> None:
    record = from_detail(detail()).interchange()
    # 17:00 and 18:00 in London are the next day there.
    assert (record["decision_date"], record["portal_updatedAt"]) == ("2026-01-01", "2026-01-02")
    assert record["crawled_at"] == "2026-01-02"


def test_channels_units_and_currencies_are_read() -> None:
    direct, online, postal = from_detail(detail()).methods
    assert [m.channel for m in (direct, online, postal)] == ["Trực tiếp", "Trực tuyến", "Dịch vụ bưu chính"]
    assert [m.duration for m in (direct, online, postal)] == ["3 ngày làm việc", "1", "4.5 ngày"]
    assert direct.fee == "20000 VNĐ (20.000 đồng/thẻ)"
    assert [(f.state, f.text) for f in read_fees(online.fees)] == [
        ("described", "Mức thu do Hội đồng nhân dân tỉnh quyết định"),
        ("described", "10 USD (Người nước ngoài)"),
    ]
    assert postal.fees == ()


def test_the_traps_come_out_right() -> None:
    record = from_detail(detail())
    (online,) = read_duration(record.methods[1].duration, record.cases)
    assert (online.number, online.unit) == (3, "working_day")
    papers = read_documents(record.documents)
    assert [(p.originals, p.copies, p.is_note) for p in papers] == [
        (1, 0, False),
        (0, 2, False),
        (None, None, True),
    ]


def test_numbers_of_laws_are_found_even_with_a_stray_blank() -> None:
    assert [law.number for law in from_detail(detail()).legal_basis] == ["46/2019/QH14", "35/2025/NQ-HĐND"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "is no detail answer"),
        ({"code": "ERROR", "data": None, "message": "not found"}, "is no detail answer"),
        (wrapped({"items": [], "total": 0}), "is no detail answer"),
        (detail(code="x"), "code: Value error"),
        (detail(name=None), "name: "),
        (detail(executionSteps="none"), "wrong shape"),
        (detail(executionMethods=[3]), "wrong shape"),
        (detail(createdAt=10**20), "wrong shape"),
        (
            detail(executionCases=[{"name": "x", "profileComponents": [{"name": "y", "copyQty": -2}]}]),
            "copies: ",
        ),
    ],
)
def test_what_is_no_answer_is_refused_with_a_reason(answer: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRecord, match=reason):
        from_detail(answer)


def test_a_folder_gives_every_record_and_names_the_bad_files(tmp_path: Path) -> None:
    save(tmp_path / "1.json", wrapped(detail()))
    save(tmp_path / "2.json", [detail("9.000102"), detail("9.000103"), 7])
    save(tmp_path / "3.json", "<!DOCTYPE html><html><body>Request blocked</body></html>")
    save(tmp_path / "4.json", '{"code": ')
    save(tmp_path / "5.json", detail())
    save(tmp_path / "_catalog_page_1.json", wrapped({"items": []}))
    save(tmp_path / "notes.txt", "x")
    (tmp_path / "6.json").mkdir()
    seen: list[tuple[int, int]] = []
    records = list(read_portal_json(tmp_path, lambda done, whole: seen.append((done, whole))))
    assert [r.code for r in records if isinstance(r, PortalRecord)] == [CODE, "9.000102", "9.000103"]
    said = [str(r) for r in records if isinstance(r, BadRecord)]
    assert said[0] == "2.json is no detail answer of the portal"
    assert said[1].startswith("3.json is a web page and not JSON: probably the portal's firewall")
    assert said[2].startswith("4.json is not JSON")
    assert said[3] == f"5.json holds {CODE}, as 1.json does already"
    assert said[4] == "6.json cannot be read: Is a directory"
    assert seen[-1] == (6, 6)


def test_a_path_with_nothing_on_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRecord, match="none does not exist"):
        list(read_portal_json(tmp_path / "none"))
    with pytest.raises(BadRecord, match=r"holds no \*\.json file"):
        list(read_portal_json(tmp_path))


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "content", [detail(), wrapped(detail()), [detail()]], ids=["bare", "wrapped", "list"]
)
def test_any_source_of_portal_json_is_recognised(tmp_path: Path, content: Any, indent: int | None) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(content, indent=indent), encoding="utf-8")
    (record,) = read_source(path)
    assert isinstance(record, PortalRecord) and record.code == CODE
    assert list(read_source(tmp_path)) == [record]


def test_interchange_lines_are_recognised_whatever_the_name(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(interchange(code)) for code in (CODE, "9.000102"))
    for name in ("records.json", "records.jsonl", "records"):
        codes = [r.code for r in read_source(save(tmp_path / name, lines)) if isinstance(r, PortalRecord)]
        assert codes == [CODE, "9.000102"]


def test_a_web_page_under_a_json_name_is_called_one(tmp_path: Path) -> None:
    path = save(tmp_path / "answer.json", "<html>\n<body>blocked</body>\n</html>")
    (record,) = read_source(path)
    assert "web page" in str(record)
