"""What set-up shows, and how it understands installers.

Standard library alone, as everything that runs before the environments are there.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

HEARTBEAT_S = 30.0
"""Off a terminal, how often a long step says that it is still alive."""

_DISK_FULL = re.compile(r"No space left on device|Errno 28|Disk quota exceeded", re.IGNORECASE)
_NOT_WRITABLE = re.compile(r"Permission denied|Read-only file system|Errno 13|Errno 30")
_NO_NETWORK = re.compile(
    r"NewConnectionError|Failed to establish a new connection|name resolution|NameResolutionError"
    r"|Connection(?:Reset|Refused|Aborted)?Error|connection broken by|ReadTimeout|ConnectTimeout|timed out"
    r"|ProxyError|Max retries exceeded|IncompleteRead|incomplete-download|Network is unreachable"
    r"|error sending request|dns error|client error \(Connect\)|Could not connect"
    r"|Failed to (?:fetch|download)",
    re.IGNORECASE,
)
_DAMAGED = re.compile(r"DO NOT MATCH THE HASHES|BadZipFile|bad zip|Bad CRC|invalid wheel", re.IGNORECASE)


class Show:
    """Tells how set-up is going: a line a step, moving on a terminal, still otherwise."""

    def __init__(self, out: IO[str], steps: int, moving: bool) -> None:
        """Prepares for a number of steps.

        Args:
            out: where lines go.
            steps: how many steps there will be.
            moving: whether lines may be rewritten (a terminal).
        """
        self._out, self._steps, self._moving = out, steps, moving
        self._number, self._title = 0, ""
        self._began = self._spoke = time.monotonic()

    def line(self, text: str) -> None:
        """Prints a line of its own."""
        self._wipe()
        print(text, file=self._out, flush=True)

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announces a step and, once it is through, says how long it took."""
        self._number += 1
        self._title = title
        self._began = self._spoke = time.monotonic()
        self.detail("")
        try:
            yield
        except BaseException:
            if self._moving:
                print(file=self._out, flush=True)  # what comes next begins a line of its own
            raise
        self.line(f"{self._head()} – {time.monotonic() - self._began:.1f} s")

    def detail(self, text: str) -> None:
        """Says what is going on inside the step; off a terminal only now and then."""
        now = time.monotonic()
        if self._moving:
            width = shutil.get_terminal_size().columns - 1
            whole = f"{self._head()}  {now - self._began:.0f} s  {text}"
            self._wipe()
            print(whole[:width], end="", file=self._out, flush=True)
        elif now - self._spoke >= HEARTBEAT_S:
            self._spoke = now
            self.line(f"{self._head()} … {now - self._began:.0f} s {text}".rstrip())

    def _head(self) -> str:
        return f"[{self._number}/{self._steps}] {self._title}"

    def _wipe(self) -> None:
        if self._moving:
            print("\r\x1b[K", end="", file=self._out)


class PipLines:
    """Turns pip's output into a few words: "torch-2.13.0 45 % of 183 MB"."""

    def __init__(self) -> None:
        """Starts with nothing said."""
        self.words = ""
        self._file = ""

    def read(self, line: str) -> str:
        """Takes one line and gives the words that fit now."""
        text = line.strip()
        match = re.match(r"(Collecting|Downloading|Using cached|Building) (\S+)", text)
        moved = re.match(r"Progress (\d+) of (\d+)", text)
        if match:
            self._file = re.sub(r"(-cp\d+|-py[23]).*", "", match.group(2).rpartition("/")[2])
            self.words = f"{match.group(1).lower()} {self._file}"
        elif moved and int(moved.group(2)):
            done, total = int(moved.group(1)), int(moved.group(2))
            self.words = f"downloading {self._file} {100 * done // total} % of {total / 1e6:.0f} MB"
        elif text.startswith("Installing collected packages"):
            self.words = "unpacking (a minute or two)"
        return self.words


def is_disk_full(output: str) -> bool:
    """Says whether an installer stopped for want of disk space."""
    return bool(_DISK_FULL.search(output))


def explain(output: str, what: str, log: Path) -> tuple[str, bool]:
    """Says in one line why an installer stopped.

    Args:
        output: everything it printed.
        what: what was being installed.
        log: where the output can be read.

    Returns:
        The line, and whether another try may help.
    """
    if is_disk_full(output):
        return f"the disk is full: free some space and run the same command again (installing {what})", False
    if _NO_NETWORK.search(output):
        return (
            f"the package registry cannot be reached while installing {what}: check the internet connection "
            "(or the proxy) and run the same command again; finished downloads are kept",
            True,
        )
    if _NOT_WRITABLE.search(output):
        return f"no permission to write while installing {what}: see {log}", False
    errors = [line for line in output.splitlines() if line.lower().startswith("error")]
    lines = errors or [line for line in output.splitlines() if line.strip()] or ["it said nothing"]
    last = re.sub(r"^error:?\s*", "", lines[-1].strip(), flags=re.IGNORECASE)
    return f"{what} could not be installed: {last[:200]} (all of it: {log})", bool(_DAMAGED.search(output))
