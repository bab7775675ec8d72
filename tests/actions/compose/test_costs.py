from __future__ import annotations

import pytest

from actions.compose import answer_about
from actions.compose.costs import duration_brief, duration_lines, fee_brief, fee_lines
from knowledge.model import Procedure
from tests.actions.samples import curated, fee, method, of_portal


def fees(*methods: dict[str, object]) -> list[str]:
    return [item.text for item in fee_lines(of_portal(methods=list(methods)))]


def test_nought_is_never_free() -> None:
    procedure = of_portal(methods=[method("Trực tiếp", "1 ngày", fee(0, ""))])
    text = answer_about(procedure, "fee").text
    assert "miễn phí" not in text and "không ghi mức phí" in text


def test_free_is_said_where_the_record_says_it() -> None:
    procedure = of_portal(methods=[method("Trực tiếp", "1 ngày", fee(0, "Miễn lệ phí"))])
    assert fee_brief(procedure) == "miễn phí"


@pytest.mark.parametrize("text", ["Không", "Không quy định", "không có."])
def test_a_bare_no_says_nothing_of_the_price(text: str) -> None:
    procedure = of_portal(methods=[method("Trực tiếp", "1 ngày", fee(0, text))])
    assert fee_lines(procedure) == []


def test_dollars_are_never_shown_as_dong() -> None:
    procedure = of_portal(methods=[method("Trực tuyến", "1 ngày", fee(10, ""))])
    text = answer_about(procedure, "fee").text
    assert "10" not in text.split("Theo Cổng")[0] and "không rõ đơn vị tiền" in text


def test_a_fee_that_all_ways_share_is_told_once() -> None:
    shared = fee(25000, "25.000 đồng/thuyền")
    assert fees(method("Trực tiếp", "1 ngày", shared), method("Trực tuyến", "1 ngày", shared)) == [
        "Lệ phí: 25.000 đồng (25.000 đồng/thuyền)"
    ]


def test_a_fee_of_one_way_names_it_and_the_silent_way_is_not_free() -> None:
    told = fees(method("Trực tiếp", "1 ngày", fee(25000)), method("Trực tuyến", "1 ngày", fee(0)))
    assert told[0] == "Lệ phí, Nộp trực tiếp: 25.000 đồng"
    assert "không ghi mức phí" in told[1]


def test_many_amounts_are_given_as_a_range_in_brief() -> None:
    lines = [fee(n * 1000, f"loại {n}") for n in (30, 10, 20)]
    assert fee_brief(of_portal(methods=[method("Trực tiếp", "1 ngày", *lines)])) == (
        "từ 10.000 đồng đến 30.000 đồng, tùy trường hợp"
    )


def test_a_long_table_of_fees_is_cut_and_says_so() -> None:
    lines = [fee(n * 1000, f"hạng số {n}") for n in range(1, 31)]
    text = answer_about(of_portal(methods=[method("Trực tiếp", "1 ngày", *lines)]), "fee").text
    assert "10." in text and "11. " not in text and "Biểu phí còn dài" in text


def test_a_number_without_a_unit_is_no_number_of_days() -> None:
    procedure = of_portal(methods=[method("Trực tuyến", "1")])
    assert duration_lines(procedure) == []
    assert "không ghi rõ thời hạn" in answer_about(procedure, "duration").text


def test_lengths_that_differ_by_case_are_all_told_with_their_case() -> None:
    cases = [
        {"name": "Thuyền mới", "duration": "3 ngày làm việc"},
        {"name": "Thuyền cũ", "duration": "7 ngày làm việc"},
    ]
    procedure = of_portal(methods=[method("Trực tiếp", "1")], cases=cases)
    assert [item.text for item in duration_lines(procedure)] == [
        "Thuyền mới: 3 ngày làm việc",
        "Thuyền cũ: 7 ngày làm việc",
    ]
    assert duration_brief(procedure) == "3 ngày làm việc hoặc 7 ngày làm việc, tùy trường hợp"


def test_a_case_named_like_the_procedure_needs_no_label() -> None:
    cases = [
        {"name": "Đăng ký thuyền nan", "duration": "3 ngày làm việc"},
        {"name": "Thuyền cũ", "duration": "7 ngày làm việc"},
    ]
    procedure = of_portal(methods=[method("Trực tiếp", "1")], cases=cases)
    assert duration_lines(procedure)[0].text == "3 ngày làm việc"


def test_curated_figures_stand_as_staff_wrote_them() -> None:
    procedure = Procedure(code="9.100011", curated=curated())
    assert fee_brief(procedure) == "50.000 đồng"
    assert duration_brief(procedure) == "10 ngày làm việc"
