"""What must hold before anything is started; each check gives one sentence when it does not.

An empty sentence means that all is well. `motcua run` stops at the first one, `motcua doctor` shows them all.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from motcua.errors import CannotStart
from motcua.settings import Settings

LEAST_FREE_GB = 0.5
"""Below this the database, the logs and a new index version would soon meet a full disk."""

LOOPBACK = "127.0.0.1"


def folder_problem(folder: Path) -> str:
    """Says why nothing can be written in the home folder; makes the folder if need be."""
    probe = folder / f".writable-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_text("", encoding="utf-8")
        probe.unlink()
    except OSError as cause:
        return f"cannot write in {folder} ({cause.strerror}): set MOTCUA_HOME to a folder of yours"
    return ""


def space_problem(folder: Path, least_gb: float = LEAST_FREE_GB) -> str:
    """Says that the disk under an existing folder is nearly full."""
    free = shutil.disk_usage(folder).free / 1e9
    if free >= least_gb:
        return ""
    return f"the disk is full: {free:.2f} GB are free under {folder}, at least {least_gb:g} GB are needed"


def bot_problem(python: Path) -> str:
    """Says that Rasa's environment is missing or broken."""
    if not os.access(python, os.X_OK):
        return f"the environment of Rasa is missing ({python} is not there): run `make setup`"
    try:
        done = subprocess.run([python, "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as cause:
        return f"the environment of Rasa does not run ({cause}): run `make setup`"
    if done.returncode != 0 or " 3.10." not in done.stdout:
        return f"{python} is not Python 3.10, which Rasa needs: run `make setup`"
    return ""


def port_problem(host: str, port: int, setting: str) -> str:
    """Says why a port cannot be listened on.

    Args:
        host: address or name to listen on.
        port: the port.
        setting: name of the setting that chooses it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror:
        return f"{host} is no address of this machine: change MOTCUA_HOST"
    family, kind, protocol, _, address = found[0]
    try:
        with socket.socket(family, kind, protocol) as listener:
            # As servers do: a port that only waits out its last connections is free.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as cause:
        if cause.errno == errno.EADDRINUSE:
            return f"port {port} is taken by another program: stop that one, or choose another with {setting}"
        if cause.errno == errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine: change MOTCUA_HOST"
        if cause.errno == errno.EACCES:
            return f"port {port} may not be used by this account: choose one above 1023 with {setting}"
        return f"port {port} cannot be used ({cause.strerror}): choose another with {setting}"
    return ""


def port_problems(settings: Settings) -> Iterator[str]:
    """Gives a sentence for each port that is not to be had."""
    wanted = (
        (settings.host, settings.port, "MOTCUA_PORT"),
        (LOOPBACK, settings.rasa_port, "MOTCUA_RASA_PORT"),
        (LOOPBACK, settings.actions_port, "MOTCUA_ACTIONS_PORT"),
    )
    seen: dict[int, str] = {}
    for host, port, setting in wanted:
        if port in seen:
            yield f"{seen[port]} and {setting} are both {port}: choose different ports"
        elif problem := port_problem(host, port, setting):
            yield problem
        seen[port] = setting


def database_problem(url: str) -> str:
    """Says why the database cannot be used; an SQLite file that is not there yet is made.

    The import stands here because the supervisor, which stays, does without SQLAlchemy.
    """
    from sqlalchemy import make_url, text
    from sqlalchemy.exc import SQLAlchemyError

    from motcua.database import DatabaseUnusable, open_database

    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return (
            "MOTCUA_DATABASE_URL is not a database URL (for example postgresql://user:password@host/motcua)"
        )
    try:
        engine = open_database(url)
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
                if engine.dialect.name == "sqlite":
                    connection.exec_driver_sql("PRAGMA schema_version")
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            engine.dispose()
    except (SQLAlchemyError, DatabaseUnusable, ImportError, OSError) as cause:
        reason = " ".join(str(getattr(cause, "orig", None) or cause).split())[:200]
        return f"the database {shown} cannot be used ({reason}): check it, or MOTCUA_DATABASE_URL"
    return ""


def check_database(settings: Settings) -> None:
    """Makes sure that the database can be used.

    Raises:
        CannotStart: it cannot; the message says what to do.
    """
    if problem := database_problem(settings.database):
        raise CannotStart(problem)


def check(settings: Settings) -> None:
    """Makes sure that the assistant can be started, as far as can be seen without the rooms' libraries.

    Raises:
        CannotStart: it cannot; the message says what to do.
    """
    for problem in _problems(settings):
        if problem:
            raise CannotStart(problem)


def _problems(settings: Settings) -> Iterator[str]:
    yield folder_problem(settings.home)
    yield space_problem(settings.home)
    yield bot_problem(settings.bot_python)
    yield from port_problems(settings)


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Holds the home folder for one supervisor.

    Raises:
        CannotStart: another one holds it.
    """
    with (home / "run.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(
                f"Motcua is already running on {home} (process {lock.read().strip() or 'unknown'}): "
                "stop it first, or give this one its own MOTCUA_HOME and ports"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
