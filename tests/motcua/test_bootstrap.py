"""Set-up, tried with small shell scripts in the place of Python, pip and uv."""

from __future__ import annotations

import ast
import fcntl
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from motcua import bootstrap, installing
from motcua.bootstrap import SetUp
from motcua.errors import SetUpFailed
from motcua.settings import ROOT

FAKE_PYTHON = """#!/bin/sh
# {version} {trouble}
case "$1" in
-c)
  echo {version}
  [ "{trouble}" = "no-venv" ] && {{ echo "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1; }}
  exit 0 ;;
esac
shift
case "$1" in
venv)
  echo "venv $2" >> "$PLAY/calls"
  mkdir -p "$2/bin"
  cp "$0" "$2/bin/python"
  exit 0 ;;
pip)
  shift
  [ "$1" = "--version" ] && {{ echo "pip 26 from ${{0%/bin/python}}/lib/pip"; exit 0; }}
  echo "pip $*" >> "$PLAY/calls"
  [ -f "$PLAY/sleep" ] && sleep 30
  for rule in "$PLAY"/fail.*; do
    [ -f "$rule" ] || continue
    words=$(head -1 "$rule")
    case "$*" in *"$words"*)
      tail -n +2 "$rule"
      case "$rule" in *.once) rm "$rule" ;; esac
      exit 1 ;;
    esac
  done
  exit 0 ;;
esac
exit 9
"""

FAKE_UV = """#!/bin/sh
echo "uv $*" >> "$PLAY/calls"
case "$1 $2" in
"python find") [ -x "$PLAY/fetched/python" ] && echo "$PLAY/fetched/python" && exit 0; exit 2 ;;
"python install")
  [ -f "$PLAY/uv-can-fetch" ] || exit 1
  mkdir -p "$PLAY/fetched" && cp "$PLAY/python3.10-to-fetch" "$PLAY/fetched/python" ;;
"pip install") [ -f "$PLAY/uv-has-torch" ] || exit 1 ;;
esac
"""

OFFLINE = """WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(...)': /rasa/
ERROR: Could not find a version that satisfies the requirement rasa==3.6.21 (from versions: none)
ERROR: No matching distribution found for rasa==3.6.21
"""


class Playground:
    """A checkout, a PATH with nothing but fakes, and what was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "checkout"
        self.path = folder / "bin"
        self.out = io.StringIO()
        (self.root / "requirements").mkdir(parents=True)
        (self.root / "bot").mkdir()
        self.path.mkdir()
        for tool in ("cp", "mkdir", "head", "tail", "rm", "sleep"):
            found = shutil.which(tool)
            assert found
            (self.path / tool).symlink_to(found)
        self.write("pyproject.toml", "[project]\nname = 'motcua'\n")
        self.write("requirements/tools.lock", "pip==26.3\nuv==0.13.9\n")
        self.write("requirements/services.lock", "rich==15.0.0\ntorch==2.13.0\n")
        self.write("requirements/dev.lock", "pytest==9.2.0\n")
        self.write("bot/requirements.lock", "rasa==3.6.21\n")
        self.python = self.put_python("python3.11", "3 11")

    def write(self, file: str, text: str) -> None:
        (self.root / file).write_text(text)

    def put_python(self, name: str, version: str, trouble: str = "") -> str:
        return self.put(self.path / name, FAKE_PYTHON.format(version=version, trouble=trouble))

    def put(self, path: Path, script: str) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
        return str(path)

    def fail(self, words: str, output: str, once: bool = False) -> None:
        """Lets pip fail, always or once, when its arguments hold some words."""
        number = len(list(self.folder.glob("fail.*")))
        (self.folder / f"fail.{number}{'.once' if once else ''}").write_text(f"{words}\n{output}")

    def set_up(self, dev: bool = False) -> SetUp:
        return SetUp(self.root, dev=dev, python=self.python, out=self.out, pause=0.0)

    def calls(self) -> list[str]:
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        options = "install --no-input --disable-pip-version-check --progress-bar "
        short = (line.replace(options + "raw ", "").replace(options + "off ", "") for line in lines)
        return [line.replace(str(self.root), ".") for line in short]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Playground:
    play = Playground(tmp_path)
    monkeypatch.setenv("PLAY", str(tmp_path))
    monkeypatch.setenv("PATH", str(play.path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.delenv("PYTHON310", raising=False)
    monkeypatch.setattr(bootstrap, "NEEDED_GB", {"services": 0.0, "bot": 0.0})
    return play


@pytest.fixture
def ready(play: Playground) -> Playground:
    """With everything that set-up needs at hand."""
    play.put_python("python3.10", "3 10")
    return play


def test_a_fresh_checkout_gets_both_environments_and_then_nothing_more(ready: Playground) -> None:
    assert ready.set_up().run() is True
    assert ready.calls() == [
        "venv ./.venv",
        "pip -r requirements/tools.lock",
        "pip --no-index --no-deps torch==2.13.0",
        "pip -r requirements/services.lock",
        "pip --no-build-isolation --no-deps --no-index --editable .",
        "pip check",
        "venv ./bot/.venv",
        "pip pip==26.3",
        "pip -r bot/requirements.lock",
        "pip check",
    ]
    assert ready.set_up().run() is False
    assert ready.calls() == []


def test_every_step_is_a_line_with_its_seconds(ready: Playground) -> None:
    ready.set_up().run()
    lines = ready.out.getvalue().splitlines()[1:-1]
    assert len(lines) == 7
    for number, line in enumerate(lines, 1):
        assert line.startswith(f"[{number}/7] ") and line.endswith(" s")


def test_developers_tools_come_on_top_and_are_not_asked_for_twice(ready: Playground) -> None:
    ready.set_up().run()
    ready.calls()
    assert ready.set_up(dev=True).missing() == {"dev"}
    ready.set_up(dev=True).run()
    assert "pip -r requirements/services.lock -r requirements/dev.lock" in ready.calls()
    assert ready.set_up().run() is False
    assert ready.set_up(dev=True).run() is False


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("requirements/services.lock", "services"),
        ("pyproject.toml", "services"),
        ("bot/requirements.lock", "bot"),
    ],
)
def test_a_changed_lock_brings_only_its_environment_up_to_date(
    ready: Playground, file: str, part: str
) -> None:
    ready.set_up().run()
    ready.calls()
    ready.write(file, (ready.root / file).read_text() + "\n# changed\n")
    assert ready.set_up().missing() == {part}
    ready.set_up().run()
    calls = ready.calls()
    assert not [call for call in calls if call.startswith("venv")]
    assert ("pip -r bot/requirements.lock" in calls) == (part == "bot")
    assert ("pip -r requirements/services.lock" in calls) == (part == "services")


def test_a_half_made_environment_is_completed(ready: Playground) -> None:
    ready.fail("-r bot/requirements.lock", "ERROR: something odd", once=True)
    with pytest.raises(SetUpFailed, match="something odd"):
        ready.set_up().run()
    ready.calls()
    ready.set_up().run()
    assert ready.calls() == ["pip pip==26.3", "pip -r bot/requirements.lock", "pip check"]


def test_a_package_that_was_half_unpacked_is_installed_again(ready: Playground) -> None:
    ready.fail("-r bot/requirements.lock", "ERROR: something odd", once=True)
    with pytest.raises(SetUpFailed):
        ready.set_up().run()
    packages = ready.root / "bot" / ".venv" / "lib" / "python3.10" / "site-packages"
    whole, half = packages / "rasa-3.6.21.dist-info", packages / "numpy-1.23.5.dist-info"
    for package in (whole, half):
        package.mkdir(parents=True)
        (package / "METADATA").touch()
    (whole / "RECORD").touch()
    ready.set_up().run()
    assert list(packages.iterdir()) == [whole]


def test_an_environment_that_does_not_run_is_made_anew(ready: Playground) -> None:
    ready.set_up().run()
    (ready.root / ".venv" / "bin" / "python").unlink()
    (ready.root / ".venv" / "bin" / "python").symlink_to("/no/longer/there")
    ready.calls()
    assert ready.set_up().missing() == {"services"}
    ready.set_up().run()
    assert ready.calls()[0] == "venv ./.venv"
    assert not ready.set_up().missing()


def test_environments_of_a_checkout_that_moved_are_made_anew(ready: Playground) -> None:
    ready.set_up().run()
    moved = ready.folder / "moved"
    ready.root.rename(moved)
    ready.root = moved
    ready.calls()
    ready.set_up().run()
    calls = ready.calls()
    assert {"venv ./.venv", "venv ./bot/.venv"} <= set(calls)


def test_a_network_that_fails_once_is_tried_again(ready: Playground) -> None:
    ready.fail("-r bot/requirements.lock", OFFLINE, once=True)
    assert ready.set_up().run() is True
    assert ready.calls().count("pip -r bot/requirements.lock") == 2


def test_no_network_is_one_line_that_says_what_to_do(ready: Playground) -> None:
    ready.fail("-r requirements/services.lock", OFFLINE)
    with pytest.raises(SetUpFailed) as stop:
        ready.set_up().run()
    assert str(stop.value) == (
        "the package registry cannot be reached while installing the libraries of the services: check the "
        "internet connection (or the proxy) and run the same command again; finished downloads are kept"
    )


def test_a_disk_that_fills_up_is_named_and_not_tried_again(ready: Playground) -> None:
    ready.fail("-r bot/requirements.lock", "ERROR: Could not install: [Errno 28] No space left on device")
    with pytest.raises(SetUpFailed, match=r"^the disk is full: free some space"):
        ready.set_up().run()
    assert ready.calls().count("pip -r bot/requirements.lock") == 1


def test_too_small_a_disk_is_said_before_anything_is_made(
    ready: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "NEEDED_GB", {"services": 1e9, "bot": 1e9})
    with pytest.raises(SetUpFailed, match="needs about 2000000000 GB"):
        ready.set_up().run()
    assert ready.calls() == []


def test_any_other_failure_gives_pips_last_error_and_the_log(ready: Playground) -> None:
    ready.fail("-r bot/requirements.lock", "Collecting rasa\nERROR: Package 'rasa' requires another Python\n")
    with pytest.raises(SetUpFailed) as stop:
        ready.set_up().run()
    log = ready.root / "var" / "log" / "set-up.log"
    assert "Package 'rasa' requires another Python" in str(stop.value)
    assert str(log) in str(stop.value)
    assert "Collecting rasa" in log.read_text()


def test_an_old_python_is_refused_with_what_to_do(ready: Playground) -> None:
    ready.python = ready.put_python("python3.9", "3 9")
    with pytest.raises(SetUpFailed, match=r"is Python 3\.9, too old: install Python 3\.11 or newer"):
        ready.set_up().run()


def test_a_python_without_venv_is_told_from_an_old_one(ready: Playground) -> None:
    ready.python = ready.put_python("python3.12", "3 12", "no-venv")
    with pytest.raises(SetUpFailed, match="apt install python3-venv"):
        ready.set_up().run()


def test_a_missing_python_3_10_is_said_before_the_long_downloads(play: Playground) -> None:
    play.put(play.path / "uv", FAKE_UV)
    with pytest.raises(SetUpFailed, match=r"Python 3\.10, which Rasa needs, was not found and uv could not"):
        play.set_up().run()
    calls = play.calls()
    assert "uv python install 3.10" in calls
    assert not [call for call in calls if "services.lock" in call or "torch" in call]


def test_uv_fetches_python_3_10(play: Playground) -> None:
    play.put(play.path / "uv", FAKE_UV)
    play.put(play.folder / "python3.10-to-fetch", FAKE_PYTHON.format(version="3 10", trouble=""))
    (play.folder / "uv-can-fetch").touch()
    assert play.set_up().run() is True
    assert "3 10" in (play.root / "bot" / ".venv" / "bin" / "python").read_text()


def test_python_3_10_is_found_among_pyenvs_versions(play: Playground) -> None:
    play.put_python("python3.10", "", "")  # a shim of pyenv's, which has no version selected
    play.put(
        play.folder / "pyenv" / "versions" / "3.10.13" / "bin" / "python",
        FAKE_PYTHON.format(version="3 10", trouble=""),
    )
    assert play.set_up().run() is True


def test_python_3_10_without_venv_is_passed_over(play: Playground) -> None:
    play.put_python("python3.10", "3 10", "no-venv")
    with pytest.raises(SetUpFailed, match="was not found"):
        play.set_up().run()


def test_a_named_python_3_10_is_taken_first(ready: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    named = ready.put(ready.folder / "mine", FAKE_PYTHON.format(version="3 10", trouble="mine"))
    monkeypatch.setenv("PYTHON310", named)
    ready.set_up().run()
    assert "# 3 10 mine" in (ready.root / "bot" / ".venv" / "bin" / "python").read_text()


def test_a_named_python_3_10_that_is_not_there_is_said(
    ready: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON310", "/no/such/python")
    with pytest.raises(SetUpFailed, match="PYTHON310 names /no/such/python, which is not there"):
        ready.set_up().run()


def test_torch_comes_from_pips_own_wheels_where_there_are_any(ready: Playground) -> None:
    ready.put(ready.path / "uv", FAKE_UV)
    ready.set_up().run()
    assert not [call for call in ready.calls() if call.startswith("uv")]


def test_torch_otherwise_comes_from_uv_for_the_processor_only(
    ready: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    ready.put(ready.path / "uv", FAKE_UV)
    (ready.folder / "uv-has-torch").touch()
    ready.fail("--no-index --no-deps torch", "ERROR: No matching distribution found")
    ready.set_up().run()
    calls = ready.calls()
    assert "uv pip install --python ./.venv/bin/python --no-deps --torch-backend=cpu torch==2.13.0" in calls
    assert "pip torch==2.13.0" not in calls


def test_torch_at_last_comes_whole_with_a_warning(ready: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    ready.fail("--no-index --no-deps torch", "ERROR: No matching distribution found")
    ready.set_up().run()
    assert "pip torch==2.13.0" in ready.calls()
    assert "trying the large one" in ready.out.getvalue()


def test_a_full_disk_does_not_lead_to_the_large_torch(ready: Playground) -> None:
    ready.fail("--no-index --no-deps torch", "ERROR: [Errno 28] No space left on device")
    with pytest.raises(SetUpFailed, match="the disk is full"):
        ready.set_up().run()
    assert "pip torch==2.13.0" not in ready.calls()


def test_the_large_torch_is_not_begun_without_room_for_it(
    ready: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setitem(bootstrap.NEEDED_GB, "torch", 1e9)
    ready.fail("--no-index --no-deps torch", "ERROR: No matching distribution found")
    with pytest.raises(SetUpFailed, match="the disk is too full"):
        ready.set_up().run()
    assert "pip torch==2.13.0" not in ready.calls()


def test_a_folder_that_cannot_be_written_is_named(ready: Playground) -> None:
    (ready.root / "var").write_text("a file in the place of the folder")
    with pytest.raises(SetUpFailed, match=r"cannot write in .*/var .*clone to a folder of your own"):
        ready.set_up().run()


def test_a_checkout_without_its_lock_is_said_to_be_incomplete(ready: Playground) -> None:
    (ready.root / "bot" / "requirements.lock").unlink()
    with pytest.raises(SetUpFailed, match="the checkout is not whole"):
        ready.set_up().run()


def test_libraries_that_do_not_fit_together_are_said(ready: Playground) -> None:
    ready.fail("check", "rasa 3.6.21 requires numpy, which is not installed.")
    with pytest.raises(SetUpFailed, match=r"rasa 3\.6\.21 requires numpy"):
        ready.set_up().run()
    assert ready.set_up().missing() == {"services", "bot"}


def test_a_second_set_up_waits_for_the_first_and_finds_nothing_left(ready: Playground) -> None:
    (ready.root / "var").mkdir()
    with (ready.root / "var" / "set-up.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        outcome: list[bool] = []
        second = threading.Thread(target=lambda: outcome.append(ready.set_up().run()))
        second.start()
        for _ in range(200):
            if "Another set-up" in ready.out.getvalue():
                break
            time.sleep(0.02)
        assert ready.calls() == []
        first = SetUp(ready.root, python=ready.python, out=io.StringIO())
        first._work(first.missing())  # what the first does while it holds the lock
        ready.calls()
    second.join(20)
    assert outcome == [False]
    assert ready.calls() == []


def test_the_command_stopped_in_the_middle_says_so_in_one_line(ready: Playground) -> None:
    package = ready.root / "motcua"
    package.mkdir()
    for module in ("__init__", "bootstrap", "installing", "errors"):
        shutil.copy(ROOT / "motcua" / f"{module}.py", package)
    (ready.folder / "sleep").touch()
    small = "from motcua import bootstrap; bootstrap.NEEDED_GB = {'services': 0, 'bot': 0}"
    # A shell that runs the tests in the background has its children ignore Ctrl-C; a person's shell does not.
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script = f"{heeding}; import sys; sys.executable = {ready.python!r}; {small}; sys.exit(bootstrap.main([]))"
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=ready.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(500):
            if (ready.folder / "calls").exists() and "tools.lock" in (ready.folder / "calls").read_text():
                break
            time.sleep(0.02)
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 2
        assert said == "motcua: set-up interrupted: the same command goes on from here.\n"
        ready.calls()


def test_the_command_gives_its_reason_in_one_line_and_exit_code_2(
    ready: Playground, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(self: SetUp) -> bool:
        raise SetUpFailed("the disk is full: free some space")

    monkeypatch.setattr(SetUp, "run", refuse)
    assert bootstrap.main([]) == 2
    assert capsys.readouterr().err == "motcua: the disk is full: free some space.\n"


def test_set_up_imports_nothing_but_the_standard_library() -> None:
    asked = (
        "import sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules); import motcua.bootstrap; "
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(*sorted(names - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", asked, str(ROOT)], capture_output=True, text=True
    )
    assert done.stdout.split() == ["motcua"]


@pytest.mark.parametrize("module", ["__init__", "bootstrap", "installing", "errors"])
def test_old_pythons_can_read_set_up_and_say_that_they_are_old(module: str) -> None:
    ast.parse((ROOT / "motcua" / f"{module}.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_pips_lines_become_a_few_words() -> None:
    words = installing.PipLines()
    said = [
        words.read(line)
        for line in (
            "Collecting torch==2.13.0",
            "  Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (191.8 MB)",
            "Progress 95897341 of 191794682",
            "Requirement already satisfied: x",
            "Installing collected packages: torch",
        )
    ]
    assert said == [
        "collecting torch==2.13.0",
        "downloading torch-2.13.0",
        "downloading torch-2.13.0 50 % of 192 MB",
        "downloading torch-2.13.0 50 % of 192 MB",
        "unpacking (a minute or two)",
    ]


def test_on_a_terminal_a_line_is_rewritten_and_fits_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((40, 20)))
    out = io.StringIO()
    show = installing.Show(out, 1, moving=True)
    with show.step("a step"):
        show.detail("words " * 30)
    moving = [part for part in out.getvalue().split("\r\x1b[K") if part and not part.endswith("\n")]
    assert all(len(part) <= 39 for part in moving)
    assert out.getvalue().endswith(" s\n")


def test_off_a_terminal_a_long_step_gives_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "HEARTBEAT_S", 0.0)
    out = io.StringIO()
    show = installing.Show(out, 1, moving=False)
    with show.step("a step"):
        show.detail("collecting rasa")
    assert "collecting rasa\n" in out.getvalue()
