"""Set-up: makes the two environments, from a bare Python, as often as anybody likes.

`python3 -m motcua.bootstrap [--dev]` makes `.venv` (the services) and `bot/.venv` (Rasa, which needs
Python 3.10) and fills them with the locked versions. It uses the standard library alone, because nothing else
is there yet, and its syntax stays readable to old Pythons, so that they can say that they are too old.

Each environment carries a stamp with the hash of what was installed: while that is unchanged there is
nothing to do. Without a stamp an environment is half-made, and set-up goes on where it stopped: finished
downloads are in pip's own cache.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import glob
import hashlib
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from motcua.errors import SetUpFailed
from motcua.installing import PipLines, Show, explain, is_disk_full

PYTHON_WANTED = (3, 11)
BOT_PYTHON_WANTED = (3, 10)
STAMP = "motcua-set-up.json"
SCHEME = "1"
"""Raised when set-up changes so that environments made before must be gone over again."""

NEEDED_GB = {"services": 3.0, "bot": 4.0, "torch": 8.0}
"""Disk space for an environment and its share of pip's cache, rounded up (measured on Linux, x86-64); "torch"
is its large build."""

ATTEMPTS = 3


class SetUp:
    """Makes and fills the environments of one checkout."""

    def __init__(
        self,
        root: Path,
        dev: bool = False,
        python: str = sys.executable,
        out: IO[str] | None = None,
        attempts: int = ATTEMPTS,
        pause: float = 3.0,
    ) -> None:
        """Looks at a checkout; changes nothing yet.

        Args:
            root: the checkout.
            dev: whether the developers' tools are wanted too.
            python: interpreter that `.venv` is made from.
            out: where progress is shown.
            attempts: how often an installation is tried when the network fails.
            pause: seconds before another try, doubled each time.
        """
        self.root, self.dev, self.python = root, dev, python
        self.out = out or sys.stdout
        self.attempts, self.pause = attempts, pause
        self.services, self.bot = root / ".venv", root / "bot" / ".venv"
        self.log = root / "var" / "log" / "set-up.log"
        self.show = Show(self.out, 1, False)

    # What is wanted, and what is there

    def wanted(self) -> dict[str, str]:
        """Gives the hash of what each environment should hold: "services", "dev", "bot"."""
        requirements = self.root / "requirements"
        ground = [requirements / "tools.lock", requirements / "services.lock", self.root / "pyproject.toml"]
        wanted = {
            "services": self._hash(ground),
            "bot": self._hash([requirements / "tools.lock", self.root / "bot" / "requirements.lock"]),
        }
        if self.dev:
            wanted["dev"] = self._hash([*ground, requirements / "dev.lock"])
        return wanted

    def missing(self) -> set[str]:
        """Says which parts are not installed as wanted."""
        there = {**self._stamp(self.services), **self._stamp(self.bot)}
        return {part for part, value in self.wanted().items() if there.get(part) != value}

    def _hash(self, files: list[Path]) -> str:
        # The commands in an environment hold absolute paths: in a checkout that moved they lead nowhere.
        digest = hashlib.sha256(f"{SCHEME}\0{self.root}\0".encode())
        for file in files:
            try:
                digest.update(file.read_bytes())
            except OSError as cause:
                raise SetUpFailed(
                    f"{file} cannot be read ({cause.strerror}): the checkout is not whole"
                ) from None
            digest.update(b"\0")
        return digest.hexdigest()

    def _stamp(self, folder: Path) -> dict[str, str]:
        if not (folder / "bin" / "python").exists():  # also a link to a Python that has gone
            return {}
        try:
            stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _put_stamp(self, folder: Path, parts: dict[str, str]) -> None:
        stamp = {**self._stamp(folder), **parts}
        beside = folder / (STAMP + ".new")
        beside.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
        beside.replace(folder / STAMP)

    # The work

    def run(self) -> bool:
        """Installs what is missing.

        Returns:
            Whether anything was done.

        Raises:
            SetUpFailed: something is missing that set-up cannot bring; the message says what to do.
        """
        if not self.missing():
            return False
        self._check_python()
        self._check_writable()
        with self._alone():
            missing = self.missing()
            if missing:
                self._check_space(missing)
                try:
                    self._work(missing)
                except OSError as cause:
                    if cause.errno == errno.ENOSPC:
                        raise SetUpFailed(
                            "the disk is full: free some space and run the same command again"
                        ) from cause
                    raise SetUpFailed(
                        f"set-up stopped: {cause.strerror or cause}: {cause.filename or self.root}"
                    ) from cause
            return bool(missing)

    def _work(self, missing: set[str]) -> None:
        services, bot = bool(missing & {"services", "dev"}), "bot" in missing
        self.show = Show(self.out, (4 if services else 0) + (3 if bot else 0), self.out.isatty())
        self.show.line("Setting up Motcua. The first time takes some minutes and about 6 GB of disk.")
        began = time.monotonic()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_text("", encoding="utf-8")
        if services:
            with self.show.step("Python environment of the services"):
                self._make(self.services, self.python, PYTHON_WANTED)
                self._pip(self.services, ["-r", "requirements/tools.lock"], "pip and its helpers", bar=False)
        base = ""
        if bot:
            # Before the long downloads: whoever lacks Python 3.10 should hear of it at once.
            with self.show.step("Python 3.10 for Rasa"):
                base = self._bot_base_python()
        if services:
            with self.show.step("PyTorch"):
                self._install_torch()
            with self.show.step("libraries of the services"):
                locks = ["-r", "requirements/services.lock"]
                locks += ["-r", "requirements/dev.lock"] if self.dev else []
                self._pip(self.services, locks, "the libraries of the services")
            with self.show.step("Motcua itself"):
                self._pip(
                    self.services,
                    ["--no-build-isolation", "--no-deps", "--no-index", "--editable", "."],
                    "Motcua itself",
                )
                self._check_consistent(self.services)
            self._put_stamp(
                self.services, {part: value for part, value in self.wanted().items() if part != "bot"}
            )
        if bot:
            with self.show.step("Python environment of Rasa"):
                self._make(self.bot, base, BOT_PYTHON_WANTED)
                self._pip(self.bot, [self._locked("tools.lock", "pip")], "pip", bar=False)
            with self.show.step("Rasa and its libraries"):
                self._pip(self.bot, ["-r", "bot/requirements.lock"], "Rasa and its libraries")
                self._check_consistent(self.bot)
            self._put_stamp(self.bot, {"bot": self.wanted()["bot"]})
        self.show.line(f"Set-up is complete after {time.monotonic() - began:.0f} s.")

    def _check_python(self) -> None:
        version, problem = self._probe([self.python])
        if problem or version < PYTHON_WANTED:
            shown = ".".join(map(str, version))
            raise SetUpFailed(
                f"{self.python} is Python {shown}, too old: install Python 3.11 or newer and name it, "
                "for example: make setup PYTHON=python3.11"
                if not problem or version < PYTHON_WANTED
                else f"{self.python} cannot make environments ({problem}): install its venv module "
                "(Debian and Ubuntu: apt install python3-venv) and run the same command again"
            )

    def _check_writable(self) -> None:
        folder = self.root / "var"
        try:
            folder.mkdir(exist_ok=True)
            with (folder / ".writable").open("w"):
                pass
            (folder / ".writable").unlink()
        except OSError as cause:
            raise SetUpFailed(
                f"cannot write in {folder} ({cause.strerror}): give yourself the right to write there, "
                "or clone to a folder of your own"
            ) from None

    def _check_space(self, missing: set[str]) -> None:
        there = {"services": self.services.exists(), "bot": self.bot.exists()}
        needed = sum(NEEDED_GB.get(part, 0.0) for part in missing if not there.get(part))
        free = shutil.disk_usage(self.root).free / 1e9
        if free < needed:
            raise SetUpFailed(
                f"the disk is too full: set-up needs about {needed:.0f} GB and {free:.1f} GB are free under "
                f"{self.root}: free some space and run the same command again"
            )

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Holds the set-up of this checkout; a second one waits until the first is through."""
        try:
            import fcntl
        except ImportError:
            raise SetUpFailed("Motcua runs on Linux and macOS (on Windows: inside WSL)") from None
        with (self.root / "var" / "set-up.lock").open("a+") as lock:
            told = False
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if not told:
                        self.show.line("Another set-up of this folder is at work: waiting for it.")
                        told = True
                    time.sleep(0.2)
            yield

    def _make(self, folder: Path, base: str, wanted: tuple[int, int]) -> None:
        """Makes an environment, or keeps the one that is there if it works and was made here."""
        python = folder / "bin" / "python"
        made_in = self._stamp(folder).get("root", str(self.root))
        if folder.exists() and made_in == str(self.root):
            version, problem = self._probe([str(python)])
            if not problem and version >= wanted and (wanted != BOT_PYTHON_WANTED or version == wanted):
                code, output = self._call([str(python), "-m", "pip", "--version"])
                if code == 0 and str(folder) in output:
                    self._forget_half_installed(folder)
                    return
        if folder.exists():
            shutil.rmtree(folder)
        code, output = self._call([base, "-m", "venv", str(folder)])
        if code != 0:
            if "ensurepip" in output or "No module named venv" in output:
                raise SetUpFailed(
                    f"{base} has no venv module: install it (Debian and Ubuntu: apt install python3-venv) "
                    "and run the same command again"
                )
            raise SetUpFailed(explain(output, f"the environment {folder}", self.log)[0])
        self._put_stamp(folder, {"root": str(self.root)})

    def _forget_half_installed(self, folder: Path) -> None:
        """Lets pip install again what it was just unpacking when set-up was killed.

        pip writes a package's RECORD last; without it the package counts as installed and is not whole.
        """
        for package in folder.glob("lib/python*/site-packages/*.dist-info"):
            if not (package / "RECORD").exists():
                shutil.rmtree(package)

    def _bot_base_python(self) -> str:
        """Finds Python 3.10, or lets uv fetch it.

        Raises:
            SetUpFailed: neither works.
        """
        for candidate in self._python_candidates():
            version, problem = self._probe([candidate])
            if version == BOT_PYTHON_WANTED and not problem:
                return candidate
        uv = self._uv()
        if uv:
            self.show.detail("asking uv for it")
            for asked in ("find", "install", "find"):
                code, output = self._call([uv, "python", asked, "3.10"])
                found = output.strip().splitlines()[-1:] if asked == "find" else []
                if code == 0 and found:
                    version, problem = self._probe(found)
                    if version == BOT_PYTHON_WANTED and not problem:
                        return found[0]
        raise SetUpFailed(
            "Python 3.10, which Rasa needs, was not found and uv could not fetch it: install it (for example "
            "`uv python install 3.10` or `pyenv install 3.10`) and run the same command again, or name it: "
            "make setup PYTHON310=/path/to/python3.10"
        )

    def _python_candidates(self) -> Iterator[str]:
        named = os.environ.get("PYTHON310", "")
        if named:
            found = shutil.which(named)
            if not found:
                raise SetUpFailed(f"PYTHON310 names {named}, which is not there")
            yield found
        before = (self.bot / "bin" / "python").resolve()
        if before.exists() and self.bot.resolve() not in before.parents:
            yield str(before)  # what the environment was made from last time
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            for name in ("python3.10", "python3"):
                path = os.path.join(folder, name)
                if folder and os.access(path, os.X_OK):
                    yield path
        pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
        yield from sorted(glob.glob(os.path.join(pyenv, "versions", "3.10.*", "bin", "python")), reverse=True)

    def _uv(self) -> str:
        own = self.services / "bin" / "uv"
        return str(own) if own.exists() else shutil.which("uv") or ""

    def _probe(self, command: list[str]) -> tuple[tuple[int, int], str]:
        """Asks an interpreter for its version and whether it can make environments."""
        asked = "import sys; print(*sys.version_info[:2]); import venv, ensurepip"
        try:
            done = subprocess.run(
                [*command, "-c", asked],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
                env=self._environment(),
            )
            major, minor = done.stdout.split()[:2]
            problem = done.stderr.strip().splitlines()[-1] if done.returncode else ""
            return (int(major), int(minor)), problem
        except (OSError, ValueError, subprocess.SubprocessError) as cause:
            return (0, 0), str(cause) or type(cause).__name__

    def _install_torch(self) -> None:
        """Installs the processor-only build of PyTorch: the usual one for Linux brings gigabytes of CUDA.

        Whoever keeps a wheel for pip (`find-links`) gets that one; otherwise uv knows where PyTorch's own
        builds lie.
        """
        wanted = self._locked("services.lock", "torch")
        python = str(self.services / "bin" / "python")
        ways = [self._pip_command(self.services, ["--no-index", "--no-deps", wanted])]
        if sys.platform == "linux" and self._uv():
            options = ["--python", python, "--no-deps", "--torch-backend=cpu"]
            ways += [[self._uv(), "pip", "install", *options, wanted]] * self.attempts
        for way in ways:
            code, output = self._call(way)
            if code == 0:
                return
            if is_disk_full(output):
                raise SetUpFailed(explain(output, "PyTorch", self.log)[0])
        if sys.platform == "linux":
            self._check_space({"torch"})
            self.show.line("PyTorch's processor-only build was not to be had: trying the large one (+5 GB).")
        self._pip(self.services, [wanted], "PyTorch")

    def _locked(self, lock: str, name: str) -> str:
        text = (self.root / "requirements" / lock).read_text(encoding="utf-8")
        match = re.search(rf"^{re.escape(name)}==\S+$", text, re.MULTILINE)
        if not match:
            raise SetUpFailed(f"requirements/{lock} does not name {name}: the checkout is not whole")
        return match.group(0)

    def _check_consistent(self, folder: Path) -> None:
        code, output = self._call([str(folder / "bin" / "python"), "-m", "pip", "check"])
        if code != 0:
            raise SetUpFailed(
                f"the libraries in {folder} do not fit together ({output.strip().splitlines()[0]}): "
                f"delete that folder and run the same command again"
            )

    # Running other programs

    def _pip_command(self, folder: Path, arguments: list[str], bar: bool = True) -> list[str]:
        progress = "raw" if bar else "off"  # the pip that Python brings may not know "raw"
        options = ["--no-input", "--disable-pip-version-check", "--progress-bar", progress]
        return [str(folder / "bin" / "python"), "-m", "pip", "install", *options, *arguments]

    def _pip(self, folder: Path, arguments: list[str], what: str, bar: bool = True) -> None:
        """Installs with pip, again when the network failed.

        Raises:
            SetUpFailed: it cannot be installed.
        """
        for attempt in range(1, self.attempts + 1):
            code, output = self._call(self._pip_command(folder, arguments, bar))
            if code == 0:
                return
            problem, again = explain(output, what, self.log)
            if not again or attempt == self.attempts:
                raise SetUpFailed(problem)
            self.show.detail(f"the network failed; trying again ({attempt + 1} of {self.attempts})")
            time.sleep(self.pause * 2 ** (attempt - 1))

    def _call(self, command: list[str]) -> tuple[int, str]:
        """Runs a program, shows what it is at, and keeps what it printed in the set-up log."""
        try:
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except OSError as cause:
            return 127, str(cause)
        assert process.stdout is not None
        kept, rest, words = [], b"", PipLines()
        try:
            with selectors.DefaultSelector() as selector, self.log.open("ab") as log:
                selector.register(process.stdout, selectors.EVENT_READ)
                log.write(f"\n$ {' '.join(command)}\n".encode())
                while True:
                    if selector.select(timeout=1.0):
                        read = os.read(process.stdout.fileno(), 65536)
                        if not read:
                            break
                        lines = (rest + read).split(b"\n")
                        rest = lines.pop()
                        for line in lines:
                            text = line.decode("utf-8", "replace")
                            words.read(text)
                            if not text.startswith("Progress "):
                                kept.append(text)
                                log.write(line + b"\n")
                    self.show.detail(words.words)
            return process.wait(), "\n".join([*kept, rest.decode("utf-8", "replace")])
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            process.stdout.close()

    def _environment(self) -> dict[str, str]:
        # An activated environment, or PYTHONPATH and the like, must not lead pip astray.
        led_astray = {"VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"}
        kept = {name: value for name, value in os.environ.items() if name not in led_astray}
        return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    """Sets this checkout up; gives the exit code (0, or 2 with one line that says what is missing)."""
    parser = argparse.ArgumentParser(prog="motcua.bootstrap", description="Makes the environments.")
    parser.add_argument("--dev", action="store_true", help="the developers' tools too (tests, linters)")
    asked = parser.parse_args(arguments)
    # Without this an installer would go on by itself after the lock of this set-up is gone.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        SetUp(Path(__file__).resolve().parent.parent, dev=asked.dev).run()
    except SetUpFailed as problem:
        print(f"motcua: {problem}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("motcua: set-up interrupted: the same command goes on from here.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
