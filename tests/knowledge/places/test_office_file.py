from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.places.errors import BadOffices
from knowledge.places.gazetteer import Gazetteer
from knowledge.places.office_file import _SAMPLE, read_offices, write_template
from tests.knowledge.places.conftest import HCM

HEADER = ["Tên trung tâm", "Tỉnh/thành phố", "Xã/phường", "Địa chỉ", "Giờ làm việc", "Điện thoại", "Vĩ độ", "Kinh độ"]
GOOD = ["TT Bến Thành", "TP HCM", "Phường Bến Thành", "Số 1", "7:30 – 17:00", "028 3000 0000", "10.7721", "106.6983"]


def sheet(folder: Path, *rows: list[Any], header: list[str] | None = HEADER) -> Path:
    path = folder / "offices.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([header, *rows] if header else rows)
    return path


def faults_of(path: Path, gazetteer: Gazetteer) -> tuple[str, ...]:
    with pytest.raises(BadOffices, match="nothing has gone in") as refused:
        read_offices(path, gazetteer)
    return refused.value.faults


def test_a_row_becomes_an_office(tmp_path: Path, coded: Gazetteer) -> None:
    (office,) = read_offices(sheet(tmp_path, GOOD), coded)
    assert (office.name, office.province, office.commune_code) == ("TT Bến Thành", HCM, "26743")
    assert (office.hours, office.phone, office.point) == ("7:30 – 17:00", "028 3000 0000", (10.7721, 106.6983))


def test_a_workbook_is_read_like_a_csv(tmp_path: Path, coded: Gazetteer) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Danh sách trung tâm phục vụ hành chính công"])
    page.append([None])
    page.append(HEADER)
    page.append([*GOOD[:5], 2830000000, 10.7721, 106.6983])
    book.save(tmp_path / "offices.xlsx")
    (office,) = read_offices(tmp_path / "offices.xlsx", coded)
    assert (office.phone, office.point) == ("2830000000", (10.7721, 106.6983))


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ";"), ("utf-16", "\t"), ("utf-8-sig", ",")])
def test_files_as_office_programs_write_them_are_read(
    tmp_path: Path, coded: Gazetteer, encoding: str, delimiter: str
) -> None:
    path = tmp_path / "o.csv"
    path.write_text("\r\n".join(delimiter.join(row) for row in (HEADER, GOOD)), encoding=encoding)
    assert len(read_offices(path, coded)) == 1


def test_decimal_commas_and_missing_points_are_read(tmp_path: Path, coded: Gazetteer) -> None:
    rows = [[*GOOD[:6], "10,7721", "106,6983"], ["TT hai", *GOOD[1:6], "", ""]]
    first, second = read_offices(sheet(tmp_path, *rows), coded)
    assert first.point == (10.7721, 106.6983) and second.point is None


def test_a_centre_of_the_whole_province_has_no_commune(tmp_path: Path, coded: Gazetteer) -> None:
    (office,) = read_offices(sheet(tmp_path, ["TT tỉnh", "Tỉnh Bình Dương", "", "Số 2", "", "", "", ""]), coded)
    assert (office.province, office.commune, office.commune_code) == (HCM, "", "")


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [
        (0, "", "row 2: name is empty"),
        (0, "T" * 201, "row 2: name is longer than 200"),
        (1, "", "row 2: province is empty"),
        (1, "Tỉnh Nào Đó", "row 2: province: 'Tỉnh Nào Đó' is none of the 34"),
        (1, "Phường Bến Thành", "is none of the 34"),
        (2, "Phường Không Có", f"row 2: commune: 'Phường Không Có' is no commune of {HCM}"),
        (2, "Phường Đa Kao", "several communes today (Phường Sài Gòn, Phường Tân Định)"),
        (3, "", "row 2: address is empty"),
        (3, _SAMPLE["address"], "sample line"),
        (5, "gọi tổng đài", "is no telephone number"),
        (6, "", "both, as decimal degrees"),
        (6, "mười", "both, as decimal degrees"),
        (6, "nan", "do not lie in Vietnam"),
        (6, "51.5", "do not lie in Vietnam"),
    ],
)
def test_a_row_at_fault_is_named_with_what_is_wrong(
    tmp_path: Path, coded: Gazetteer, at: int, value: str, reason: str
) -> None:
    (fault,) = faults_of(sheet(tmp_path, [*GOOD[:at], value, *GOOD[at + 1 :]]), coded)
    assert reason in fault


def test_swapped_degrees_are_told(tmp_path: Path, coded: Gazetteer) -> None:
    (fault,) = faults_of(sheet(tmp_path, [*GOOD[:6], "106.6983", "10.7721"]), coded)
    assert "each other's place" in fault


def test_every_fault_is_told_and_nothing_is_given(tmp_path: Path, coded: Gazetteer) -> None:
    rows = [GOOD, ["", *GOOD[1:]], [], GOOD, ["x", "y", *GOOD[2:]]]
    faults = faults_of(sheet(tmp_path, *rows), coded)
    assert [fault.partition(":")[0] for fault in faults] == ["row 3", "row 5", "row 6"]
    assert "row 5: the same centre stands in row 2" in faults


def test_an_old_name_that_became_one_commune_is_taken(tmp_path: Path, bare: Gazetteer) -> None:
    (office,) = read_offices(sheet(tmp_path, ["TT", "TP HCM", "Phường 12, quận Gò Vấp", "Số 3"]), bare)
    assert office.commune == "Phường An Hội Tây"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has no row with the titles"),
        (b"a,b,c\n1,2,3\n", "has no row with the titles"),
        (b"\xd0\xcf\x11\xe0rest", "old kind"),
        (b"PK\x03\x04rest", "no workbook that can be read"),
        ("Tên;Tỉnh;Địa chỉ".encode("cp1258", "replace"), "not in UTF-8"),
        (b'Name,Province,Address\n"x', "is no CSV"),
        (b"Name,Province,Address\n", "lists no service centre"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_one_line(
    tmp_path: Path, coded: Gazetteer, content: bytes, reason: str
) -> None:
    path = tmp_path / "offices.csv"
    path.write_bytes(content)
    with pytest.raises(BadOffices, match=reason) as refused:
        read_offices(path, coded)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path, coded: Gazetteer) -> None:
    with pytest.raises(BadOffices, match=r"none\.csv cannot be opened"):
        read_offices(tmp_path / "none.csv", coded)


def test_the_template_is_read_but_for_its_sample(tmp_path: Path, coded: Gazetteer) -> None:
    path = tmp_path / "offices.csv"
    write_template(path)
    assert "sample line" in faults_of(path, coded)[0]
    text = path.read_text(encoding="utf-8-sig").replace(_SAMPLE["address"], "Số 5")
    path.write_text(text, encoding="utf-8-sig")
    assert len(read_offices(path, coded)) == 1


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=20), min_size=8, max_size=8), max_size=3))
def test_no_cell_breaks_the_reading(tmp_path: Path, coded: Gazetteer, rows: list[list[str]]) -> None:
    path = sheet(tmp_path, GOOD)
    with path.open("a", encoding="utf-8", newline="", errors="replace") as out:
        csv.writer(out).writerows(rows)
    try:
        assert read_offices(path, coded)
    except BadOffices as cause:
        assert str(cause)
