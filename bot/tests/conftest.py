"""What the bot's tests share: a trained model, and a running Rasa with an actions server beside it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.quiet import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "token-of-the-tests"
# Before any test imports Rasa.
os.environ.update(ENVIRONMENT)


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of the present files, trained now if need be."""
    done = subprocess.run(
        [sys.executable, "bot/train.py"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return Path(done.stdout.splitlines()[-1])


@dataclass
class Actions:
    """An actions server: answers with what it was asked, or misbehaves as told."""

    server: ThreadingHTTPServer
    calls: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    delay_s: float = 0.0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server.server_address[1])


@pytest.fixture(scope="session")
def _actions() -> Iterator[Actions]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            actions.calls.append(call)
            actions.headers.append({name.lower(): value for name, value in self.headers.items()})
            time.sleep(actions.delay_s)
            reply = {"kind": "answer", "text": f"{call['next_action']} says"}
            body = json.dumps({"events": [], "responses": [{"custom": reply}]}).encode()
            self.send_response(actions.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    actions = Actions(server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield actions
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def actions(_actions: Actions) -> Actions:
    """The actions server, behaving well and having heard nothing."""
    _actions.calls.clear()
    _actions.headers.clear()
    _actions.status, _actions.delay_s = 200, 0.0
    return _actions


@dataclass
class Bot:
    """A running Rasa."""

    port: int
    log: Path

    def send(
        self, path: str, body: bytes | None = None, token: str | None = TOKEN, method: str = "POST"
    ) -> tuple[int, str, Any]:
        """Sends a request to the channel; gives status, content type and the body, read if it is JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        whole = path if path.startswith("/") else f"/webhooks/gateway/{path}"
        connection.request(method, whole, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        kind = answer.getheader("Content-Type") or ""
        return answer.status, kind, json.loads(content) if "json" in kind else content

    def say(self, sender: str, message: str, **more: Any) -> tuple[int, str, Any]:
        """Says something in a conversation."""
        return self.send("webhook", json.dumps({"sender": sender, "message": message, **more}).encode())


@pytest.fixture(scope="session")
def bot(model: Path, _actions: Actions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """Rasa as `motcua run` starts it, on a free port with a database of its own."""
    folder = tmp_path_factory.mktemp("bot")
    log = folder / "rasa.log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = bot_environment(_actions.port, folder / "conversations.db")
    with log.open("wb") as out:
        process = subprocess.Popen(
            bot_command(model, port), cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            running = Bot(port, log)
            _wait(process, running)
            yield running
        finally:
            process.terminate()
            process.wait(20)


def bot_command(model: Path, port: int) -> list[str]:
    """The command that starts Rasa."""
    return [
        sys.executable,
        "-m",
        "rasa",
        "run",
        "--model",
        str(model),
        "--interface",
        "127.0.0.1",
        "--port",
        str(port),
        "--endpoints",
        "bot/endpoints.yml",
        "--credentials",
        "bot/credentials.yml",
    ]


def bot_environment(actions_port: int, database: Path) -> dict[str, str]:
    """The environment that it is started in."""
    return {
        **os.environ,
        "LOG_LEVEL": "INFO",
        "MOTCUA_INTERNAL_TOKEN": TOKEN,
        "MOTCUA_ACTIONS_PORT": str(actions_port),
        "MOTCUA_TRACKER_URL": f"sqlite:///{database}",
    }


def _wait(process: subprocess.Popen[bytes], running: Bot) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, running.log.read_text(encoding="utf-8")[-2000:]
        try:
            if running.send("", token=None, method="GET")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("Rasa was not ready within two minutes")
