"""A secret that is made once and kept in a file of the home folder, readable by the service's account alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_secret(file: Path) -> bytes:
    """Reads the secret of a file, and makes one there the first time; readable by the owner alone.

    Two processes that come at once get the same secret.

    Raises:
        OSError: it can be neither read nor made.
    """
    try:
        return _read(file)
    except FileNotFoundError:
        pass
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(32) + "\n")
            out.flush()
            os.fsync(out.fileno())
        # Linking never overwrites: whoever comes second takes the first one's secret.
        os.link(unfinished, file)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink(missing_ok=True)
    return _read(file)


def _read(file: Path) -> bytes:
    return file.read_bytes().strip()
