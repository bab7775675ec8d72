"""Variants of one thing belong together, and nothing else does."""

import pytest

from knowledge.model import PortalRecord, Procedure
from knowledge.search.families import core, families, twin_title


def procedure(code: str, name: str, field: str = "Hộ tịch", kind: str = "TTHC tiêu chuẩn") -> Procedure:
    return Procedure(code=code, portal=PortalRecord(code=code, name=name, field=field, kind=kind))


@pytest.mark.parametrize(
    "variant",
    [
        "Thủ tục đăng ký kết hôn",
        "Thủ tục đăng ký kết hôn có yếu tố nước ngoài",
        "Đăng ký kết hôn tại khu vực biên giới (thực hiện tại cấp xã)",
        "Thủ tục đăng ký lại kết hôn",
        "Thủ tục đăng ký kết hôn lưu động",
    ],
)
def test_the_variants_of_a_thing_have_the_thing_in_common(variant: str) -> None:
    assert core(variant) == "ket hon"


def test_first_issue_and_reissue_and_both_levels_are_one_family_of_their_field() -> None:
    of = families(
        [
            procedure("1.000003", "Cấp lại thẻ tư vấn viên"),
            procedure("1.000001", "Cấp thẻ tư vấn viên (thực hiện tại cấp tỉnh)"),
            procedure("1.000002", "Cấp thẻ tư vấn viên", field="Khác"),
            procedure("1.000004", "Đăng ký khai tử"),
        ]
    )
    assert of == ["1.000001", "1.000001", "", ""]


def test_a_large_group_is_no_family() -> None:
    assert set(families([procedure(f"1.0000{n:02}", "Thông báo thay đổi") for n in range(20)])) == {""}


def test_what_has_no_portal_record_or_no_words_stands_alone() -> None:
    assert families([procedure("1.000001", "Thủ tục"), procedure("1.000002", "Thủ tục")]) == ["", ""]


def test_one_procedure_at_two_levels_has_one_title() -> None:
    province, ministry = "Cấp hộ chiếu (thực hiện tại cấp tỉnh)", "Cấp hộ chiếu (thực hiện tại cấp trung ương)"
    assert twin_title(province) == twin_title(ministry)
    assert twin_title("Cấp hộ chiếu") != twin_title("Cấp lại hộ chiếu")
