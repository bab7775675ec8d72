"""The sheet as a PDF: A4, large type, tick boxes, the fonts inside."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos
from fpdf.fonts import TTFFont

from channels.sheet import qr
from channels.sheet.model import Block, Line, Part, Sheet
from channels.sheet.words import SheetWords, sheet_words

_FONTS = Path(__file__).with_name("fonts")
_FAMILY = "NotoSans"
# Millimetres, and points for type.
_MARGIN, _BOTTOM = 16.0, 20.0
_QR = 34.0
_BOX = 5.0
_INDENT = 9.0
_COUNTS = 33.0
_GAP = 2.2
_NAME, _HEAD, _BODY, _SMALL, _TINY = 20.0, 15.0, 13.0, 11.5, 9.5
_RED, _BLACK, _GREY = (143, 29, 34), (0, 0, 0), (70, 64, 58)
_LEADING = 0.48  # millimetres of line height a point of type
_REMEMBERED = 32
# What the fonts have no sign for, but a plain way to write.
_PLAIN = {"−": "-", "→": "->", "≥": ">=", "≤": "<=", "≈": "~", "≠": "khác"}
_MISSING = "?"

logging.getLogger("fontTools").setLevel(logging.WARNING)

Style = Literal["", "B"]


@lru_cache(maxsize=_REMEMBERED)
def draw(sheet: Sheet) -> bytes:
    """Gives the PDF of a sheet; equal sheets give equal bytes."""
    paper = _Paper(sheet, sheet_words())
    try:
        return paper.content()
    finally:
        _close_fonts(paper)


@cache
def _signs() -> frozenset[int]:
    opened = FPDF()
    opened.add_font(_FAMILY, "", _FONTS / f"{_FAMILY}-Regular.ttf")
    font = opened.fonts[_FAMILY.lower()]
    assert isinstance(font, TTFFont)
    signs = frozenset(font.cmap)
    _close_fonts(opened)
    return signs


def _close_fonts(paper: FPDF) -> None:
    # The library reads font files bit by bit and leaves them open.
    for font in paper.fonts.values():
        if isinstance(font, TTFFont):
            font.ttfont.close()


def written(text: str) -> str:
    """Gives a text in signs that the fonts have; others become plain ones, or a question mark."""
    plain = (_PLAIN.get(sign, sign) for sign in text)
    return "".join(sign if all(ord(c) in _signs() for c in sign) else _MISSING for sign in plain)


class _Paper(FPDF):
    """One sheet being drawn."""

    def __init__(self, sheet: Sheet, words: SheetWords) -> None:
        super().__init__(format="A4")
        self._sheet, self._words = sheet, words
        self.add_font(_FAMILY, "", _FONTS / f"{_FAMILY}-Regular.ttf")
        self.add_font(_FAMILY, "B", _FONTS / f"{_FAMILY}-Bold.ttf")
        self.set_margins(_MARGIN, _MARGIN)
        self.c_margin = 0.0
        self.set_auto_page_break(True, _BOTTOM)
        self.set_lang("vi")
        self.set_title(written(f"{sheet.name} – {words.title}"))
        self.set_creator(words.brand)
        # The same sheet is the same file, whenever it is drawn.
        self.set_creation_date(datetime.strptime(sheet.told_on, "%d/%m/%Y").replace(tzinfo=UTC))

    def content(self) -> bytes:
        self.add_page()
        self._head()
        for notice in (self._sheet.newer, self._words.alone if self._sheet.alone else ""):
            if notice:
                self._say(notice, style="B")
        for part in self._sheet.parts:
            self._part(part)
        self._proof()
        return bytes(self.output())

    def footer(self) -> None:
        """Closes each page with the receipt and the page's number."""
        self.set_y(-_BOTTOM + 5)
        self._type(_TINY, "", _GREY)
        page = self._words.printed_page.format(page=self.page_no(), pages="{nb}")
        left = f"{self._words.receipt}: {self._sheet.receipt} · {self._words.told_on} {self._sheet.told_on}"
        self.cell(self.epw / 2, 5, written(left))
        self.cell(self.epw / 2, 5, page, align="R")

    def _type(self, size: float, style: Style = "", colour: tuple[int, int, int] = _BLACK) -> None:
        self.set_font(_FAMILY, style, size)
        self.set_text_color(*colour)

    def _write(self, text: str, width: float, size: float) -> None:
        self.multi_cell(width, size * _LEADING, written(text), align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)

    def _height(self, text: str, width: float, size: float, style: Style = "") -> float:
        self.set_font(_FAMILY, style, size)
        height = self.multi_cell(
            width, size * _LEADING, written(text), align="L", dry_run=True, output=MethodReturnValue.HEIGHT
        )
        assert isinstance(height, float | int)
        return float(height)

    def _make_room(self, height: float) -> None:
        """Begins a page when this one cannot hold so much, unless none can."""
        if self.get_y() + height > self.page_break_trigger and height < self.page_break_trigger - _MARGIN:
            self.add_page()

    def _head(self) -> None:
        sheet, words = self._sheet, self._words
        top, beside = self.get_y(), self.epw - _QR - 6
        self._draw_qr(self.w - _MARGIN - _QR, top - 3)
        self.set_xy(_MARGIN, top)
        self._type(_SMALL, "", _GREY)
        self._write(words.title, beside, _SMALL)
        self._type(_NAME, "B")
        self._write(sheet.name, beside, _NAME)
        self.set_xy(_MARGIN, max(self.get_y(), top + _QR + 5) if self.page_no() == 1 else self.get_y())
        for line in sheet.intro:
            self._say(line)

    def _draw_qr(self, left: float, top: float) -> None:
        side, dark = qr.runs(self._sheet.address)
        module = _QR / side
        self.set_fill_color(0)
        for x, y, length in dark:
            self.rect(left + x * module, top + y * module, length * module, module, style="F")
        self.set_xy(left - 4, top + _QR - 1)
        self._type(_TINY, "", _GREY)
        self.multi_cell(_QR + 8, _TINY * _LEADING, written(self._words.qr), align="C")

    def _say(self, text: str, size: float = _BODY, style: Style = "", colour: tuple[int, int, int] = _BLACK) -> None:
        self._make_room(self._height(text, self.epw, size, style))
        self._type(size, style, colour)
        self.set_x(_MARGIN)
        self._write(text, self.epw, size)
        self.ln(1.2)

    def _part(self, part: Part) -> None:
        # A heading stays with the first line of what it heads.
        self._make_room(35)
        self.ln(3)
        self._type(_HEAD, "B", _RED)
        self._write(part.title, self.epw, _HEAD)
        self.set_draw_color(*_RED)
        self.set_line_width(0.5)
        self.line(_MARGIN, self.get_y() + 0.5, self.w - _MARGIN, self.get_y() + 0.5)
        self.ln(2.5)
        if part.slot == "documents" and part.blocks:
            self._say(self._words.how, _SMALL, "", _GREY)
        for block in part.blocks:
            self._block(block)
        for remark in part.remarks:
            self._say(remark)

    def _block(self, block: Block) -> None:
        if block.title:
            self._make_room(22)
            self.ln(1)
            self._say(block.title, _BODY, "B")
        if block.by_case:
            self._say(self._words.cases_how, _SMALL, "", _GREY)
        for number, line in enumerate(block.lines, 1):
            self._line(line, number, block)

    def _line(self, line: Line, number: int, block: Block) -> None:
        counts = "\n".join(self._counts(line))
        indent = 0.0 if block.mark == "none" else _INDENT
        width = self.epw - indent - (_COUNTS + 3 if counts else 0)
        height = max(
            self._height(line.text, width, _BODY),
            self._height(counts, _COUNTS, _SMALL, "B") if counts else 0.0,
            _BOX,
        )
        note_height = self._height(line.note, self.epw - indent, _SMALL) if line.note else 0.0
        self._make_room(height + note_height)
        top = self.get_y()
        if block.mark == "box":
            self.set_draw_color(*_BLACK)
            self.set_line_width(0.45)
            self.rect(_MARGIN, top + 0.6, _BOX, _BOX)
        elif block.mark == "number":
            self.set_xy(_MARGIN, top)
            self._type(_BODY, "B")
            self.cell(_INDENT, _BODY * _LEADING, f"{number}.")
        if counts:
            self.set_xy(self.w - _MARGIN - _COUNTS, top)
            self._type(_SMALL, "B")
            self._write(counts, _COUNTS, _SMALL)
        counted = self.get_y() if counts else top
        self.set_xy(_MARGIN + indent, top)
        self._type(_BODY)
        page = self.page_no()
        self._write(line.text, width, _BODY)
        if self.page_no() == page:
            self.set_y(max(self.get_y(), counted, top + _BOX + 0.6))
        if line.note:
            self.set_x(_MARGIN + indent)
            self._type(_SMALL, "", _GREY)
            self._write(line.note, self.epw - indent, _SMALL)
        self.ln(_GAP)

    def _counts(self, line: Line) -> Iterator[str]:
        if line.originals:
            yield self._words.originals.format(n=line.originals)
        if line.copies:
            yield self._words.copies.format(n=line.copies)

    def _proof(self) -> None:
        sheet, words = self._sheet, self._words
        self._make_room(45)
        self.ln(4)
        self.set_draw_color(*_GREY)
        self.set_line_width(0.3)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        self.ln(2)
        self._say(f"{words.receipt}: {sheet.receipt}", _BODY, "B")
        self._say(words.show_to_officer, _SMALL)
        if sheet.source_url:
            self._say(f"{words.source}: {sheet.source_url}", _SMALL)
        if sheet.data_date:
            self._say(f"{words.data_date} {sheet.data_date}", _SMALL)
        if sheet.legal_basis:
            self._say(f"{words.legal_basis}: {', '.join(sheet.legal_basis)}", _SMALL)
        self._say(sheet.address, _SMALL, "", _GREY)
