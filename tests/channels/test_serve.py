"""The gateway as a process: how it starts, and how it says that it cannot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from motcua.database import upgrade
from motcua.settings import ROOT


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, port: int, **changes: str) -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith("MOTCUA_")}
    return ours | {"MOTCUA_HOME": str(home), "MOTCUA_PORT": str(port)} | changes


def run(home: Path, port: int, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "channels.serve"],
        cwd=ROOT,
        env=environment(home, port, **changes),
        capture_output=True,
        text=True,
        timeout=60,
    )


def refused_in_one_sentence(ended: subprocess.CompletedProcess[str], *words: str) -> bool:
    assert ended.returncode == 2, ended.stderr
    [line] = [line for line in ended.stderr.splitlines() if line.startswith("gateway: ")]
    assert "Traceback" not in ended.stderr
    return all(word in line for word in words)


@pytest.fixture
def taken() -> Iterator[int]:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_told(tmp_path: Path, taken: int) -> None:
    assert refused_in_one_sentence(run(tmp_path, taken), str(taken), "is taken", "MOTCUA_PORT")


def test_a_database_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "motcua.db").write_bytes(b"this is no database, however long one looks at it" * 50)
    assert refused_in_one_sentence(run(tmp_path, free_port()), "database")


def test_a_database_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/motcua"
    assert refused_in_one_sentence(run(tmp_path, free_port(), MOTCUA_DATABASE_URL=url), "database")


def test_a_database_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'motcua.db'}")
    url = f"sqlite:///file:{tmp_path / 'motcua.db'}?mode=ro&uri=true"
    assert refused_in_one_sentence(
        run(tmp_path, free_port(), MOTCUA_DATABASE_URL=url), "database", "readonly"
    )


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused_in_one_sentence(run(tmp_path / "file", free_port()), "database")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("MOTCUA_SESSION_HOURS", "many"),
        ("MOTCUA_RATE_PER_SESSION", "often"),
        ("MOTCUA_RATE_STORAGE", "nowhere://"),
        ("MOTCUA_TRUSTED_PROXIES", "everybody"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, setting: str, value: str) -> None:
    assert refused_in_one_sentence(run(tmp_path, free_port(), **{setting: value}), setting)


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "channels.serve"],
        cwd=ROOT,
        env=environment(tmp_path, port),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            while True:
                try:
                    assert http.get("/healthz").status_code == 200
                    break
                except httpx.ConnectError:
                    assert process.poll() is None and time.monotonic() < deadline
                    time.sleep(0.05)
            assert http.post("/api/v1/chat/sessions").status_code == 201
            answer = http.get("/")
            assert answer.status_code == 200 and "server" not in answer.headers
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=15)
    finally:
        process.kill()
        process.wait()
    # uvicorn raises the signal again when it has ended its work.
    assert process.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in said
