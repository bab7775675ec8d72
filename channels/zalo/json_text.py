"""JSON from outside: an object that can be stored and logged about, or an error that quotes nothing of it."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

from channels.zalo.errors import NotAnEvent

LARGEST = 4_000_000
"""Bytes of a body that are read; Zalo's own events have a few thousand, and one of millions comes again if refused."""


def parse(body: bytes) -> Any:
    """Reads JSON of any kind, with every text in it fit for a database.

    Raises:
        NotAnEvent: too large, not UTF-8, not JSON, or nested beyond reason.
    """
    if len(body) > LARGEST:
        raise NotAnEvent("more than an event can be")
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # Without the cause: its message quotes the body.
        raise NotAnEvent("not JSON") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def an_object(value: object) -> dict[str, Any]:
    """Gives the object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def a_list(value: object) -> list[Any]:
    """Gives the list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def a_text(value: object) -> str:
    """Gives a text in NFC without half characters and nulls; "" for anything that is no text."""
    if not isinstance(value, str):
        return ""
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
    return unicodedata.normalize("NFC", whole)


def a_name(value: object) -> str:
    """Gives an id or a number as text: Zalo writes them as strings, some of its services as numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to print integers of thousands of digits; no id has more than twenty.
        return str(value) if abs(value) < 10**40 else ""
    return a_text(value).strip()


def a_number(value: object) -> float | None:
    """Gives a number that may be written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number - number == 0 else None


def a_moment(value: object) -> datetime | None:
    """Gives the time of a number of milliseconds, written as text or number; None for anything else."""
    number = a_number(value)
    if number is None:
        return None
    try:
        return datetime.fromtimestamp(number / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
