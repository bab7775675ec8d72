"""Preparation: steps that each know whether they are needed, run in order and shown as they go."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from motcua.errors import StepFailed

Report = Callable[[int, int], None]
"""Takes what is done and what there is in all, in any unit; a total of 0 means that nobody knows."""

HEARTBEAT_S = 30.0
"""Off a terminal, how often a long step says how far it is."""


@dataclass(frozen=True)
class Step:
    """One thing that must be there before the assistant can start.

    Attributes:
        title: what is being made, as a person would say it ("search index").
        needed: says, quickly, whether it is missing or out of date.
        do: makes it; may report how far it is. Doing it again must do no harm.
    """

    title: str
    needed: Callable[[], bool]
    do: Callable[[Report], None]


def run_steps(steps: Sequence[Step], console: Console, log: Path | None = None) -> list[str]:
    """Does the steps that are needed; on a terminal with a moving bar, otherwise with a line each.

    Args:
        steps: in the order in which they build on each other.
        console: where progress is shown.
        log: file that gets the traceback when a step breaks.

    Returns:
        Titles of the steps that were done.

    Raises:
        StepFailed: a step broke; those after it were not begun.
    """
    done = []
    for step in steps:
        try:
            if not step.needed():
                continue
            began = time.monotonic()
            if console.is_terminal:
                _with_bar(step, console)
            else:
                console.print(f"{step.title} …", highlight=False, markup=False)
                step.do(_now_and_then(step.title, console))
            console.print(f"{step.title}: {time.monotonic() - began:.1f} s", highlight=False, markup=False)
            done.append(step.title)
        except Exception as cause:
            raise StepFailed(f"{step.title}: {_told(cause)}{_keep(log)}") from cause
    return done


def _with_bar(step: Step, console: Console) -> None:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(step.title, total=None)
        step.do(lambda done, total: bar.update(task, completed=done, total=total or None))


def _now_and_then(title: str, console: Console) -> Report:
    spoke = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal spoke
        if time.monotonic() - spoke >= HEARTBEAT_S:
            spoke = time.monotonic()
            console.print(f"{title} … {done} of {total or 'many'}", highlight=False, markup=False)

    return report


def _told(cause: Exception) -> str:
    return " ".join(str(cause).split())[:300] or type(cause).__name__


def _keep(log: Path | None) -> str:
    if log is None:
        return ""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(traceback.format_exc(), encoding="utf-8")
    except OSError:
        return ""
    return f" (all of it: {log})"
