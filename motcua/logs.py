"""Logging for every process: one line an event, no message text, no personal data."""

from __future__ import annotations

import logging
import sys

from motcua.privacy import mask


class MaskPersonalData(logging.Filter):
    """Last line of defence: masks numbers that slip into a log message."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        return True


def set_up(level: str, process: str) -> None:
    """Sends the log of this process to standard error.

    Args:
        level: name of the lowest level shown.
        process: name printed before each line ("gateway", "actions").
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(f"%(asctime)s {process} %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(MaskPersonalData())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "sanic.access", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
