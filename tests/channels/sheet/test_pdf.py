from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from channels.sheet import pdf, qr
from channels.sheet.arrange import printable
from channels.sheet.model import Block, Line, Part, Sheet
from tests.channels.sheet import samples as s
from tests.channels.sheet.test_arrange import sheet_of

A4 = (595.28, 841.89)
PANGRAM = "Ầ ẩ Ẫ ẵ Ặ Ẽ Ễ ệ Ỉ ĩ Ị Ỗ ộ Ở ỡ Ợ ủ Ữ ự Ỳ ỷ ỹ ỵ Đ đ Ă Â Ê Ô Ơ Ư “tiếng Việt” – 25.000 ₫"


def read(sheet: Sheet) -> PdfReader:
    return PdfReader(io.BytesIO(pdf.draw(sheet)))


def text_of(sheet: Sheet) -> str:
    """All text, one line, as it would be copied out of the file."""
    return " ".join(" ".join(page.extract_text() for page in read(sheet).pages).split())


def of_lines(*lines: Line, **changes: Any) -> Sheet:
    part = Part("documents", "Giấy tờ cần mang", (Block("", lines, "box"),))
    return replace(sheet_of(), parts=(part,), **changes)


def test_everything_on_the_sheet_is_in_the_file() -> None:
    said = text_of(sheet_of())
    for wanted in (
        s.NAME, "Tờ khai đăng ký thuyền theo mẫu", "Lấy ở đâu: nơi tiếp nhận.", "1 bản chính", "2 bản sao",
        "Tùy trường hợp", "Giấy ủy quyền", "25.000 đồng/thuyền", "3 ngày làm việc",
        "Trung tâm Phục vụ hành chính công cấp xã", "Chờ xã xem xét.", s.RECEIPT, "18/07/2026", "12/2024/NĐ-CP",
        "Thuyền trên 12 mét phải đăng kiểm trước.", "Trang 1/", "https://motcua.example.vn/phieu/A7K2-M4QX",
    ):  # fmt: skip
        assert wanted in said


def test_every_vietnamese_letter_can_be_copied_out() -> None:
    assert PANGRAM in text_of(of_lines(Line(PANGRAM)))


def test_the_paper_is_a4_and_the_file_says_what_it_is() -> None:
    read_ = read(sheet_of())
    assert {(round(float(p.mediabox.width), 2), round(float(p.mediabox.height), 2)) for p in read_.pages} == {A4}
    assert read_.metadata is not None and s.NAME in (read_.metadata.title or "")
    assert read_.trailer["/Root"]["/Lang"] == "vi"
    assert 1 <= len(read_.pages) <= 2


def test_every_font_is_embedded_and_small() -> None:
    fonts = [
        font.get_object()
        for page in read(sheet_of()).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    ]
    assert fonts
    for font in fonts:
        assert "/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/ToUnicode" in font
    assert len(pdf.draw(sheet_of())) < 80_000


def test_a_long_list_flows_over_pages_and_loses_nothing() -> None:
    lines = [Line(f"Giấy tờ thứ {n} của bến cá", note=f"Ghi chú số {n}.", originals=1, copies=n) for n in range(1, 121)]
    sheet = of_lines(*lines)
    said = text_of(sheet)
    assert 6 <= len(read(sheet).pages) <= 20
    assert all(f"Giấy tờ thứ {n} của bến cá" in said and f"Ghi chú số {n}." in said for n in range(1, 121))


def test_a_line_is_kept_on_one_page() -> None:
    lines = [Line(f"Tên giấy {n}: " + "rất dài " * 25, note=f"Hết giấy {n}.") for n in range(1, 31)]
    pages = [" ".join(page.extract_text().split()) for page in read(of_lines(*lines)).pages]
    for n in range(1, 31):
        assert sum(f"Tên giấy {n}:" in page and f"Hết giấy {n}." in page for page in pages) == 1


def test_one_line_longer_than_a_page_is_printed_whole() -> None:
    said = text_of(of_lines(Line("đoạn văn rất dài " * 600 + "HẾT", originals=1)))
    assert said.count("đoạn") == 600 and "HẾT" in said


def test_a_word_without_blanks_is_broken_and_kept() -> None:
    said = text_of(of_lines(Line("x" * 400), source_url="https://dichvucong.gov.vn/" + "a" * 300))
    assert said.replace(" ", "").count("x" * 50) >= 1 and said.count("x") >= 400


def test_a_box_is_drawn_for_every_paper() -> None:
    def strokes(count: int) -> int:
        sheet = of_lines(*(Line(f"Giấy {n}") for n in range(count)))
        content = b"".join(page.get_contents().get_data() for page in read(sheet).pages)  # type: ignore[union-attr]
        return content.count(b" re S")

    assert strokes(5) - strokes(2) == 3


def test_equal_sheets_are_equal_files() -> None:
    first = pdf.draw(sheet_of())
    pdf.draw.cache_clear()
    assert pdf.draw(sheet_of()) == first


@pytest.mark.parametrize(
    "hostile",
    ["<b>đậm</b>", "**đậm** __gạch__ --x--", "{nb} {0} %s", "(\\) endobj", "漢字 🙂 العربية", "{{ 7*7 }}", "a\u0300́"],
)
def test_text_is_printed_as_text(hostile: str) -> None:
    said = text_of(of_lines(Line(printable(hostile)), name=printable(hostile)))
    wanted = " ".join(pdf.written(printable(hostile)).replace("{nb}", "1").split())
    assert wanted in said


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_breaks_the_file(name: str, note: str) -> None:
    sheet = of_lines(Line(printable(name), note=printable(note), originals=1))
    assert len(read(sheet).pages) >= 1


@given(st.text())
def test_only_signs_that_the_fonts_have_are_written(text: str) -> None:
    assert all(ord(c) in pdf._signs() for c in pdf.written(text))


def test_all_letters_of_vietnamese_are_in_both_fonts() -> None:
    marks = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    letters = {unicodedata.normalize("NFC", v + m) for v in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for m in marks} | set("đĐ")
    assert all(pdf.written(letter) == letter for letter in letters)


def seen_in(image: Any) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


def test_a_camera_reads_the_address_off_the_printed_page() -> None:
    document = pypdfium2.PdfDocument(pdf.draw(sheet_of()))
    page = document[0]
    image = page.render(scale=2).to_pil()
    page.close()
    document.close()
    assert seen_in(image) == ["https://motcua.example.vn/phieu/A7K2-M4QX"]


def test_the_runs_are_the_code() -> None:
    address = "https://motcua.example.vn/phieu/A7K2-M4QX"
    side, dark = qr.runs(address)
    drawn = [[0] * side for _ in range(side)]
    for x, y, length in dark:
        drawn[y][x : x + length] = [1] * length
    expected = segno.make_qr(address, error="m").matrix_iter(border=4)
    assert drawn == [list(row) for row in expected]
