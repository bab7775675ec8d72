"""`motcua run`: checks, prepares, starts the three servers and keeps them alive.

The supervisor itself stays small: whatever needs the libraries of the rooms runs in a process of its own,
which gives its memory back. Only the gateway can be reached from outside; Rasa and the actions server listen
on loopback and ask for a token that is new at every start.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from motcua import preflight
from motcua.children import Child, ChildSpec, Log, Pace, Tell
from motcua.errors import CannotStart
from motcua.settings import ROOT, Settings

WARM_UP = "làm giấy khai sinh cho con cần giấy tờ gì"
SLOW_START_S = 120.0
"""After this the operator is told what is still missing; the waiting goes on."""

Specs = Callable[[Settings, str], Sequence[ChildSpec]]
"""Says what to start, given the settings and the internal token."""


def run(
    settings: Settings,
    console: Console | None = None,
    specs: Specs | None = None,
    preparation: Callable[[Settings], None] | None = None,
) -> int:
    """Runs the assistant until it is told to stop (Ctrl-C, SIGTERM).

    Args:
        settings: the settings in force.
        console: where the operator is told how it goes.
        specs: what to start; None means `children`.
        preparation: makes what is missing; None means `prepare`.

    Returns:
        The exit code: 0 after a clean stop, 2 when it cannot be started (one line says why).
    """
    console = console or Console()
    began = time.monotonic()
    try:
        problem = preflight.folder_problem(settings.home)
        if problem:
            raise CannotStart(problem)
        with preflight.only_one(settings.home):
            preflight.check(settings)
            (preparation or prepare)(settings)
            return asyncio.run(_serve(settings, console, specs or children, began))
    except CannotStart as stop:
        if str(stop):
            print(f"motcua: {stop}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        console.print("Stopped before the start was complete.", highlight=False)
        return 2


def prepare(settings: Settings) -> None:
    """Has everything made that is missing, by `motcua prepare`, which says itself how it goes.

    Raises:
        CannotStart: it failed; the message is empty because the reason has been said.
    """
    environment = {**os.environ, "MOTCUA_HOME": str(settings.home.resolve())}
    done = subprocess.run([sys.executable, "-m", "motcua.cli", "prepare"], env=environment)
    if done.returncode != 0:
        raise CannotStart("")


def children(settings: Settings, token: str) -> list[ChildSpec]:
    """Says how the three servers are started, and the watcher of followed dossiers where that is on.

    Raises:
        CannotStart: there is no trained model.
    """
    environment = {
        **os.environ,
        "MOTCUA_HOME": str(settings.home.resolve()),
        "MOTCUA_INTERNAL_TOKEN": token,
        "PYTHONUNBUFFERED": "1",
    }
    watch = (sys.executable, "-m", "motcua.cli", "dossier", "watch")
    watcher = ChildSpec(name="watcher", command=watch, health="", environment=environment)
    return [
        rasa(settings, environment),
        ChildSpec(
            name="actions",
            command=(sys.executable, "-m", "actions.serve"),
            health=f"http://{preflight.LOOPBACK}:{settings.actions_port}/health",
            environment=environment,
        ),
        ChildSpec(
            name="gateway",
            command=(sys.executable, "-m", "channels.serve"),
            health=f"{gateway_url(settings)}/healthz",
            environment=environment,
        ),
        *([watcher] if settings.following else []),
    ]


def rasa(settings: Settings, environment: Mapping[str, str]) -> ChildSpec:
    """Says how Rasa is started: from its own environment, with the model that fits the bot's files.

    Raises:
        CannotStart: that model is not there and cannot be trained.
    """
    python = str(settings.bot_python)
    # Prints the model's path; trains only when the preparation has not.
    find = [python, "bot/train.py", "--models", str(settings.models_folder.resolve())]
    found = subprocess.run(find, cwd=ROOT, capture_output=True, text=True)
    if found.returncode != 0:
        reason = (found.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise CannotStart(f"the bot has no model ({reason}): run `motcua prepare`")
    model = found.stdout.strip().splitlines()[-1]
    address = ("--interface", preflight.LOOPBACK, "--port", str(settings.rasa_port))
    files = ("--credentials", "bot/credentials.yml", "--endpoints", "bot/endpoints.yml")
    return ChildSpec(
        name="rasa",
        command=(python, "-m", "rasa", "run", "--model", model, *address, *files),
        health=f"http://{preflight.LOOPBACK}:{settings.rasa_port}/webhooks/gateway/",
        environment={
            **environment,
            "MOTCUA_ACTIONS_PORT": str(settings.actions_port),
            "MOTCUA_TRACKER_URL": tracker_url(settings),
            "RASA_TELEMETRY_ENABLED": "false",
            "RASA_CACHE_DIRECTORY": str(settings.cache_folder.resolve() / "rasa"),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        },
        folder=ROOT,
    )


def tracker_url(settings: Settings) -> str:
    """Gives the database of Rasa's conversations: a file of their own, or the server that is set.

    Rasa lives with another SQLAlchemy and another PostgreSQL driver, so the driver's name is left out.
    """
    if not settings.database_url or settings.database_url.startswith("sqlite"):
        return f"sqlite:///{settings.home.resolve() / 'conversations.db'}"
    scheme, _, rest = settings.database_url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"


def gateway_url(settings: Settings) -> str:
    """Gives the gateway's address as seen from this machine."""
    everywhere = {"0.0.0.0": preflight.LOOPBACK, "": preflight.LOOPBACK, "::": "::1"}
    host = everywhere.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def shown_url(settings: Settings) -> str:
    """Gives the address that a person opens."""
    if settings.host in {"", "0.0.0.0", "::", "::1", preflight.LOOPBACK}:
        return f"http://localhost:{settings.port}"
    return gateway_url(settings)


async def _serve(settings: Settings, console: Console, specs: Specs, began: float) -> int:
    stop = asyncio.Event()
    hurry = asyncio.Event()

    def told_to_stop() -> None:
        (hurry if stop.is_set() else stop).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told_to_stop)

    def tell(line: str) -> None:
        console.print(f"{time.strftime('%H:%M:%S')} {line}", highlight=False, markup=False, soft_wrap=True)

    token = settings.internal_token.get_secret_value() or secrets.token_urlsafe(32)
    kept = await keep_all(specs(settings, token), settings.home / "log", tell)
    starting = asyncio.create_task(_welcome(kept, settings, console, tell, began))
    try:
        await stop.wait()
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        console.print("Stopping …", highlight=False)
        await kept.stop(hurry)
    console.print("Motcua has stopped.", highlight=False)
    return 0


@dataclass(frozen=True)
class Kept:
    """The children that are kept, and the tasks that keep them."""

    children: tuple[Child, ...]
    tasks: tuple[asyncio.Task[None], ...]
    logs: tuple[Log, ...]

    async def ready(self) -> None:
        """Waits until every child is ready."""
        await asyncio.gather(*(child.ready.wait() for child in self.children))

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Stops every child at once and waits for their end.

        Args:
            hurry: when it is set, whoever still runs is killed.
        """
        stopping = asyncio.create_task(self._stop_all())
        hurried = asyncio.create_task((hurry or asyncio.Event()).wait())
        await asyncio.wait((stopping, hurried), return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            for child in self.children:
                child.kill()
        hurried.cancel()
        await asyncio.gather(stopping, hurried, *self.tasks, return_exceptions=True)
        for log in self.logs:
            log.close()

    async def _stop_all(self) -> None:
        await asyncio.gather(*(child.stop() for child in self.children))


async def keep_all(specs: Sequence[ChildSpec], logs: Path, tell: Tell, pace: Pace | None = None) -> Kept:
    """Starts children side by side and keeps them alive.

    Args:
        specs: what to start.
        logs: folder for `<name>.log`.
        tell: says a line to the operator.
        pace: how patient to be.
    """
    files = tuple(Log(logs / f"{spec.name}.log") for spec in specs)
    kept = tuple(Child(spec, file, tell, pace) for spec, file in zip(specs, files, strict=True))
    return Kept(kept, tuple(asyncio.create_task(child.keep()) for child in kept), files)


async def _welcome(kept: Kept, settings: Settings, console: Console, tell: Tell, began: float) -> None:
    """Waits until all are ready, asks a first question and says that people may come."""
    waiting = asyncio.create_task(kept.ready())
    moving = console.status("Starting …") if console.is_terminal else contextlib.nullcontext()
    told = False
    try:
        with moving as status:
            while not waiting.done():
                await asyncio.wait({waiting}, timeout=0.5)
                absent = [child.spec.name for child in kept.children if not child.ready.is_set()]
                if status is not None:
                    status.update(f"Starting: waiting for {', '.join(absent) or 'a first answer'}")
                if absent and not told and time.monotonic() - began > SLOW_START_S:
                    told = True
                    tell(f"Still waiting for {', '.join(absent)}; the logs are in {settings.home / 'log'}")
            problem = await warm_up(gateway_url(settings))
    finally:
        waiting.cancel()
    if problem:
        tell(f"The first question, asked as a test, was not answered: {problem}")
    seconds = time.monotonic() - began
    ready = f"Motcua is ready: {shown_url(settings)} ({seconds:.0f} s). Ctrl-C stops it."
    console.print(ready, highlight=False, markup=False, soft_wrap=True)


async def warm_up(gateway: str, tries: int = 3, pause: float = 1.0) -> str:
    """Asks one question through the gateway, so that the first person does not wait for what loads lazily.

    Args:
        gateway: its address.
        tries: how often to ask before giving up.
        pause: seconds in between.

    Returns:
        What was wrong; empty when it was answered.
    """
    problem = ""
    async with httpx.AsyncClient(base_url=f"{gateway}/api/v1/chat", timeout=30.0, trust_env=False) as client:
        for attempt in range(tries):
            if attempt:
                await asyncio.sleep(pause)
            try:
                session = await client.post("/sessions")
                session.raise_for_status()
                headers = {"Authorization": f"Bearer {session.json()['token']}"}
                question = {"text": WARM_UP, "client_message_id": str(uuid.uuid4())}
                answer = await client.post("/messages", json=question, headers=headers)
                await client.delete("/sessions/current", headers=headers)
                answer.raise_for_status()
                if answer.json()["replies"]:
                    return ""
                problem = "the answer was empty"
            except httpx.HTTPStatusError as cause:
                problem = f"HTTP {cause.response.status_code} from {cause.request.url.path}"
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as cause:
                problem = str(cause) or type(cause).__name__
    return problem
