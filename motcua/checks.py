"""`make test`: every check in turn, none skipped because another failed, and one summary at the end."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Check:
    """One tool and how it is called.

    Attributes:
        title: as it stands in the summary.
        command: program and arguments, run from the root of the checkout.
        counted: whether it is a pytest run, whose tests are counted.
    """

    title: str
    command: tuple[str, ...]
    counted: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a check went."""

    title: str
    passed: bool
    seconds: float
    tests: int = 0
    failed: int = 0
    skipped: int = 0


def lint(python: str) -> list[Check]:
    """Lists what looks at the code without running it."""
    return [
        Check("style (ruff)", (python, "-m", "ruff", "check", ".")),
        Check("types (mypy)", (python, "-m", "mypy")),
        Check("import directions (import-linter)", (str(Path(python).with_name("lint-imports")),)),
    ]


def tests(python: str, bot_python: str, pytest: Sequence[str]) -> list[Check]:
    """Lists the test runs: the services', then the bot's in its own environment.

    Args:
        python: Python of the services.
        bot_python: Python of Rasa's environment.
        pytest: arguments for pytest; with any, only the services' tests are run.
    """
    services = Check("tests of the services", (python, "-m", "pytest", "-q", *pytest), counted=True)
    bot = Check("tests of the bot", (bot_python, "-m", "pytest", "-q", "bot/tests"), counted=True)
    return [services] if pytest else [services, bot]


def run(check: Check, root: Path = ROOT) -> Outcome:
    """Runs one check; its output goes straight to the terminal."""
    print(f"\n── {check.title}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        extra = (f"--junitxml={report}",) if check.counted else ()
        try:
            code = subprocess.run([*check.command, *extra], cwd=root, stdin=subprocess.DEVNULL).returncode
        except OSError as cause:
            print(f"{check.command[0]} cannot be started: {cause.strerror}", flush=True)
            code = 127
        seconds = time.monotonic() - began
        return Outcome(check.title, code == 0, seconds, *(count(report) if check.counted else ()))


def count(report: Path) -> tuple[int, int, int]:
    """Reads a JUnit report.

    Returns:
        How many tests there were, how many failed or broke, how many were skipped; zeros without a report.
    """
    try:
        suites = list(ElementTree.parse(report).iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        return 0, 0, 0

    def total(*names: str) -> int:
        return sum(int(suite.get(name, "0")) for suite in suites for name in names)

    return total("tests"), total("failures", "errors"), total("skipped")


def summary(outcomes: Sequence[Outcome]) -> str:
    """Gives the closing lines; the last one counts tests, and checks that run none as one each."""
    width = max(len(outcome.title) for outcome in outcomes)
    lines = []
    passed = failed = skipped = 0
    for outcome in outcomes:
        counts = ""
        if outcome.tests:
            good = outcome.tests - outcome.failed - outcome.skipped
            counts = f"  {good} passed, {outcome.failed} failed, {outcome.skipped} skipped"
            passed, failed, skipped = passed + good, failed + outcome.failed, skipped + outcome.skipped
        broke = not outcome.passed and not outcome.failed
        passed, failed = passed + (outcome.passed and not outcome.tests), failed + broke
        word = "ok    " if outcome.passed else "FAILED"
        lines.append(f"{word} {outcome.title:<{width}} {outcome.seconds:7.1f} s{counts}")
    return "\n".join([*lines, "", f"{passed} passed, {failed} failed, {skipped} skipped"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the checks; gives the exit code, 0 when all passed."""
    parser = argparse.ArgumentParser(prog="motcua.checks", description="Runs every check and test.")
    parser.add_argument("--lint", action="store_true", help="only what looks at the code without running it")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, after --: only its run then")
    asked = parser.parse_args(arguments)
    bot_python = str(ROOT / "bot" / ".venv" / "bin" / "python")
    checks = [] if asked.pytest else lint(sys.executable)
    if not asked.lint:
        checks += tests(sys.executable, bot_python, asked.pytest)
    outcomes = [run(check) for check in checks]
    print(f"\n── summary\n{summary(outcomes)}", flush=True)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
