"""The log of the HTTP client without what its addresses hold: bot tokens in paths, people's ids in queries."""

from __future__ import annotations

import logging
import re

import httpx

_TOKEN = re.compile(r"/bot\d+(?::|%3A)[^/\s\"']+", re.IGNORECASE)
_QUERY = re.compile(r"\?[^\s\"']+")


def without_secrets(text: str) -> str:
    """Gives a text with bot tokens and the queries of addresses taken out."""
    return _QUERY.sub("?…", _TOKEN.sub("/bot…", text))


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                without_secrets(str(one)) if isinstance(one, httpx.URL | str) else one for one in record.args
            )
        record.msg = without_secrets(str(record.msg))
        return True


_FILTER = _Redacting()


def redact_http_log() -> None:
    """Has every line of httpx's own log go through the filter; doing it twice does nothing."""
    logging.getLogger("httpx").addFilter(_FILTER)
