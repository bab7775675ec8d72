"""JSON as it comes from outside: refused with a reason where it is broken or cannot be stored."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from knowledge.errors import BadRecord

_DEEPEST = 32


def parse_json(raw: bytes) -> Any:
    """Parses one JSON text.

    Raises:
        BadRecord: it is a web page, not UTF-8, not JSON, nested too deep, or has characters that no
            database keeps (NUL, halves of a surrogate pair).
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise BadRecord(f"is not UTF-8 (byte {cause.start + 1})") from cause
    if text.lstrip().startswith("<"):
        raise BadRecord("is a web page and not JSON: probably the portal's firewall; fetch it again")
    try:
        content = json.loads(text, parse_constant=_refuse)
    except RecursionError as cause:
        raise BadRecord("is nested too deep") from cause
    except ValueError as cause:
        raise BadRecord(f"is not JSON ({cause})") from cause
    _check(content)
    return content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _check(content: Any) -> None:
    level, depth = [content], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise BadRecord("is nested too deep")
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _check_text(value)
            elif isinstance(value, dict):
                below.extend(value)
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        level = below


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise BadRecord("holds a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as cause:
        raise BadRecord("holds half of a surrogate pair") from cause
