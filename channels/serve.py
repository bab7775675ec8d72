"""`python -m channels.serve`: the gateway as a process of its own."""

from __future__ import annotations

import errno
import logging
import socket
import sys

import uvicorn
from pydantic import ValidationError
from sqlalchemy import delete, false
from sqlalchemy.exc import SQLAlchemyError

from channels.app import create_app
from channels.errors import CannotStart
from channels.tables import ChatMessage
from motcua import logs
from motcua.database import DatabaseUnusable, open_database, upgrade
from motcua.settings import Settings, settings

_BACKLOG = 512
_GRACE_S = 3


def main() -> int:
    """Serves until it is told to stop.

    Returns:
        0 after a clean stop, 2 when it could not start; one sentence on standard error then says why.
    """
    try:
        ours = settings()
        logs.set_up(ours.log_level, "gateway")
        listening = _listen(ours)
        upgrade(ours.database)
        _try_writing(ours.database)
        app = create_app(ours)
    except ValidationError as cause:
        names = ", ".join(f"MOTCUA_{'.'.join(map(str, e['loc']))}".upper() for e in cause.errors())
        return _refuse(f"settings cannot be read: {names}")
    except CannotStart as cause:
        return _refuse(str(cause))
    except DatabaseUnusable as cause:
        return _refuse(f"the database cannot be used: {cause}")
    logging.getLogger(__name__).info("listening on http://%s:%d", ours.host, ours.port)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            # Whose X-Forwarded-For is believed is decided by MOTCUA_TRUSTED_PROXIES alone.
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    server.run(sockets=[listening])
    return 0 if server.started else 2


def _listen(ours: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in ours.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((ours.host, ours.port))
        listening.listen(_BACKLOG)
    except OSError as cause:
        listening.close()
        if cause.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"port {ours.port} on {ours.host} is taken: stop what uses it, or set MOTCUA_PORT"
            ) from None
        raise CannotStart(f"cannot listen on {ours.host}, port {ours.port}: {cause.strerror}") from None
    return listening


def _try_writing(url: str) -> None:
    engine = open_database(url)
    try:
        with engine.begin() as connection:
            connection.execute(delete(ChatMessage).where(false()))
    except SQLAlchemyError as cause:
        raise DatabaseUnusable(str(getattr(cause, "orig", None) or type(cause).__name__)) from None
    finally:
        engine.dispose()


def _refuse(sentence: str) -> int:
    print(f"gateway: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
