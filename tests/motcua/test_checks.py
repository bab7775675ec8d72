"""The run of all checks, and its summary."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from motcua import checks
from motcua.checks import Check, Outcome

SUITE = """
import pytest
def test_good(): pass
@pytest.mark.skip(reason="no server here")
def test_skipped(): pass
def test_bad(): assert {bad}
"""


def pytest_check(folder: Path, bad: bool) -> Check:
    (folder / "test_x.py").write_text(SUITE.format(bad=not bad))
    command = (sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "no:cacheprovider", "test_x.py")
    return Check("tests", command, counted=True)


@pytest.mark.parametrize("bad", [False, True])
def test_a_test_run_is_counted(tmp_path: Path, bad: bool) -> None:
    outcome = checks.run(pytest_check(tmp_path, bad), tmp_path)
    assert (outcome.passed, outcome.tests, outcome.failed, outcome.skipped) == (not bad, 3, bad, 1)


def test_a_tool_that_is_not_there_has_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not checks.run(Check("ghost", ("/no/such/tool",)), tmp_path).passed
    assert "/no/such/tool cannot be started: No such file or directory" in capsys.readouterr().out


def test_the_summary_counts_tests_and_tools_together() -> None:
    said = checks.summary(
        [
            Outcome("style", True, 1.0),
            Outcome("types", False, 2.0),
            Outcome("tests of the services", False, 60.0, tests=10, failed=2, skipped=1),
            Outcome("tests of the bot", False, 5.0),
        ]
    )
    assert said.splitlines()[-1] == "8 passed, 4 failed, 1 skipped"
    assert [line.split()[0] for line in said.splitlines()[:4]] == ["ok", "FAILED", "FAILED", "FAILED"]


@pytest.mark.parametrize(("word", "code"), [("true", 0), ("false", 1)])
def test_one_failure_fails_the_whole_and_all_are_run(
    word: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both = [Check("first", (word,)), Check("second", ("true",))]
    monkeypatch.setattr(checks, "lint", lambda python: both)
    assert checks.main(["--lint"]) == code
    assert "second" in capsys.readouterr().out.rpartition("summary")[2]
