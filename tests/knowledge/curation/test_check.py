"""The checker: it passes a true record and catches every figure that is changed in it."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.curation import check_record, check_references
from knowledge.curation.check import portal_figures
from knowledge.model import Words
from tests.knowledge.samples import CODE, NAME, curated, portal_record


def differences(portal: dict[str, Any] | None = None, **changes: Any) -> list[tuple[str, str]]:
    return [(d.where, d.what) for d in check_record(curated(**changes), portal_record(**portal or {}))]


def test_a_true_record_passes() -> None:
    assert differences() == []


@pytest.mark.parametrize(
    "equal",
    [
        {"official_name": "Thủ tục  cấp thẻ\nbạn đọc thư viện."},
        {"official_name": "Thủ tục Cấp thẻ bạn đọc Thư viện"},
        {"official_name": ""},
        {"summary": "Có thẻ sau ba ngày làm việc."},
        {"summary": "Mất 20 nghìn đồng, tức 20.000đ, dùng 02 (hai) năm."},
        {"notes": ["Gia hạn thêm 50 %."]},
        {"notes": ["Theo Luật 46/2019/QH14."]},
        {"notes": ["Mất thẻ thì xem thủ tục 1.002759."]},
        {"documents": [{"name": "Ảnh chân dung 3x4", "copies": 2}]},
        {"documents": [{"name": "Sổ gì đó không ghi số bản"}]},
        {"durations": [{"text": "Cổng không ghi thời hạn."}]},
        {"fees": [{"state": "described", "text": "Tỉnh quyết định."}]},
        {"sample_questions": ["Mất 99.000 đồng hả?", "9 ngày?", "Ở đâu?", "Cần gì?"]},
    ],
)
def test_equal_forms_pass(equal: dict[str, Any]) -> None:
    assert differences(**equal) == []


@pytest.mark.parametrize(
    ("mutation", "where"),
    [
        ({"official_name": "Thủ tục cấp thẻ bạn đọc"}, "official_name"),
        ({"official_name": "Thủ tục cấp thẻ bán đọc thư viện"}, "official_name"),
        ({"fees": [{"state": "amount", "amount": 25000}]}, "fees[0].amount"),
        ({"fees": [{"state": "free"}]}, "fees[0].state"),
        ({"fees": [{"state": "described", "text": "Khoảng 25.000 đồng."}]}, "fees[0]"),
        ({"durations": [{"number": 5, "unit": "working_day"}]}, "durations[0]"),
        ({"durations": [{"number": 3, "unit": "day"}]}, "durations[0]"),
        ({"durations": [{"text": "Trong 5 ngày làm việc."}]}, "durations[0]"),
        ({"summary": "Làm thẻ mượn sách, dùng 3 năm."}, "summary"),
        ({"steps": ["Quay lại sau 3 đến 5 ngày làm việc."]}, "steps[0]"),
        ({"notes": ["Gia hạn thêm 60% thời gian."]}, "notes[0]"),
        ({"conditions": ["Từ đủ 16 tuổi."]}, "conditions[0]"),
        ({"office": {"name": "Thư viện", "level": "commune", "note": "Trong 9 giờ."}}, "office"),
        ({"online": {"available": True, "note": "Mất 12.000 đồng."}}, "online"),
        ({"legal_basis": [{"number": "47/2019/QH14"}]}, "legal_basis[0]"),
        ({"legal_basis": [{"number": "Luật Xuất bản"}]}, "legal_basis[0]"),
        ({"notes": ["Theo Nghị định 12/2020/NĐ-CP."]}, "notes[0]"),
        ({"documents": [{"name": "Đơn xin cấp thẻ bạn đọc", "originals": 2, "copies": 0}]}, "documents[0]"),
        ({"documents": [{"name": "Ảnh chân dung", "originals": 0, "copies": 3}]}, "documents[0]"),
        ({"documents": [{"name": "Ảnh chân dung", "originals": 1, "copies": 0}]}, "documents[0]"),
        ({"documents": [{"name": "Giấy khám sức khỏe", "originals": 1}]}, "documents[0]"),
        ({"documents": [{"name": "Đơn", "note": "Dán 6 ảnh, chờ 9 phút."}]}, "documents[0]"),
    ],
)
def test_a_changed_figure_is_caught(mutation: dict[str, Any], where: str) -> None:
    assert {place for place, _ in differences(**mutation)} == {where}


def test_free_passes_where_the_portal_says_so() -> None:
    portal = {"methods": [{"channel": "Trực tiếp", "fees": [{"value": 0, "description": "Miễn phí"}]}]}
    assert ("fees[0].state", "free") not in differences(portal, fees=[{"state": "free"}])


def test_figures_do_not_arise_between_two_texts() -> None:
    portal = portal_record(conditions="Nộp tại quầy số 7", result="ngày nhận thẻ ghi trên giấy hẹn")
    assert "time 7 ngày" not in {str(figure) for figure in portal_figures(portal)}


def test_codes_and_identifiers_of_the_portal_prove_nothing() -> None:
    assert not {
        f for f in portal_figures(portal_record(component_code="G99.123.456")) if f.value == "99123456"
    }


def test_a_record_is_not_compared_with_another_one() -> None:
    (difference,) = check_record(curated(), portal_record("9.000102", name=NAME))
    assert str(difference) == f"{CODE} code: {CODE}: compared with the portal record of 9.000102"


def test_codes_that_nothing_stands_behind_are_named() -> None:
    record = curated(
        differs="Cấp lại thì 9.000102; cấp ở tỉnh thì 9.000999.",
        neighbours=[
            {"code": "x.thue-sach", "when": "Chỉ thuê sách."},
            {"code": "x.khong-co", "when": "Không có."},
            {"code": CODE, "when": "Chính nó; nếu không thì 9.000888."},
        ],
    )
    words = [Words(code="9.000102", differs="Lần đầu thì 9.000101"), Words(code="9.000777")]
    own = curated("x.thue-sach", official_name="")
    found = check_references([record, own, *words], {CODE, "9.000102"})
    assert [(d.code, d.where, d.what) for d in found] == [
        (CODE, "differs", "9.000999"),
        (CODE, "neighbours[1]", "x.khong-co"),
        (CODE, "neighbours[2]", CODE),
        (CODE, "neighbours[2].when", "9.000888"),
        ("9.000777", "code", "9.000777"),
    ]


def test_codes_with_a_tail_are_read_whole() -> None:
    record = Words(code=CODE, differs="Ở tỉnh thì 1.001193.H52, bản cũ 1.014955-Xoa.")
    assert check_references([record], {CODE, "1.001193.H52", "1.014955-Xoa"}) == []
