"""`motcua counters` as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text

from channels.tables import ChatSession
from knowledge.counters.book import CounterBook
from knowledge.counters.hours import Timetable
from knowledge.counters.model import Person
from knowledge.counters.tickets import Queues
from motcua.database import open_database, upgrade
from motcua.settings import ROOT, Settings
from tests.knowledge.counters.conftest import Holidays, counter

ANN = "a" * 32
ALWAYS = {day: ((0, 1440),) for day in range(7)}


def command(home: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MOTCUA_")} | {"MOTCUA_HOME": str(home)}
    return [sys.executable, "-m", "motcua.cli", "counters", *arguments], environment


def motcua(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line, environment = command(home, *arguments)
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def test_a_bare_clone_has_a_centre_to_try_until_a_table_is_imported(tmp_path: Path) -> None:
    listed = json.loads(motcua(tmp_path / "home", "list", "--json").stdout)
    assert [row["sample"] for row in listed] == [True, True]
    file = tmp_path / "counters.csv"
    file.write_text("Trung tâm,Quầy,Ngày thường\nTrung tâm xã Mây,Quầy 1,8-11\n", encoding="utf-8")
    done = motcua(tmp_path / "home", "import", str(file))
    assert (done.returncode, done.stdout) == (0, "1 new, 0 changed, 0 unchanged, 2 ended\n"), done.stderr
    assert [row["name"] for row in json.loads(motcua(tmp_path / "home", "list", "--json").stdout)] == ["Quầy 1"]


def test_with_a_row_at_fault_nothing_goes_in(tmp_path: Path) -> None:
    file = tmp_path / "counters.csv"
    file.write_text("Trung tâm,Quầy,Ngày thường\nA,Quầy 1,8-11\nA,Quầy 2,25-26\n", encoding="utf-8")
    done = motcua(tmp_path / "home", "import", str(file))
    assert done.returncode == 1 and "row 3: weekdays" in done.stderr and "nothing has gone in" in done.stderr
    file.write_text("nonsense", encoding="utf-8")
    done = motcua(tmp_path / "home", "import", str(file))
    assert done.returncode == 2 and "no header" in done.stderr and "Traceback" not in done.stderr


@pytest.fixture
def waiting(tmp_path: Path) -> Engine:
    """A database with a counter that is always open, at which a web visitor waits as the second."""
    url = Settings(home=tmp_path).database
    upgrade(url)
    engine = open_database(url)
    now = datetime.now(UTC)
    row = {"id": ANN, "token_sha256": "", "created_at": now, "expires_at": now + timedelta(days=1)}
    with engine.begin() as connection:
        connection.execute(insert(ChatSession).values(row))
    CounterBook(engine).replace([counter(week=ALWAYS)])
    queues = Queues(engine, Timetable(Holidays()))
    for account in ("b" * 32, ANN):
        queues.take(Person(account), 1)
    return engine


def told(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM chat_message")).scalar() or 0


def test_next_moves_the_queue_and_says_who_is_to_be_told(waiting: Engine, tmp_path: Path) -> None:
    done = motcua(tmp_path, "next", "1", "--seen", "0", "--json")
    assert json.loads(done.stdout) == {"called": 1, "finished": 0, "to_tell": [2]}, done.stderr
    again = motcua(tmp_path, "next", "1", "--seen", "0")
    assert again.returncode == 1 and "another number is at the counter" in again.stderr
    assert "called 2" in motcua(tmp_path, "next", "1", "--absent").stdout
    none = motcua(tmp_path, "next", "99")
    assert none.returncode == 2 and "no counter 99" in none.stderr and "Traceback" not in none.stderr


def test_killed_and_started_again_the_teller_tells_once_and_stops_when_told(waiting: Engine, tmp_path: Path) -> None:
    line, environment = command(tmp_path, "tell")
    Queues(waiting, Timetable(Holidays())).next(1)
    first = subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not told(waiting):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    first.kill()
    first.communicate(timeout=20)
    done = motcua(tmp_path, "tell", "--once", "--json")
    # Killed between the message and its mark it is given again under its id, and stands there once all the same.
    assert done.returncode == 0 and told(waiting) == 1
    second = subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    second.send_signal(signal.SIGTERM)
    _, said = second.communicate(timeout=60)
    assert told(waiting) == 1
    assert ANN not in said
