"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Report = Callable[[str, int, int], None]
"""Called with a title, steps done and steps in all."""

_QUIET_SECONDS = 5.0


@contextmanager
def bar() -> Iterator[Report]:
    """Gives a function that shows progress on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, int] = {}

        def report(title: str, done: int, total: int) -> None:
            if title not in tasks:
                tasks[title] = int(progress.add_task(title, total=total))
            progress.update(tasks[title], completed=done, total=total)  # type: ignore[arg-type]

        yield report


class _Lines:
    """Progress where nobody watches a bar: a line a title every few seconds, and one at its end."""

    def __init__(self) -> None:
        self._shown: dict[str, float] = {}

    def __call__(self, title: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._shown.get(title, 0.0) < _QUIET_SECONDS:
            return
        self._shown[title] = now
        print(f"{title}: {done}/{total}", file=sys.stderr, flush=True)
