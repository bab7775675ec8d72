"""Tables of counters as staff write them: CSV or XLSX, one row a counter, taken whole or not at all."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import yaml

from knowledge.counters.errors import BadCounters
from knowledge.counters.hours import read_spans
from knowledge.counters.model import Counter, Span
from nlu.text import clean, fold

MOST_ROWS: Final = 20_000

_COLUMNS = Path(__file__).with_name("columns.yaml")
_MOST_BYTES = 20_000_000
_HEADER_WITHIN = 20
_DELIMITERS = ",;\t|"
_NEEDED = ("centre", "name")
_LONGEST: Mapping[str, int] = {"centre": 200, "name": 120, "address": 300, "serves": 4000, "days_off": 4000}
_BETWEEN = re.compile(r"[;\n|]")
_BETWEEN_DAYS = re.compile(r"[;,\n|]|\s+")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")

_Row = tuple[int, Sequence[Any]]


def read_counters(path: Path) -> list[Counter]:
    """Reads a table of counters.

    Raises:
        BadCounters: it cannot be read, has no header with centre and counter, or rows at fault; `faults` names each.
    """
    rows = _workbook(path) if _is_workbook(path) else _csv(path)
    at, places = _header(rows, path.name)
    counters: list[Counter] = []
    faults: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in rows[at:]:
        record = {name: cells[place] for name, place in places.items() if place < len(cells)}
        if not any(_text(value) for value in record.values()):
            continue
        counter, wrong = _counter(record)
        if (
            counter is not None
            and (first := seen.setdefault((fold(counter.centre), fold(counter.name)), number)) != number
        ):
            wrong = [f"counter: the same centre and counter stand in row {first}"]
        faults += [f"row {number}: {one}" for one in wrong]
        if counter is not None and not wrong:
            counters.append(counter)
    if faults:
        raise BadCounters(f"{path.name}: {len(faults)} faults, nothing has gone in; the first: {faults[0]}", faults)
    if not counters:
        raise BadCounters(f"{path.name} has no counters below its header")
    return counters


def _counter(record: Mapping[str, Any]) -> tuple[Counter | None, list[str]]:
    wrong: list[str] = []
    texts = {}
    for name, longest in _LONGEST.items():
        texts[name] = _text(record.get(name))
        if len(texts[name]) > longest:
            wrong.append(f"{name}: is longer than {longest} characters")
    wrong += [f"{name}: is empty" for name in _NEEDED if not texts[name]]
    capacity = _whole(record, "capacity", 100, 1, 5000, wrong)
    minutes = _whole(record, "slot_minutes", 15, 1, 480, wrong)
    places = _whole(record, "slot_places", 1, 0, 100, wrong)
    week = _week(record, wrong)
    days_off = _days(record.get("days_off"), wrong)
    if not week and not any(one.startswith(("weekdays", "hours")) for one in wrong):
        wrong.append("hours: the counter is never open")
    if wrong:
        return None, wrong
    return Counter(
        centre=texts["centre"],
        name=texts["name"],
        serves=tuple(dict.fromkeys(filter(None, (part.strip(" .") for part in _BETWEEN.split(texts["serves"]))))),
        capacity=capacity,
        week=week,
        slot_minutes=minutes,
        slot_places=places,
        days_off=days_off,
        address=texts["address"],
    ), []


def _week(record: Mapping[str, Any], wrong: list[str]) -> dict[int, tuple[Span, ...]]:
    usual = _spans(record.get("weekdays"), "weekdays", wrong)
    week: dict[int, tuple[Span, ...]] = {}
    for day in range(7):
        own = record.get(str(day))
        spans = _spans(own, f"hours of {_DAYS[day]}", wrong) if _text(own) else usual if day < 5 else ()
        if spans:
            week[day] = spans
    return week


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _spans(value: Any, name: str, wrong: list[str]) -> tuple[Span, ...]:
    try:
        return read_spans(_text(value))
    except ValueError as cause:
        wrong.append(f"{name}: {cause}")
        return ()


def _days(value: Any, wrong: list[str]) -> frozenset[date]:
    if isinstance(value, datetime):
        return frozenset({value.date()})
    found = set()
    for part in filter(None, _BETWEEN_DAYS.split(_text(value))):
        try:
            written = _DAY.fullmatch(part)
            day = date(*(int(n) for n in reversed(written.groups()))) if written else date.fromisoformat(part)
        except ValueError:
            wrong.append(f"days_off: {part[:20]!r} is no day such as 02/09/2026")
            continue
        found.add(day)
    return frozenset(found)


def _whole(record: Mapping[str, Any], name: str, usual: int, least: int, most: int, wrong: list[str]) -> int:
    written = _text(record.get(name))
    if not written:
        return usual
    if not (written.isascii() and written.isdigit() and len(written) < 8 and least <= int(written) <= most):
        wrong.append(f"{name}: is no whole number from {least} to {most}")
        return usual
    return int(written)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    lines = (" ".join(clean(line).split()) for line in str(value).splitlines())
    return "\n".join(line for line in lines if line)


@cache
def _names() -> dict[str, str]:
    """Gives the field that each title means."""
    table: dict[str, list[str]] = yaml.safe_load(_COLUMNS.read_text(encoding="utf-8"))
    return {_title(title): field for field, titles in table.items() for title in titles}


def _title(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())


def _header(rows: list[_Row], name: str) -> tuple[int, dict[str, int]]:
    for at, (_, cells) in enumerate(rows[:_HEADER_WITHIN], 1):
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            if field := _names().get(_title(_text(cell))):
                places.setdefault(field, place)
        if all(needed in places for needed in _NEEDED):
            return at, places
    raise BadCounters(
        f"{name} has no header with the columns 'Trung tâm' and 'Quầy' in its first {_HEADER_WITHIN} rows"
    )


def _is_workbook(path: Path) -> bool:
    try:
        with path.open("rb") as raw:
            start = raw.read(8)
        if path.stat().st_size > _MOST_BYTES:
            raise BadCounters(f"{path.name} is too large for a table of counters")
    except OSError as cause:
        raise BadCounters(f"{path.name} cannot be opened: {cause.strerror}") from None
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadCounters(f"{path.name} is a workbook of the old kind (.xls) or encrypted: save it as .xlsx or CSV")
    return start.startswith(b"PK\x03\x04")


def _csv(path: Path) -> list[_Row]:
    raw = path.read_bytes()
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        content = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadCounters(f"{path.name} is not UTF-8: save it as 'CSV UTF-8'") from None
    head = content.splitlines()[:_HEADER_WITHIN]
    delimiter = max(_DELIMITERS, key=lambda sign: max((line.count(sign) for line in head), default=0))
    try:
        rows: list[_Row] = list(
            enumerate(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True), 1)
        )
    except csv.Error as cause:
        raise BadCounters(f"{path.name} is no CSV ({cause})") from None
    return _not_too_many(rows, path)


def _workbook(path: Path) -> list[_Row]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    broken = (InvalidFileException, zipfile.BadZipFile, KeyError, ParseError, EOFError, OSError, ValueError, TypeError)
    with warnings.catch_warnings():
        # Styles and validations that the library does not know are no matter here.
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except broken as cause:
            raise BadCounters(f"{path.name} is no workbook that can be read ({type(cause).__name__})") from None
        try:
            page = book.worksheets[0]
            page.reset_dimensions()
            rows: list[_Row] = []
            for number, cells in enumerate(page.iter_rows(values_only=True), 1):
                rows.append((number, cells))
                if number > MOST_ROWS:
                    break
        except (*broken, IndexError) as cause:
            raise BadCounters(f"{path.name} breaks off or is damaged ({type(cause).__name__})") from None
        finally:
            book.close()
    return _not_too_many(rows, path)


def _not_too_many(rows: list[_Row], path: Path) -> list[_Row]:
    if len(rows) > MOST_ROWS:
        raise BadCounters(f"{path.name} has more than {MOST_ROWS} rows")
    return rows
