"""Papers out of portal rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.model.documents import Document, read_documents
from knowledge.model.portal import PortalDocument


def row(name: str, originals: int = 0, copies: int = 0, group: str = "") -> PortalDocument:
    return PortalDocument(name=name, originals=originals, copies=copies, group=group)


def read(name: str, originals: int = 0, copies: int = 0, group: str = "") -> Document:
    (document,) = read_documents([row(name, originals, copies, group)])
    return document


def test_a_counted_row_is_a_paper_with_its_counts() -> None:
    assert read("- Tờ khai theo mẫu;", 1, 0, "* Giấy tờ phải nộp:") == Document(
        name="Tờ khai theo mẫu;", group="Giấy tờ phải nộp", originals=1, copies=0
    )


def test_a_row_without_counts_is_a_paper_of_unknown_count() -> None:
    assert read("Bản sao quyết định bổ nhiệm") == Document(name="Bản sao quyết định bổ nhiệm")


@pytest.mark.parametrize(
    "name",
    [
        "Lưu ý: giấy tờ nước ngoài phải hợp pháp hóa lãnh sự",
        "* Ghi chú: xem mẫu",
        "- Giấy tờ phải xuất trình:",
        "Hồ sơ đề nghị cấp lại gồm",
        "2/ Số lượng hồ sơ: 01 (bộ)",
        "Không  quy định.",
        "a) Trường hợp nộp qua bưu chính thì gửi kèm bản sao",
        "- Đối với phương tiện thương mại",
        "Các tài liệu nêu trên nếu bằng tiếng nước ngoài thì kèm bản dịch",
        "l) Tài liệu quy định tại điểm n chỉ áp dụng đối với xe mô tô",
        "Người tiếp nhận có trách nhiệm kiểm tra, đối chiếu",
        "Khi nhận kết quả, " + "người nộp hồ sơ kiểm tra thông tin " * 9,
    ],
)
def test_notes_and_headings_without_counts_are_no_papers(name: str) -> None:
    assert read(name).is_note


@pytest.mark.parametrize(
    "name", ["Lưu ý: nộp đủ", "* Số lượng hồ sơ: 01 (một) bộ.", "Không có.", "Thành phần hồ sơ:"]
)
def test_some_rows_are_no_papers_even_with_counts(name: str) -> None:
    assert read(name, 1, 0) == Document(name=name.lstrip("* "), is_note=True)


def test_nothing_without_counts_under_luu_y_is_a_paper() -> None:
    assert read("Bản sao điện tử dùng được thay bản giấy", group="* Lưu ý :").is_note


def test_counted_rows_under_luu_y_are_papers_only_if_they_begin_like_one() -> None:
    assert not read("- Đơn xin nhận con nuôi;", 1, 0, "Lưu ý").is_note
    assert read("Giấy tờ do nước ngoài cấp phải hợp pháp hóa lãnh sự", 1, 1, "Lưu ý").is_note
    assert read("Đối với người thuộc khoản 3 thì áp dụng có đi có lại", 1, 0, "Lưu ý").is_note


def test_a_long_row_that_begins_like_a_paper_is_one() -> None:
    assert not read("Văn bản đề nghị, trong đó nêu rõ lý do, " + "mục đích và phạm vi, " * 20).is_note


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("Tờ khai hải quan: 02 bản chính;", (2, 0)),
        ("Văn bản đề nghị (01 bản chính)", (1, 0)),
        ("Hóa đơn thương mại: 1 (một) bản chụp", (0, 1)),
        ("Vận đơn: một (01) bản sao", (0, 1)),
        # Two kinds of copies, alternatives, conditions and 0 are nobody's count.
        ("Bản gốc và một (01) bản sao giấy chứng nhận", (None, None)),
        ("Giấy phép: 01 bản chính hoặc bản chụp", (None, None)),
        ("Tờ khai theo mẫu. Nếu nộp giấy thì nộp 02 bản chính", (None, None)),
        ("Giấy xác nhận: 0 bản chính", (None, None)),
        ("Quyết định số 15/2020 bản chính", (None, None)),
    ],
)
def test_a_count_in_words_is_read_where_it_is_single_and_unconditional(
    name: str, counts: tuple[int | None, int | None]
) -> None:
    document = read(name)
    assert (document.originals, document.copies) == counts
    assert not document.is_note


def test_counts_of_the_columns_win_over_words() -> None:
    assert read("Tờ khai: 02 bản chính", 1, 0).originals == 1


def test_repeated_and_empty_rows_go() -> None:
    assert len(read_documents([row("Đơn", 1), row("- Đơn", 1), row(" - "), row("")])) == 1


PIECES = st.sampled_from(
    ["Lưu ý", "01 bản chính", "Đơn", ":", "-", "hoặc", "a)", "\n", "Không có", "(02)", "bản sao"]
)
TEXTS = st.text() | st.lists(PIECES).map(" ".join)


@given(TEXTS, TEXTS, st.integers(0, 9), st.integers(0, 9))
def test_any_row_is_read_and_its_text_kept(name: str, group: str, originals: int, copies: int) -> None:
    for document in read_documents([row(name, originals, copies, group)]):
        assert document.name and document.name in name
        assert not document.is_note or document.originals is None
        if (originals or copies) and not document.is_note:
            assert (document.originals, document.copies) == (originals, copies)
