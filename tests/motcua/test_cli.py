from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from motcua.settings import ROOT

RECORD = {
    "code": "1.900001",
    "name": "Cấp giấy phép nuôi chim yến",
    "field": "Chăn nuôi",
    "kind": "TTHC tiêu chuẩn (do bộ, ngành công bố)",
    "level": ["Cấp xã"],
    "methods": [{"channel": "Trực tiếp", "duration": "4 ngày làm việc", "fees": []}],
}


def motcua(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MOTCUA_")}
    environment |= {"MOTCUA_HOME": str(home), **settings}
    command = [sys.executable, "-m", "motcua.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if line.startswith("motcua: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "records.jsonl"
    good = json.dumps(RECORD, ensure_ascii=False)
    file.write_text(f"{good}\n{{broken\n", encoding="utf-8")
    return file


def test_an_import_names_the_broken_line_takes_the_rest_and_says_so_in_the_exit_code(
    tmp_path: Path, lines: Path
) -> None:
    done = motcua(tmp_path / "home", "catalogue", "import", str(lines))
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "1 new" in done.stdout


def test_what_was_imported_can_be_counted_and_exported(tmp_path: Path, lines: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "out.jsonl.gz"
    motcua(home, "catalogue", "import", str(lines))
    counted = motcua(home, "catalogue", "stats", "--json")
    assert counted.returncode == 0
    assert json.loads(counted.stdout)
    exported = motcua(home, "catalogue", "export", str(out))
    assert exported.returncode == 0
    again = motcua(home, "catalogue", "import", str(out))
    assert "0 new, 0 changed, 1 unchanged, 0 broken" in again.stdout


def test_curated_records_are_proved_against_a_file(tmp_path: Path, lines: Path) -> None:
    done = motcua(tmp_path / "home", "catalogue", "check", "--against", str(lines), "--folder", str(tmp_path / "none"))
    assert "0 curated records" in done.stdout


def test_a_missing_encoder_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    done = motcua(tmp_path / "home", "search", "khai sinh")
    assert done.returncode == 2
    assert "motcua encoder build" in one_line(done)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    done = motcua(tmp_path / "home", "catalogue", "import", str(tmp_path / "none.jsonl"))
    assert done.returncode in (1, 2)
    assert "none.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_cannot_be_used_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    done = motcua(tmp_path, "db", "upgrade", MOTCUA_DATABASE_URL="sqlite:////proc/no/such/folder/x.db")
    assert done.returncode == 2
    one_line(done)


def test_a_setting_of_the_wrong_kind_is_named(tmp_path: Path) -> None:
    done = motcua(tmp_path, "db", "upgrade", MOTCUA_PORT="eighty")
    assert done.returncode == 2
    assert "MOTCUA_PORT" in one_line(done)


@pytest.mark.parametrize("arguments", [("search",), ("catalogue", "import"), ("nonsense",), ("search", "-k", "0", "x")])
def test_wrong_use_ends_with_exit_code_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = motcua(tmp_path, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_help_lists_the_commands(tmp_path: Path) -> None:
    done = motcua(tmp_path, "--help")
    assert done.returncode == 0
    for command in ("run", "chat", "ask", "search", "catalogue", "index", "encoder", "evaluate", "bench", "doctor"):
        assert command in done.stdout


def test_questions_that_cannot_be_read_are_named_by_line(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"id": "a", "question": "x", "gold": []}\nnot json\n', encoding="utf-8")
    done = motcua(tmp_path / "home", "evaluate", "search", str(file))
    assert done.returncode == 2
    assert "line 2" in one_line(done)
