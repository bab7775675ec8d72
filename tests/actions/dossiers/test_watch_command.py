"""`motcua dossier watch` as it runs: a process of its own, beside the gateway's database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from actions.dossiers.following import open_followers
from actions.dossiers.importing import ImportReport, write_dossiers
from actions.dossiers.model import Dossier, DossierState
from channels.tables import ChatSession
from motcua.database import open_database, upgrade
from motcua.settings import ROOT, Settings
from tests.actions.dossiers.conftest import CODE, dossier

ANN = "a" * 32


def command(home: Path, *arguments: str, **more: str) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MOTCUA_")} | {
        "MOTCUA_HOME": str(home),
        "MOTCUA_FOLLOWING_QUIET_FROM": "0",
        "MOTCUA_FOLLOWING_QUIET_UNTIL": "0",
        "MOTCUA_FOLLOWING_INTERVAL": "1",
        **more,
    }
    return {"args": [sys.executable, "-m", "motcua.cli", "dossier", "watch", *arguments], "env": environment}


def write(engine: Engine, one: Dossier) -> None:
    write_dossiers(engine, [(1, one)], ImportReport("test", datetime.now(UTC)), origin="import")


@pytest.fixture
def followed(tmp_path: Path) -> Engine:
    """A database in which a web visitor follows a dossier that then changed."""
    config = Settings(home=tmp_path)
    upgrade(config.database)
    engine = open_database(config.database)
    now = datetime.now(UTC)
    row = {"id": ANN, "token_sha256": "", "created_at": now, "expires_at": now + timedelta(days=1)}
    with engine.begin() as connection:
        connection.execute(insert(ChatSession).values(row))
    write(engine, dossier())
    assert open_followers(config, engine).follow(ANN, dossier(), said="báo tôi khi xong")
    write(engine, dossier(state=DossierState.SUPPLEMENT_NEEDED))
    return engine


def in_history(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [row[0] for row in connection.execute(text("SELECT replies FROM chat_message ORDER BY number"))]


def test_one_look_tells_what_changed_and_a_second_nothing(followed: Engine, tmp_path: Path) -> None:
    for made in (1, 0):
        done = subprocess.run(
            **command(tmp_path, "--once", "--json"), cwd=ROOT, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["made"], told["sent"], told["problem"]) == (made, made, "")
        assert CODE.value not in done.stderr + done.stdout and ANN not in done.stderr + done.stdout
    (notice,) = in_history(followed)
    assert "cần bổ sung giấy tờ" in notice


def test_killed_and_started_again_it_goes_on_and_it_stops_when_told(followed: Engine, tmp_path: Path) -> None:
    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(**command(tmp_path), cwd=ROOT, stderr=subprocess.PIPE, text=True)

    def wait_for(number: int) -> None:
        deadline = time.monotonic() + 60
        while len(in_history(followed)) < number:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    first = start()
    wait_for(1)
    first.kill()
    first.communicate(timeout=10)
    write(followed, dossier(state=DossierState.PROCESSING))
    second = start()
    wait_for(2)
    time.sleep(1.5)
    second.send_signal(signal.SIGTERM)
    _, said = second.communicate(timeout=20)
    assert (second.returncode, len(in_history(followed))) == (0, 2), said


def test_a_source_that_is_not_described_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        **command(tmp_path, "--once", MOTCUA_DOSSIER_SOURCE="http"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2 and "MOTCUA_DOSSIER_URL must be set" in done.stderr
    assert "Traceback" not in done.stderr
