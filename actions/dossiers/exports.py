"""Files of dossiers as provinces exchange them: rows of CSV and XLSX, one at a time, and which column is what."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from actions.dossiers.errors import BadExport, BadMap, BadRow
from actions.dossiers.reading import FIELDS
from nlu.text import fold

Progress = Callable[[int, int], None]
"""Called with what is read and what there is in all, in bytes or rows."""

Row = tuple[int, Sequence[Any] | BadRow]
"""Number of a row from 1, and its cells, or why it cannot be read."""

_DEFAULT = Path(__file__).with_name("columns.yaml")
_HEADER_WITHIN: Final = 20
_DELIMITERS = ",;\t|"
_EVERY = 2000


class ImportMap(BaseModel):
    """How an export is laid out; `columns.yaml` explains the keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, list[str]] = Field(default_factory=dict)
    states: dict[str, int] = Field(default_factory=dict)
    dates: tuple[str, ...] = ()
    sheet: str = ""
    delimiter: str = Field("", max_length=1)


def load_map(path: Path | None = None) -> ImportMap:
    """Gives the usual map, with what a file of the operator's own replaces in it.

    Raises:
        BadMap: the file cannot be read or breaks the rules.
    """
    usual = _read_map(_DEFAULT)
    if path is None:
        return usual
    own = _read_map(path)
    kept = {name: value for name in own.model_fields_set if name != "columns" and (value := getattr(own, name))}
    return usual.model_copy(update={**kept, "columns": {**usual.columns, **own.columns}})


def _read_map(path: Path) -> ImportMap:
    try:
        found = ImportMap.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except OSError as cause:
        raise BadMap(f"{path.name} cannot be read: {cause.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as cause:
        raise BadMap(f"{path.name} is not YAML: {' '.join(str(cause).split())[:150]}") from None
    except ValidationError as cause:
        first = cause.errors()[0]
        raise BadMap(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if strange := sorted(set(found.columns) - set(FIELDS)):
        raise BadMap(f"{path.name}: columns: {strange[0]} is none of {', '.join(FIELDS)}")
    return found


@dataclass(frozen=True)
class Layout:
    """Which cell of a row is what: fields with their places, and columns that nothing was made of."""

    places: Mapping[str, int]
    unused: tuple[str, ...]

    def record(self, cells: Sequence[Any]) -> dict[str, Any]:
        """Gives the cells of a row by field."""
        count = len(cells)
        return {name: cells[place] for name, place in self.places.items() if place < count}


def read_export(path: Path, how: ImportMap, progress: Progress | None = None) -> tuple[Layout, Iterator[Row]]:
    """Opens a file and finds its header; rows come one at a time, so that any size will do.

    Raises:
        BadExport: it cannot be opened, is neither CSV nor XLSX, breaks off, or has no header with code and state.
    """
    rows = _workbook(path, how.sheet, progress) if _is_zip(path) else _csv(path, how.delimiter, progress)
    return _with_header(rows, how, path.name)


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as raw:
            start = raw.read(8)
    except OSError as cause:
        raise BadExport(f"{path.name} cannot be opened: {cause.strerror}") from None
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadExport(f"{path.name} is a workbook of the old kind (.xls) or encrypted: save it as .xlsx or CSV")
    return start.startswith(b"PK\x03\x04")


def _with_header(rows: Iterator[Row], how: ImportMap, name: str) -> tuple[Layout, Iterator[Row]]:
    # Reports put titles above the header; the first row that names both a code and a state is it.
    for number, cells in rows:
        if not isinstance(cells, BadRow):
            layout = _layout(cells, how)
            if {"code", "state"} <= layout.places.keys():
                return layout, rows
        if number >= _HEADER_WITHIN:
            break
    raise BadExport(
        f"{name} has no header with a code and a state in its first {_HEADER_WITHIN} rows: "
        "name its columns in a map (--map)"
    )


def _layout(cells: Sequence[Any], how: ImportMap) -> Layout:
    titles: dict[str, int] = {}
    for place, cell in enumerate(cells):
        titles.setdefault(_title(str(cell or "")), place)
    titles.pop("", None)
    places: dict[str, int] = {}
    for field_, names in how.columns.items():
        for title in map(_title, names):
            if title in titles:
                places[field_] = titles[title]
                break
    used = set(places.values())
    return Layout(places, tuple(str(c) for place, c in enumerate(cells) if c and place not in used))


@lru_cache(maxsize=1000)
def _title(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())


def _csv(path: Path, delimiter: str, progress: Progress | None) -> Iterator[Row]:
    size = path.stat().st_size
    with path.open("rb") as raw:
        start = raw.read(64_000)
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if wide else "utf-8-sig"
    head = start.decode(encoding, "ignore")
    if not head.strip():
        raise BadExport(f"{path.name} is empty")
    if head.lstrip().startswith("<"):
        raise BadExport(f"{path.name} is a web page and no export")
    # Bytes that are no text become halves of surrogate pairs, which refuse the cell they stand in.
    errors = "replace" if wide else "surrogateescape"
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter or _delimiter(head))
        number = 0
        while True:
            number += 1
            try:
                cells: Sequence[Any] | BadRow = next(reader)
            except StopIteration:
                break
            except csv.Error as cause:
                cells = BadRow(f"is no CSV ({cause})", number)
            if progress and number % _EVERY == 0:
                progress(min(raw.tell(), size), size)
            if cells:
                yield number, cells
    if progress:
        progress(size, size)


def _delimiter(head: str) -> str:
    lines = head.splitlines()[:_HEADER_WITHIN]
    return max(_DELIMITERS, key=lambda sign: max(line.count(sign) for line in lines))


def _workbook(path: Path, sheet: str, progress: Progress | None) -> Iterator[Row]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    broken = (InvalidFileException, zipfile.BadZipFile, KeyError, ParseError, EOFError, OSError, ValueError, TypeError)
    with warnings.catch_warnings():
        # Styles and validations that the library does not know are no matter here.
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except broken as cause:
            raise BadExport(f"{path.name} is no workbook that can be read ({type(cause).__name__})") from None
        try:
            if sheet and sheet not in book.sheetnames:
                raise BadExport(f"{path.name} has no sheet {sheet!r}; it has {', '.join(book.sheetnames)}")
            page = book[sheet] if sheet else book.worksheets[0]
            # Some writers note a wrong extent, which would cut the sheet off.
            total = page.max_row or 0
            page.reset_dimensions()
            number = 0
            for number, cells in enumerate(page.iter_rows(values_only=True), 1):
                if progress and number % _EVERY == 0:
                    progress(min(number, total), total)
                if any(cell is not None for cell in cells):
                    yield number, cells
            if progress:
                progress(number, number)
        except broken as cause:
            raise BadExport(f"{path.name} breaks off or is damaged ({type(cause).__name__})") from None
        finally:
            book.close()
