"""Tables of counters: what is read, what is refused, and that nothing is half-imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from knowledge.counters.book import CounterBook, Replaced
from knowledge.counters.counter_file import read_counters
from knowledge.counters.errors import BadCounters
from knowledge.counters.sample import sample_counters
from tests.knowledge.counters.conftest import WEEKDAYS, Hall, counter, person

HEADER = ["Trung tâm", "Quầy", "Phục vụ", "Số lượt mỗi ngày", "Ngày thường", "Thứ Bảy", "Phút mỗi lượt", "Ngày nghỉ"]
ROW = [
    "Trung tâm xã Mây",
    "Quầy 1",
    "Hộ tịch; 1.001193",
    "60",
    "7:30-11:30; 13h30-17h",
    "7:30-11:00",
    "20",
    "02/01/2027",
]

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def one(*rows: list[Any], name: str = "counters.csv", delimiter: str = ",", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if path.suffix == ".xlsx":
            book = openpyxl.Workbook()
            page = book.worksheets[0]
            for row in rows:
                page.append(row)
            book.save(path)
            return path
        content = io.StringIO(newline="")
        csv.writer(content, delimiter=delimiter).writerows(rows)
        path.write_bytes(content.getvalue().encode(encoding))
        return path

    return one


@pytest.mark.parametrize(
    "how",
    [
        {"name": "counters.xlsx"},
        {"delimiter": ";"},
        {"delimiter": "\t", "encoding": "utf-16"},
        {"encoding": "utf-8-sig"},
    ],
)
def test_a_table_is_read_as_it_is_written(write: Write, how: dict[str, str]) -> None:
    (read,) = read_counters(write(["Danh sách quầy"], HEADER, ROW, [""] * 8, **how))
    assert read == counter(
        centre="Trung tâm xã Mây",
        serves=("Hộ tịch", "1.001193"),
        capacity=60,
        week={**WEEKDAYS, 5: ((450, 660),)},
        slot_minutes=20,
        days_off=frozenset({date(2027, 1, 2)}),
    )


def test_a_weekday_of_its_own_goes_before_the_usual_hours(write: Write) -> None:
    (read,) = read_counters(
        write(["Trung tâm", "Quầy", "Ngày thường", "Thứ 4", "T6"], ["A", "B", "8-11", "nghỉ", "8-12"])
    )
    assert read.week == {0: ((480, 660),), 1: ((480, 660),), 3: ((480, 660),), 4: ((480, 720),)}


def test_cells_of_a_workbook_may_be_numbers_and_days(write: Write) -> None:
    header = ["Trung tâm", "Quầy", "Ngày thường", "Số lượt mỗi ngày", "Ngày nghỉ"]
    (read,) = read_counters(write(header, ["A", "B", "8-11", 40.0, datetime(2027, 1, 2)], name="x.xlsx"))
    assert (read.capacity, read.days_off) == (40, frozenset({date(2027, 1, 2)}))


def test_every_row_at_fault_is_named(write: Write) -> None:
    rows = [
        ["", "Quầy 1", "", "60", "8-11", "", "15", ""],
        ["A", "Quầy 2", "", "viele", "11-8", "", "0", "31/02/2027"],
        ["A", "Quầy 3", "", "", "", "", "", ""],
        ["A", "Quầy 4", "", "", "8-11", "", "", ""],
        ["a", "QUẦY 4", "", "", "8-11", "", "", ""],
    ]
    with pytest.raises(BadCounters) as refusal:
        read_counters(write(HEADER, *rows))
    assert list(refusal.value.faults) == [
        "row 2: centre: is empty",
        "row 3: capacity: is no whole number from 1 to 5000",
        "row 3: slot_minutes: is no whole number from 1 to 480",
        "row 3: weekdays: '11-8' is no span of a day",
        "row 3: days_off: '31/02/2027' is no day such as 02/09/2026",
        "row 4: hours: the counter is never open",
        "row 6: counter: the same centre and counter stand in row 5",
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no header"),
        (b"a,b\n1,2\n", "no header"),
        ("Trung tâm,Quầy\n".encode(), "no counters below"),
        (b"\xd0\xcf\x11\xe0old", "old kind"),
        (b"PK\x03\x04broken", "no workbook"),
        ("Trung tâm,Quầy\nXã".encode("cp1258", "replace") + b"\xff\xfe\xfa", "not UTF-8"),
        ('Trung tâm,Quầy\n"A'.encode(), "no CSV"),
    ],
)
def test_what_is_no_table_of_counters_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(BadCounters, match=why):
        read_counters(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadCounters, match="cannot be opened"):
        read_counters(tmp_path / "none.csv")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(st.text(max_size=12), min_size=8, max_size=8), max_size=4))
def test_any_cells_at_all_are_counters_or_named_faults(write: Write, rows: list[list[str]]) -> None:
    lines = [[cell.encode("utf-8", "ignore").decode() for cell in row] for row in rows]
    try:
        read = read_counters(write(HEADER, ROW, *lines))
    except BadCounters as refusal:
        assert str(refusal)
        return
    assert read[0].name == "Quầy 1" and all(one.week and one.capacity for one in read)


class TestTheBook:
    def test_an_import_takes_the_place_of_what_was_there(self, engine: Engine) -> None:
        book = CounterBook(engine)
        assert book.replace([counter("Quầy 1"), counter("Quầy 2")]) == Replaced(new=2)
        assert book.replace([counter("Quầy 2", capacity=5), counter("Quầy 3")]) == Replaced(1, 1, 0, 1)
        assert [(one.name, one.capacity) for one in book.counters()] == [("Quầy 2", 5), ("Quầy 3", 100)]
        assert book.replace([counter("Quầy 2", capacity=5), counter("Quầy 3")]) == Replaced(unchanged=2)

    def test_a_counter_is_kept_as_it_was_described(self, engine: Engine) -> None:
        book = CounterBook(engine)
        described = counter(
            serves=("Hộ tịch",), days_off=frozenset({date(2027, 1, 2)}), address="Số 1", slot_places=3, slot_minutes=10
        )
        book.replace([described])
        (kept,) = book.counters()
        assert kept.id and {**vars_of(kept), "id": 0} == vars_of(described)

    def test_its_queue_outlives_an_import_and_its_own_end(self, hall: Hall) -> None:
        first = hall.first
        hall.take(1, 2)
        hall.book.replace([counter(capacity=7), counter("Quầy 2")])
        assert (hall.first, hall.take(3)) == (first, [3])
        hall.book.replace([counter("Quầy 2")])
        assert hall.queues.held_by(person(1))[0].before == 0
        hall.queues.next(first)
        hall.book.replace([counter(), counter("Quầy 2")])
        assert (hall.first, hall.take(4)) == (first, [4])

    def test_the_made_up_centre_is_there_only_where_nothing_has_ever_been(self, engine: Engine) -> None:
        book = CounterBook(engine)
        assert book.fill_if_empty(sample_counters()) and not book.fill_if_empty(sample_counters())
        assert len(book.counters()) == 2 and all(one.is_sample and one.week for one in book.counters())
        book.replace([counter()])
        assert not book.fill_if_empty(sample_counters())
        assert [one.is_sample for one in book.counters()] == [False]


def vars_of(described: Any) -> dict[str, Any]:
    return {name: getattr(described, name) for name in described.__slots__}
