"""Rows of a CSV or XLSX file, cells as text."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from knowledge.places.errors import BadOffices
from nlu.text import clean

_MOST_BYTES = 20_000_000
_MOST_ROWS = 20_000
_DELIMITERS = ",;\t|"

Row = tuple[int, list[str]]
"""Number of a row, from 1, and its cells: one line each, in NFC."""


def read_rows(path: Path) -> Iterator[Row]:
    """Gives the rows that hold anything.

    Raises:
        BadOffices: the file cannot be opened, is neither CSV (UTF-8, UTF-16) nor XLSX, breaks off, or is too large.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadOffices(f"{path.name} is too large for a list of service centres")
        start = path.read_bytes()[:8]
    except OSError as cause:
        raise BadOffices(f"{path.name} cannot be opened: {cause.strerror}") from None
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadOffices(f"{path.name} is a workbook of the old kind (.xls) or encrypted: save it as .xlsx or CSV")
    rows = _workbook(path) if start.startswith(b"PK\x03\x04") else _csv(path)
    for number, cells in rows:
        if number > _MOST_ROWS:
            raise BadOffices(f"{path.name} has more than {_MOST_ROWS} rows")
        told = [_text(cell) for cell in cells]
        if any(told):
            yield number, told


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return clean(str(cell))


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    raw = path.read_bytes()
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise BadOffices(f"{path.name} is not in UTF-8: save it as “CSV UTF-8” or .xlsx") from None
    head = "\n".join(text.splitlines()[:20])
    delimiter = max(_DELIMITERS, key=lambda sign: max((line.count(sign) for line in head.splitlines()), default=0))
    try:
        yield from enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1)
    except csv.Error as cause:
        raise BadOffices(f"{path.name} is no CSV: {cause}") from None


def _workbook(path: Path) -> Iterator[tuple[int, list[Any]]]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    broken = (InvalidFileException, zipfile.BadZipFile, KeyError, ParseError, EOFError, OSError, ValueError, TypeError)
    with warnings.catch_warnings():
        # Styles and validations that the library does not know are no matter here.
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except broken as cause:
            raise BadOffices(f"{path.name} is no workbook that can be read ({type(cause).__name__})") from None
        try:
            page = book.worksheets[0]
            # Some writers note a wrong extent, which would cut the sheet off.
            page.reset_dimensions()
            for number, cells in enumerate(page.iter_rows(values_only=True), 1):
                yield number, list(cells)
        except broken as cause:
            raise BadOffices(f"{path.name} breaks off or is damaged ({type(cause).__name__})") from None
        finally:
            book.close()
