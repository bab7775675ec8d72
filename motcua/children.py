"""A child process that is kept alive: started, watched, started again when it dies, stopped cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

import httpx

_LAUNCH = Path(__file__).with_name("launch.py")
Tell = Callable[[str], None]
"""Says a line to the operator."""

_LONGEST_LINE = 64 * 1024  # bytes; a longer one is cut into pieces


@dataclass(frozen=True)
class ChildSpec:
    """What to start, and how to see that it is ready.

    Attributes:
        name: "actions", "rasa", "gateway", "watcher"; also the name of its log.
        command: program and arguments.
        health: URL that answers with 2xx once the child can work; empty for one that serves nothing, which is ready
            as long as it runs.
        environment: the whole environment it gets.
        folder: where it is started; None means here.
    """

    name: str
    command: tuple[str, ...]
    health: str
    environment: Mapping[str, str]
    folder: Path | None = None


@dataclass(frozen=True)
class Pace:
    """How patient to be; all in seconds but `loop`.

    Attributes:
        first: wait before the first restart; doubled at each death in a row.
        longest: longest wait before a restart.
        steady: a child that lived so long starts its count of deaths anew.
        loop: deaths in a row that are called a crash loop.
        poll: between two looks for readiness.
        check: between two looks at a ready child.
        answer: time a child gets to answer such a look.
        deaf: a ready child that answers nothing for so long is started again.
        stop: time a child gets to stop by itself.
    """

    first: float = 1.0
    longest: float = 30.0
    steady: float = 60.0
    loop: int = 5
    poll: float = 0.25
    check: float = 15.0
    answer: float = 5.0
    deaf: float = 120.0
    stop: float = 8.0


class Log:
    """A file of lines that turns over by itself and never stops its writer."""

    def __init__(self, path: Path, size: int = 5_000_000, kept: int = 3) -> None:
        """Opens it.

        Args:
            path: the file; older ones get ".1", ".2"…
            size: bytes after which it turns over.
            kept: how many older ones stay.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._handler = _Quiet(path, maxBytes=size, backupCount=kept, encoding="utf-8", errors="replace")

    def write(self, line: str) -> None:
        """Adds a line; a full disk loses it."""
        self._handler.emit(logging.makeLogRecord({"msg": "%s", "args": (line,)}))

    def close(self) -> None:
        """Closes the file."""
        self._handler.close()


class _Quiet(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """Drops the line: a log that cannot be written must not take the assistant down."""
        # With the file goes what its buffer holds; the next line opens it again.
        self._drop()

    def close(self) -> None:
        self._drop()
        super().close()

    def _drop(self) -> None:
        stream, self.stream = self.stream, None
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


class Child:
    """One kept child.

    `ready` is set while it answers its health URL.
    """

    def __init__(self, spec: ChildSpec, log: Log, tell: Tell, pace: Pace | None = None) -> None:
        """Starts nothing yet.

        Args:
            spec: what to start.
            log: where its output goes.
            tell: says a line to the operator.
            pace: how patient to be.
        """
        self.spec, self.log = spec, log
        self.ready = asyncio.Event()
        self._tell, self._pace = tell, pace or Pace()
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._last_words = ""
        self._deaths = 0

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        process = self._process
        return process.pid if process and process.returncode is None else None

    async def keep(self) -> None:
        """Starts the child, and again whenever it dies, until it is stopped."""
        pace = self._pace
        while not self._stopping.is_set():
            began = time.monotonic()
            why = await self._live()
            self.ready.clear()
            if self._stopping.is_set():
                return
            lived = time.monotonic() - began
            self._deaths = 1 if lived >= pace.steady else self._deaths + 1
            wait = min(pace.longest, pace.first * 2 ** (self._deaths - 1))
            words = f": {self._last_words}" if self._last_words else ""
            self._tell(f"{self.spec.name} stopped after {lived:.0f} s ({why}){words}")
            if self._deaths == pace.loop:
                self._tell(
                    f"{self.spec.name} keeps stopping, {pace.loop} times in a row by now: the reason should "
                    f"be in {self.log.path}; it is tried again, every {pace.longest:.0f} s at last"
                )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    async def stop(self) -> None:
        """Ends the child and everything it started: asked first, then killed."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), self._pace.stop)
        except TimeoutError:
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """Ends the child and everything it started, at once."""
        self._stopping.set()
        self._signal(signal.SIGKILL)

    async def _live(self) -> str:
        """Runs the child once; says how it ended."""
        spec = self.spec
        self._last_words = ""
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(_LAUNCH), str(os.getpid()), *spec.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=spec.folder,
                env=dict(spec.environment),
                start_new_session=True,
            )
        except OSError as cause:
            return f"it cannot be started: {cause.strerror}"
        if self._stopping.is_set():
            self._signal(signal.SIGKILL)  # told to stop while it was being started
        output = asyncio.create_task(self._keep_output(process))
        watch = asyncio.create_task(self._watch())
        ended = asyncio.create_task(process.wait())
        # `wait` also waits for our pipe, which what the child had started may hold; `returncode` does not.
        while process.returncode is None:
            await asyncio.wait({ended}, timeout=self._pace.poll)
        watch.cancel()
        # What the child itself had started goes with it, and lets go of its ports and of our pipe.
        self._signal(signal.SIGKILL)
        code = process.returncode
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(output, 2.0)
        ended.cancel()
        await asyncio.gather(watch, output, ended, return_exceptions=True)
        if code < 0:
            return signal.Signals(-code).name
        return f"exit code {code}"

    async def _keep_output(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        rest = b""
        while read := await process.stdout.read(_LONGEST_LINE):
            *lines, rest = (rest + read).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._note(line)
        if rest:
            self._note(rest)

    def _note(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            self._last_words = text.strip()[:300]
        self.log.write(text)

    async def _watch(self) -> None:
        """Sets `ready`; afterwards sees to it that a child which hangs is ended (and so started again)."""
        pace = self._pace
        async with httpx.AsyncClient(timeout=pace.answer, trust_env=False) as client:
            while not await self._answers(client):
                await asyncio.sleep(pace.poll)
            if self._deaths and self.spec.health:
                self._tell(f"{self.spec.name} is ready again")
            self.ready.set()
            heard = time.monotonic()
            while True:
                await asyncio.sleep(pace.check)
                now = time.monotonic()
                if self.pid is None:
                    return  # dead, not deaf
                if await self._answers(client):
                    heard = now
                elif now - heard > pace.deaf:
                    self._tell(f"{self.spec.name} has not answered for {now - heard:.0f} s: ending it")
                    self._signal(signal.SIGKILL)
                    return

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        if not self.spec.health:
            return self.pid is not None
        try:
            return (await client.get(self.spec.health)).is_success
        except httpx.HTTPError:
            return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            # The child leads a process group of its own, which also holds whatever it started.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
