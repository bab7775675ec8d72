"""`motcua places` as it is typed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from motcua import cli
from motcua.settings import settings

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def motcua(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs a command in a home of its own; gives exit code, what it printed, and what it complained of."""
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path / "home"))
    settings.cache_clear()

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["motcua", "places", *arguments])
        code = cli.main()
        return code, *capsys.readouterr()

    yield run
    settings.cache_clear()


def test_units_and_offices_are_brought_in_and_found(motcua: Run, tmp_path: Path, units_file: Path) -> None:
    code, said, _ = motcua("import", str(units_file))
    assert code == 1 and "2 provinces and 7 communes are in force" in said and "are not found any more" in said
    offices = tmp_path / "offices.csv"
    offices.write_text("Tên,Tỉnh,Xã,Địa chỉ\nTT Bến Thành,TP HCM,Phường Bến Thành,Số 1\n", encoding="utf-8")
    assert motcua("offices", "import", str(offices)) == (
        0, "service centres: 1 now, 0 before; 0 with latitude and longitude\n", "",
    )  # fmt: skip
    found = json.loads(motcua("find", "bến thành q1", "--json")[1])
    assert [place["code"] for place in found["places"]] == ["26743"]
    assert [one["office"]["name"] for one in found["offices"]] == ["TT Bến Thành"]
    assert motcua("find", "phường Đa Kao")[1].startswith(
        "Phường Sài Gòn, Thành phố Hồ Chí Minh 26740 (Phường Đa Kao, Quận 1, Thành phố Hồ Chí Minh)"
    )


def test_what_names_no_place_is_told_by_the_exit_code(motcua: Run) -> None:
    assert motcua("find", "lệ phí") == (1, "", "no place is named\n")


def test_rows_at_fault_are_named_and_nothing_goes_in(motcua: Run, tmp_path: Path) -> None:
    offices = tmp_path / "offices.csv"
    offices.write_text("Tên,Tỉnh,Địa chỉ\nTT,Tỉnh Nào,Số 1\nTT,TP HCM,Số 1\n", encoding="utf-8")
    assert motcua("offices", "import", str(offices)) == (
        2,
        "",
        "offices.csv: row 2: province: 'Tỉnh Nào' is none of the 34\n"
        "motcua: offices.csv: 1 row cannot be taken, so nothing has gone in\n",
    )


def test_a_template_is_written(motcua: Run, tmp_path: Path) -> None:
    target = tmp_path / "template.csv"
    assert motcua("offices", "template", str(target))[0] == 0
    assert target.read_text(encoding="utf-8-sig").startswith("Tên trung tâm,Tỉnh/thành phố,Xã/phường,Địa chỉ")


def test_a_missing_file_is_one_line(motcua: Run, tmp_path: Path) -> None:
    code, said, complaint = motcua("import", str(tmp_path / "none.json"))
    assert (code, said, complaint) == (2, "", "motcua: none.json cannot be read: No such file or directory\n")
