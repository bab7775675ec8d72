"""Exports of provinces: CSV and XLSX, whole or broken, once and again."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from actions.dossiers.errors import BadExport, BadMap, BadRow, SourceDown
from actions.dossiers.exports import ImportMap, load_map
from actions.dossiers.importing import ImportReport, import_export
from actions.dossiers.model import DossierState
from actions.dossiers.sample import load_samples
from actions.dossiers.sql_source import SqlDossiers
from actions.dossiers.tables import DossierImport, DossierRow
from motcua import database
from motcua.database import lock_for_writing
from motcua.settings import ROOT
from tests.actions.dossiers.conftest import CODE, KEY, KEYS, NOBODYS, OTHER, dossier

TITLES = ("Mã hồ sơ", "Trạng thái", "Người nộp", "Số điện thoại", "Ngày hẹn trả", "Số tiền phải nộp")
ROW = ("H49.18-261105-0001", "Đang xử lý", "Nguyễn Văn An", "0912344567", "27/11/2026", "150.000")
ROW_2 = ("H49.18-261020-0007", "Yêu cầu bổ sung giấy tờ", "Trần Thị Bình", "0912344567", "23/10/2026", "")

Import = Callable[..., ImportReport]


@pytest.fixture
def take(engine: Engine) -> Import:
    """Imports a file."""

    def one(path: Path, how: ImportMap | None = None, **more: Any) -> ImportReport:
        return import_export(engine, KEYS, path, how or load_map(), **more)

    return one


def as_csv(path: Path, *rows: Sequence[object], delimiter: str = ",", encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows(rows)
    return path


def as_xlsx(path: Path, *rows: Sequence[object]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return as_csv(tmp_path / "export.csv", TITLES, ROW, ROW_2)


def test_an_export_goes_in_and_again_is_nothing_new(take: Import, known: SqlDossiers, export: Path) -> None:
    first = take(export)
    assert (first.read, first.new, first.changed, first.unchanged, first.broken) == (2, 2, 0, 0, 0)
    assert (found := known.find(CODE)) and found.state is DossierState.PROCESSING and found.amount_due == 150_000
    assert found.opens_to(KEY, KEYS)
    again = take(export)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert known.find(NOBODYS) is None


def test_a_newer_export_updates(take: Import, known: SqlDossiers, export: Path, tmp_path: Path) -> None:
    take(export)
    told = take(as_csv(tmp_path / "next.csv", TITLES, (ROW[0], "Đã xử lý xong", *ROW[2:]), ROW_2))
    assert (told.new, told.changed, told.unchanged) == (0, 1, 1)
    assert (found := known.find(CODE)) and found.state is DossierState.FINISHED


def test_an_older_export_takes_nothing_back(take: Import, known: SqlDossiers, export: Path) -> None:
    take(export)
    known.remember(dossier(state=DossierState.RETURNED))
    told = take(export, as_of=datetime.now(UTC) - timedelta(days=1))
    assert told.older == 1
    assert (found := known.find(CODE)) and found.state is DossierState.RETURNED


def test_how_old_the_file_is_is_how_old_its_dossiers_are(take: Import, known: SqlDossiers, export: Path) -> None:
    written = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
    os.utime(export, (written.timestamp(), written.timestamp()))
    take(export)
    assert (found := known.find(CODE)) and found.as_of == written == known.known_until()


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), ("|", "utf-8")]
)
def test_files_come_with_any_separator_and_mark(take: Import, tmp_path: Path, delimiter: str, encoding: str) -> None:
    assert take(as_csv(tmp_path / "x.csv", TITLES, ROW, ROW_2, delimiter=delimiter, encoding=encoding)).new == 2


def test_a_workbook_with_titles_above_and_typed_cells_goes_in(take: Import, known: SqlDossiers, tmp_path: Path) -> None:
    day = datetime(2026, 11, 27)
    row = (ROW[0], "Đang xử lý", "Nguyễn Văn An", 912344567, day, 150000)
    path = as_xlsx(tmp_path / "x.xlsx", ("BÁO CÁO HỒ SƠ",), (), ("STT", *TITLES), (1, *row), (None,) * 7, (2, *ROW_2))
    told = take(path)
    assert (told.new, told.unused) == (2, ("STT",))
    assert (found := known.find(CODE)) and found.appointment_on == day.date() and found.amount_due == 150_000
    assert found.opens_to(KEY, KEYS)


def test_bad_rows_are_named_counted_and_do_not_stop_the_rest(take: Import, tmp_path: Path) -> None:
    bad = [
        ("không phải mã", *ROW[1:]),
        (ROW[0], "", *ROW[2:]),
        (*ROW[:4], "31/02/2026", ""),
        (*ROW[:5], "nhiều"),
        ROW[:1],
    ]
    told = take(as_csv(tmp_path / "x.csv", TITLES, ROW_2, *bad, ROW))
    assert (told.read, told.new, told.broken, told.is_clean) == (7, 2, 5, False)
    assert [(one.row, one.reason.split(":")[0]) for one in told.reasons] == [
        (3, "code"), (4, "state"), (5, "appointment_on"), (6, "amount_due"), (7, "state"),
    ]  # fmt: skip


def test_strictly_a_bad_row_stops_everything(take: Import, engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadRow, match="row 3: state"):
        take(as_csv(tmp_path / "x.csv", TITLES, ROW_2, (ROW[0], "")), strict=True)
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(DossierRow)) == 0


def test_bytes_that_are_no_text_refuse_their_row_alone(take: Import, tmp_path: Path) -> None:
    file = as_csv(tmp_path / "x.csv", TITLES, ROW, ROW_2, encoding="utf-8")
    file.write_bytes(file.read_bytes().replace("Nguyễn".encode(), b"Nguy\xff\xfen"))
    told = take(file)
    assert (told.new, told.broken, told.reasons[0].row) == (1, 1, 2)


def test_a_state_nobody_knows_goes_in_as_unknown_and_is_told(take: Import, known: SqlDossiers, tmp_path: Path) -> None:
    told = take(as_csv(tmp_path / "x.csv", TITLES, (ROW[0], "Chờ ký số", *ROW[2:])))
    assert dict(told.unknown_states) == {"Chờ ký số": 1} and not told.is_clean
    assert (found := known.find(CODE)) and found.state is DossierState.UNKNOWN and found.state_text == "Chờ ký số"


def test_of_a_code_that_comes_twice_the_latest_state_counts(take: Import, known: SqlDossiers, tmp_path: Path) -> None:
    titles = (*TITLES, "Thời gian cập nhật")
    late, early = (*ROW, "10/11/2026"), (ROW[0], "Được tiếp nhận", *ROW[2:], "06/11/2026")
    told = take(as_csv(tmp_path / "x.csv", titles, late, early, (*ROW_2, "")))
    assert (told.new, told.repeated) == (2, 1)
    assert (found := known.find(CODE)) and found.state is DossierState.PROCESSING


def test_dossiers_that_nobody_can_ask_for_are_counted(take: Import, tmp_path: Path) -> None:
    assert take(as_csv(tmp_path / "x.csv", TITLES, (*ROW[:3], "", "", ""), ROW_2)).without_key == 1


def test_real_dossiers_take_the_samples_out(take: Import, engine: Engine, known: SqlDossiers, export: Path) -> None:
    load_samples(engine, KEYS)
    take(as_csv(export, TITLES, ROW_2))
    assert known.find(CODE) is None and known.find(OTHER)
    with Session(engine) as session:
        assert set(session.scalars(select(DossierImport.origin))) == {"import"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<html><body>login</body></html>", "web page"),
        (b"a,b\n1,2\n", "no header"),
        (b"PK\x03\x04 not a workbook", "no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old kind"),
    ],
)
def test_what_is_no_export_is_said_in_one_line(take: Import, tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "x.dat"
    file.write_bytes(content)
    with pytest.raises(BadExport, match=says):
        take(file)


def test_a_workbook_that_breaks_off_leaves_nothing(take: Import, engine: Engine, tmp_path: Path) -> None:
    file = as_xlsx(tmp_path / "x.xlsx", TITLES, *[ROW] * 500)
    file.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(BadExport):
        take(file)
    with pytest.raises(BadExport):
        take(tmp_path / "none.csv")


def test_a_map_names_other_columns_and_states(take: Import, known: SqlDossiers, tmp_path: Path) -> None:
    table = tmp_path / "map.yaml"
    table.write_text("columns: {code: [Dossier No], state: [Step]}\nstates: {SIGNED: 9}\n", encoding="utf-8")
    told = take(as_csv(tmp_path / "x.csv", ("Dossier No", "Step", "SĐT"), (ROW[0], "signed", "4567")), load_map(table))
    assert told.is_clean and (found := known.find(CODE)) and found.state is DossierState.FINISHED


@pytest.mark.parametrize(
    "content", ["columns: {colour: [x]}", "colums: {}", "- a", "states: {x: many}", "a: [", "delimiter: ab"]
)
def test_a_map_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    table = tmp_path / "map.yaml"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(BadMap):
        load_map(table)
    with pytest.raises(BadMap):
        load_map(tmp_path / "none.yaml")


def test_two_imports_at_once_come_one_after_the_other(take: Import, known: SqlDossiers, export: Path) -> None:
    told: list[ImportReport] = []
    threads = [threading.Thread(target=lambda: told.append(take(export))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(one.new for one in told) == [0, 0, 2]


def test_somebody_who_goes_on_writing_is_named(
    take: Import, engine: Engine, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_LOCK_TIMEOUT_S", 1)
    with Session(engine) as session:
        lock_for_writing(session, DossierRow.__tablename__)
        with pytest.raises(SourceDown, match="somebody else"):
            take(export)
    assert take(export).new == 2


def test_an_import_that_is_killed_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """Killed at many moments, of which the last ones lie in the writing."""
    rows = [(f"H49.{n % 90 + 1:02d}-2601{n // 9000 + 1:02d}-{n // 90 % 100 + 1:04d}", *ROW[1:]) for n in range(18_000)]
    export = as_csv(tmp_path / "x.csv", TITLES, *rows)
    environment = {**os.environ, "MOTCUA_HOME": str(tmp_path / "home"), "MOTCUA_DATABASE_URL": ""}
    command = [sys.executable, "-m", "motcua.cli", "dossier", "import", str(export), "--json"]
    subprocess.run([*command[:3], "db", "upgrade"], cwd=ROOT, env=environment, check=True, capture_output=True)
    began = time.monotonic()
    held = set()
    for wait in (1.5, 2.5, 3.5):
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        counted = subprocess.run(
            [sys.executable, "-c", _COUNT, str(tmp_path / "home" / "motcua.db")],
            capture_output=True,
            text=True,
            check=True,
        )
        held.add(int(counted.stdout))
    assert held <= {0, len(rows)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 200


_COUNT = (
    "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM dossier').fetchone()[0])"
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=7), max_size=6))
def test_any_cells_are_taken_or_refused(tmp_path: Path, cells: list[list[str]]) -> None:
    from actions.dossiers.exports import read_export
    from actions.dossiers.reading import RecordReader

    text = "\n".join(",".join(row) for row in [list(TITLES), *cells])
    file = tmp_path / "x.csv"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    layout, rows = read_export(file, load_map())
    for number, row in rows:
        assert number > 1
        if not isinstance(row, BadRow):
            try:
                RecordReader(KEYS).read(layout.record(row), as_of=datetime.now(UTC))
            except BadRow as bad:
                assert bad.reason
