"""A PostgreSQL server of our own, in a temporary folder, over a socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text


class PostgresMissing(Exception):
    """The server cannot be started here; the message says why."""


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if found:
        return found[-1].parent
    in_path = shutil.which("initdb")
    if in_path:
        return Path(in_path).resolve().parent
    raise PostgresMissing("PostgreSQL's server binaries are not installed")


class PostgresServer:
    """A running server; `new_database` gives an empty database each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self._folder}"

    def new_database(self) -> str:
        """Makes an empty database and gives its URL."""
        name = f"test_{uuid.uuid4().hex}"
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine.dispose()
        return self._url(name)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Starts a server and stops it at the end.

    Raises:
        PostgresMissing: no binaries, or no user that may run them (the server refuses to run as root).
    """
    binaries = _binaries()
    as_user: list[str] = []
    # A short path: socket names are limited to about 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="motcua-pg-", dir="/tmp"))
    try:
        if os.getuid() == 0:
            try:
                owner = pwd.getpwnam("postgres")
            except KeyError as cause:
                raise PostgresMissing("root cannot run PostgreSQL and there is no user 'postgres'") from cause
            if not shutil.which("runuser"):
                raise PostgresMissing("root cannot run PostgreSQL and 'runuser' is not installed")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            as_user = ["runuser", "-u", "postgres", "--"]
        data = str(folder / "data")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        control = [*as_user, str(binaries / "pg_ctl"), "-D", data, "-w"]
        _run([*as_user, str(binaries / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"])
        _run([*control, "-l", str(folder / "log"), "-o", options, "start"])
        try:
            yield PostgresServer(folder)
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise PostgresMissing(f"{Path(command[-1]).name}: {last}")
