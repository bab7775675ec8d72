"""Steps of the preparation."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from motcua import steps as steps_module
from motcua.errors import StepFailed
from motcua.steps import Report, Step, run_steps


def step(title: str, done: list[str], needed: bool = True, error: Exception | None = None) -> Step:
    def do(report: Report) -> None:
        report(1, 2)
        report(2, 0)
        if error:
            raise error
        done.append(title)

    return Step(title, lambda: needed, do)


@pytest.fixture(params=[True, False], ids=["terminal", "no terminal"])
def console(request: pytest.FixtureRequest) -> Console:
    return Console(file=io.StringIO(), force_terminal=request.param, width=200)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_only_what_is_needed_is_done_in_order(console: Console) -> None:
    done: list[str] = []
    steps = [step("one", done), step("two", done, needed=False), step("three", done)]
    assert run_steps(steps, console) == ["one", "three"] == done
    assert "one: 0.0 s" in said(console)
    assert "two" not in said(console)


def test_off_a_terminal_a_long_step_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps_module, "HEARTBEAT_S", 0.0)
    console = Console(file=io.StringIO(), force_terminal=False, width=200)
    run_steps([step("index", [])], console)
    assert said(console).splitlines()[:3] == ["index …", "index … 1 of 2", "index … 2 of many"]


def test_a_step_that_breaks_stops_the_rest_and_says_why_in_one_line(console: Console, tmp_path: Path) -> None:
    done: list[str] = []
    steps = [step("one", done, error=ValueError("no\nsuch thing")), step("two", done)]
    with pytest.raises(StepFailed) as stop:
        run_steps(steps, console, tmp_path / "log" / "prepare.log")
    assert str(stop.value) == f"one: no such thing (all of it: {tmp_path / 'log' / 'prepare.log'})"
    assert "Traceback" in (tmp_path / "log" / "prepare.log").read_text()
    assert done == []


def test_a_look_that_breaks_is_told_like_a_step(console: Console) -> None:
    def broken() -> bool:
        raise OSError("disk is gone")

    nothing: Callable[[Report], None] = lambda report: None  # noqa: E731
    with pytest.raises(StepFailed, match="index: disk is gone"):
        run_steps([Step("index", broken, nothing)], console)


def test_ctrl_c_is_not_a_failure(console: Console) -> None:
    def interrupted(_: Report) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_steps([Step("index", lambda: True, interrupted)], console)
