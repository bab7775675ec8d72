"""The terminal client: the same chat API, for whoever tries the assistant without a browser."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
from pydantic import TypeAdapter
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from channels import wording
from motcua.reply import Choice, Reply

_PATIENCE_S = 15.0
_QUIT = {"/thoát", "/thoat", "/quit", "/exit"}
_REPLIES = TypeAdapter(list[Reply])


class _Problem(Exception):
    """A refusal of the gateway, in its own words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def chat(url: str, console: Console | None = None, transport: httpx.BaseTransport | None = None) -> int:
    """Talks with the assistant until `/thoát`, the end of the input or Ctrl-C.

    Args:
        url: root of the gateway, such as `http://127.0.0.1:8080`.
        console: where to print and read; the terminal by default.
        transport: replaces the network, for tests.

    Returns:
        0 when the person left, 2 when the gateway does not run.
    """
    screen = console or Console()
    says = wording.terminal()
    with httpx.Client(base_url=url, timeout=_PATIENCE_S, transport=transport, trust_env=False) as http:
        try:
            _Talk(screen, http).run()
        except httpx.TransportError:
            screen.print(says["not_running"].format(url=url), markup=False, highlight=False)
            return 2
        except _Problem as problem:
            screen.print(str(problem), style="red", markup=False, highlight=False)
            return 2
    return 0


class _Talk:
    def __init__(self, screen: Console, http: httpx.Client) -> None:
        self._screen = screen
        self._http = http
        self._says = wording.terminal()
        self._offered: tuple[Choice, ...] = ()
        # What could not be delivered, under its id: sent again by a bare Enter.
        self._undelivered: dict[str, str] = {}

    def run(self) -> None:
        self._open()
        self._print(self._says["welcome"], style="bold")
        while True:
            try:
                line = self._screen.input(Text(self._says["prompt"], style="bold cyan")).strip()
            except (EOFError, KeyboardInterrupt):
                line = "/thoát"
            if line.lower() in _QUIT:
                self._print(self._says["goodbye"])
                return
            message = self._read(line)
            try:
                replies = self._send(message)
            except _Problem as problem:
                self._undelivered = message
                self._print(f"{problem} {self._says['retry']}", style="red")
                continue
            self._undelivered = {}
            for reply in replies:
                self._show(reply)
            self._offered = tuple(c for reply in replies for c in reply.choices)

    def _read(self, line: str) -> dict[str, str]:
        if not line and self._undelivered:
            return self._undelivered
        message_id = secrets.token_hex(16)
        if line.isdecimal() and 1 <= int(line) <= len(self._offered):
            return {"client_message_id": message_id, "payload": self._offered[int(line) - 1].payload}
        return {"client_message_id": message_id, "text": line}

    def _open(self) -> None:
        token = self._ask("POST", "/api/v1/chat/sessions")["token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def _send(self, message: dict[str, str]) -> list[Reply]:
        try:
            answer = self._ask("POST", "/api/v1/chat/messages", json=message)
        except _Problem as problem:
            if problem.status != httpx.codes.UNAUTHORIZED:
                raise
            self._open()
            answer = self._ask("POST", "/api/v1/chat/messages", json=message)
        return _REPLIES.validate_python(answer["replies"])

    def _ask(self, method: str, path: str, **content: Any) -> Any:
        answer = self._http.request(method, path, **content)
        if answer.is_success:
            return answer.json()
        try:
            problem = answer.json()
            words = f"{problem['detail']} {problem['next']}"
        except (ValueError, KeyError, TypeError):
            words = f"HTTP {answer.status_code}"
        raise _Problem(answer.status_code, words)

    def _show(self, reply: Reply) -> None:
        body = Text(reply.text)
        if reply.receipt:
            body.append(f"\n{self._says['receipt']}: {reply.receipt}", style="dim")
        self._screen.print(Panel(body, title=self._says["assistant"], title_align="left"))
        told = {line.strip() for line in reply.text.splitlines()}
        for number, choice in enumerate(reply.choices, 1):
            if (line := f"{number}. {choice.title}") not in told:
                self._print(f"  {line}", style="cyan")

    def _print(self, text: str, style: str = "") -> None:
        self._screen.print(Text(text, style=style))
