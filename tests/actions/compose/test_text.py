from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.compose.text import MARK, lines_of, sentence_case, shorten, tidy
from knowledge.curation.figures import figures


@pytest.mark.parametrize(
    ("official", "readable"),
    [
        ("- Tờ khai theo mẫu;", "Tờ khai theo mẫu"),
        ("+ a) Đơn xin cấp.", "Đơn xin cấp"),
        ("1. Đơn; 2 ảnh", "Đơn; 2 ảnh"),
        ("Bước 2: Nộp lệ phí.", "Nộp lệ phí"),
        ("Giấy A.; Giấy B", "Giấy A; Giấy B"),
        ("Nộp giấy:\n- Bản chính;\n- Bản sao.", "Nộp giấy: Bản chính; Bản sao"),
        ("đơn  đề nghị ;", "Đơn đề nghị"),
        ("Danh sách đƣợc duyệt", "Danh sách được duyệt"),
        ("Danh sách khách mời. ]", "Danh sách khách mời"),
        ("Cục Thuế - Bộ Tài chính", "Cục Thuế - Bộ Tài chính"),
        ("Bảo quản: -18 độ", "Bảo quản: -18 độ"),
        ("01 bản chính", "01 bản chính"),
        ("", ""),
        (" - \n ;", ""),
    ],
)
def test_official_text_loses_its_bullets_and_doubled_stops(official: str, readable: str) -> None:
    assert tidy(official) == readable


def test_a_sentence_broken_over_two_lines_is_put_together() -> None:
    broken = (
        "Cơ quan tiếp nhận xem xét hồ sơ trong thời hạn 10 ngày làm\nviệc kể từ ngày nhận đủ.\nTrả kết quả."
    )
    assert lines_of(broken)[0].endswith("10 ngày làm việc kể từ ngày nhận đủ")
    assert lines_of(broken)[1] == "Trả kết quả"


@pytest.mark.parametrize(
    ("shouted", "said"),
    [
        ("THỦ TỤC TỔ CHỨC LỄ HỘI (CẤP XÃ)", "Thủ tục tổ chức lễ hội (cấp xã)"),
        ("CẤP THẺ BHYT CHO NGƯỜI VIỆT NAM", "Cấp thẻ BHYT cho người Việt Nam"),
        ("Đăng ký thẻ BHYT", "Đăng ký thẻ BHYT"),
        ("UBND", "UBND"),
    ],
)
def test_capitals_do_not_shout(shouted: str, said: str) -> None:
    assert sentence_case(shouted) == said


def test_a_text_is_cut_after_a_whole_sentence_where_it_can_be() -> None:
    assert shorten("Câu thứ nhất dài vừa đủ. Câu thứ hai thì không.", 30) == f"Câu thứ nhất dài vừa đủ{MARK}"


def test_a_cut_never_parts_a_number_from_its_unit() -> None:
    text = "Xem xét hồ sơ và trả lời trong thời hạn 10 ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ"
    for longest in range(20, len(text)):
        assert figures(shorten(text, longest)) <= figures(text)


@given(st.text(max_size=300), st.integers(min_value=10, max_value=200))
def test_cutting_any_text_keeps_it_short_and_within_the_text(text: str, longest: int) -> None:
    cut = shorten(text, longest)
    assert len(cut) <= longest + 1
    assert " ".join(text.split()).startswith(cut.removesuffix(MARK))


@given(st.text(max_size=300))
def test_any_text_can_be_tidied_into_one_line(text: str) -> None:
    assert "\n" not in tidy(text)
