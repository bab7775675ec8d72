"""`motcua dossier` as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from motcua.settings import ROOT


def motcua(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MOTCUA_")} | {"MOTCUA_HOME": str(home)}
    command = [sys.executable, "-m", "motcua.cli", "dossier", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "export.csv"
    lines = ["Mã hồ sơ,Trạng thái,SĐT", "H49.18-261105-0001,Đang xử lý,0912344567", "mã gì đó,Đang xử lý,0912344567"]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_an_import_names_the_bad_row_takes_the_rest_and_says_so_in_the_exit_code(tmp_path: Path, export: Path) -> None:
    done = motcua(tmp_path / "home", "import", str(export))
    assert done.returncode == 1, done.stderr
    assert "row 3: code: is no dossier code" in done.stderr
    assert "1 new" in done.stdout and "1 bad rows" in done.stdout
    assert "mã gì đó" not in done.stderr + done.stdout and "261105" not in done.stderr + done.stdout


def test_a_program_can_read_what_an_import_did(tmp_path: Path, export: Path) -> None:
    told = json.loads(motcua(tmp_path / "home", "import", str(export), "--json", "--as-of", "2026-11-20 02:00").stdout)
    assert (told["new"], told["broken"], told["reasons"]) == (1, 1, [{"row": 3, "reason": "code: is no dossier code"}])
    assert told["as_of"] == "2026-11-20T02:00:00+07:00"


def test_strictly_nothing_goes_in(tmp_path: Path, export: Path) -> None:
    done = motcua(tmp_path / "home", "import", str(export), "--strict")
    assert (done.returncode, done.stderr.strip().splitlines()[-1]) == (2, "motcua: row 3: code: is no dossier code")


def test_a_missing_file_and_a_bad_map_are_one_line(tmp_path: Path, export: Path) -> None:
    for arguments in ((str(tmp_path / "none.csv"),), (str(export), "--map", str(export))):
        done = motcua(tmp_path / "home", "import", *arguments)
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert len([line for line in done.stderr.splitlines() if line.startswith("motcua: ")]) == 1


def test_the_days_off_of_a_year_are_listed(tmp_path: Path) -> None:
    listed = motcua(tmp_path, "days", "2026")
    assert "2026-09-02 Wed closed Quốc khánh" in listed.stdout
    assert {"day": "2026-08-22", "open": True} in [
        {name: entry[name] for name in ("day", "open")}
        for entry in json.loads(motcua(tmp_path, "days", "2026", "--json").stdout)
    ]


def test_a_broken_table_of_days_off_is_named(tmp_path: Path) -> None:
    (tmp_path / "days-off.yaml").write_text("closed: {2026-02-31: x}", encoding="utf-8")
    done = motcua(tmp_path, "days", "2026")
    assert done.returncode == 2 and "days-off.yaml" in done.stderr
