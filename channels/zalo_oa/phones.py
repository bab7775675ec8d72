"""Vietnamese telephone numbers in the form that Zalo takes: 84 and the digits, no zero before them."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[\s.\-()\u00a0]+")
_NUMBER = re.compile(r"(?:\+?84|0)(?P<rest>[1-9]\d{8,9})")


def in_zalo_form(phone: str) -> str:
    """Gives "84912345678" for "0912 345 678", "+84 912345678" and the like; "" for what is no such number."""
    found = _NUMBER.fullmatch(_SIGNS.sub("", phone))
    return f"84{found['rest']}" if found and found["rest"].isascii() else ""
