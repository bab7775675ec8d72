"""A tiny server process, for whoever keeps processes alive.

`python server_process.py PORT [--die-after S] [--slow S] [--deaf-to-term] [--grandchild FILE]`: answers 200
to GET on every path, and as much of the chat API as a first question needs; says when it starts.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Always healthy."""

    def do_GET(self) -> None:
        self._answer(200, {"status": "ready"})

    def do_DELETE(self) -> None:
        self._answer(200, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/chat/sessions"):
            self._answer(201, {"session_id": "s", "token": "t", "expires_at": "2030-01-01T00:00:00Z"})
        elif self.headers.get("Authorization") == "Bearer t":
            print("asked:", json.loads(body)["text"], flush=True)
            self._answer(200, {"message_id": "m", "replies": [{"kind": "answer", "text": "x"}]})
        else:
            self._answer(401, {})

    def _answer(self, status: int, body: dict[str, object]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def main() -> None:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--die-after", type=float)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--deaf-to-term", action="store_true")
    parser.add_argument("--grandchild", type=Path)
    asked = parser.parse_args()
    print(f"started as {os.getpid()}", flush=True)
    if asked.deaf_to_term:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if asked.grandchild:
        child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
        asked.grandchild.write_text(str(child.pid))
    if asked.die_after is not None:

        def die() -> None:
            time.sleep(asked.die_after)
            print("out of cheese", flush=True)
            os._exit(3)

        threading.Thread(target=die, daemon=True).start()
    time.sleep(asked.slow)
    ThreadingHTTPServer(("127.0.0.1", asked.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
