from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

from channels.console import accounts, passwords
from motcua.database import open_database
from motcua.settings import ROOT
from tests.motcua.test_cli import motcua, one_line

PASSWORD = "nước chảy đá mòn 7"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with one account, lan, the administrator."""
    home = tmp_path_factory.mktemp("lived-in")
    add(home, "lan", "administrator")
    return home


def add(home: Path, name: str, *roles: str) -> str:
    options = [part for role in roles for part in ("--role", role)]
    done = motcua(home, "staff", "add", name, *options)
    assert done.returncode == 0, done.stderr
    [code] = re.findall(r"\b[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}\b", done.stdout)
    return code


def test_help_lists_the_commands(home: Path) -> None:
    for group, commands in {"staff": ("add", "list", "reset", "disable", "enable"), "audit": ("verify",)}.items():
        done = motcua(home, group, "--help")
        assert done.returncode == 0 and all(command in done.stdout for command in commands)


def test_the_first_administrator_is_made_with_a_one_time_code_and_listed(home: Path) -> None:
    empty = motcua(home, "staff", "list")
    assert empty.returncode == 0 and "motcua staff add" in empty.stdout
    code = add(home, "lan", "administrator", "editor")
    listed = json.loads(motcua(home, "staff", "list", "--json").stdout)
    assert [(row["name"], row["roles"], row["password"]) for row in listed] == [
        ("lan", ["administrator", "editor"], False)
    ]
    assert code.replace("-", "").encode() not in (home / "motcua.db").read_bytes()
    verified = motcua(home, "audit", "verify")
    assert verified.returncode == 0 and "1 rows, nothing wrong" in verified.stdout


def test_accounts_are_reset_disabled_and_enabled(home: Path) -> None:
    first = add(home, "lan", "administrator")
    add(home, "hoa", "editor")
    reset = motcua(home, "staff", "reset", "lan", "--second-factor")
    assert reset.returncode == 0 and first not in reset.stdout
    assert motcua(home, "staff", "disable", "hoa").returncode == 0
    assert "disabled" in motcua(home, "staff", "list").stdout
    assert motcua(home, "staff", "enable", "hoa").returncode == 0
    rows = json.loads(motcua(home, "audit", "verify", "--json").stdout)
    assert rows["rows"] == 5 and rows["faults"] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "lan", "--role", "editor"), "already"),
        (("add", "Nguyễn Lan", "--role", "editor"), "lower-case"),
        (("disable", "lan"), "last administrator"),
        (("reset", "nobody"), "no account nobody"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(lived_in: Path, arguments: tuple[str, ...], told: str) -> None:
    done = motcua(lived_in, "staff", *arguments)
    assert done.returncode == 2 and told in one_line(done)


@pytest.mark.parametrize(
    "arguments",
    [
        ("staff", "add", "lan"),
        ("staff", "add", "lan", "--role", "king"),
        ("staff", "add", "lan", "--role", "editor", "--password", "x"),
        ("audit", "verify", "--noted", "7"),
    ],
)
def test_wrong_use_ends_with_exit_code_2(home: Path, arguments: tuple[str, ...]) -> None:
    done = motcua(home, *arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_a_first_password_is_asked_for_at_the_terminal_and_must_be_changed(home: Path) -> None:
    # A hidden question needs a terminal.
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MOTCUA_")} | {"MOTCUA_HOME": str(home)}
    command = [sys.executable, "-m", "motcua.cli", "staff", "add", "lan", "--role", "administrator", "--ask-password"]
    asked = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    said, answered = "", 0
    while select.select([ours], [], [], 120)[0]:
        try:
            said += os.read(ours, 4096).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            break
        # The question, and then the question again.
        if said.count(": ") > answered and answered < 2:
            answered += 1
            os.write(ours, f"{PASSWORD}\n".encode())
    os.close(ours)
    assert asked.wait(60) == 0, said
    assert PASSWORD not in said and "must be changed" in said
    engine = open_database(f"sqlite:///{home / 'motcua.db'}")
    with engine.connect() as connection:
        account = accounts.find(connection, "lan")
        assert account is not None and account.has_password
        assert passwords.is_right(accounts.password_hash(connection, account.id), PASSWORD)
        assert connection.exec_driver_sql("SELECT must_change FROM staff").scalar_one()
    engine.dispose()


def test_a_changed_row_of_the_audit_log_is_found(home: Path) -> None:
    add(home, "lan", "administrator")
    add(home, "hoa", "editor")
    noted = motcua(home, "audit", "verify").stdout.split()[-1]
    assert motcua(home, "audit", "verify", "--noted", noted).returncode == 0
    engine = open_database(f"sqlite:///{home / 'motcua.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_row_no_update")
        connection.exec_driver_sql("UPDATE audit_row SET about = 'staff:ba' WHERE number = 2")
    engine.dispose()
    done = motcua(home, "audit", "verify", "--json")
    assert done.returncode == 1
    assert [(fault["row"], fault["kind"]) for fault in json.loads(done.stdout)["faults"]] == [(2, "changed")]
    told = motcua(home, "audit", "verify")
    assert told.returncode == 1 and "row 2 is not as it was written" in told.stderr
