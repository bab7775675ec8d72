"""Addresses in what is said: links only where they lead to a domain that the operator allows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"https?://[^\s<>\"'“”]*[^\s<>\"'“”.,;:!?)\]]", re.IGNORECASE)
# Browsers take a backslash for a slash and leave out tabs and line breaks; none of these is ever needed.
_TRAPS = re.compile(r"[\\\x00-\x20\x7f]")


@dataclass(frozen=True)
class Piece:
    """A stretch of a text.

    Attributes:
        text: as it is said.
        is_address: whether it is an address.
        is_link: whether it may be followed.
    """

    text: str
    is_address: bool = False
    is_link: bool = False


def allows(address: str, domains: Collection[str]) -> bool:
    """Says whether an address leads to one of the domains or below one."""
    if _TRAPS.search(address):
        return False
    try:
        url = urlsplit(address)
        host = (url.hostname or "").lower()
    except ValueError:
        return False
    if url.scheme not in ("http", "https") or "@" in url.netloc:
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def pieces(text: str, domains: Collection[str]) -> Iterator[Piece]:
    """Cuts a text at its addresses."""
    last = 0
    for found in _ADDRESS.finditer(text):
        if found.start() > last:
            yield Piece(text[last : found.start()])
        yield Piece(found[0], is_address=True, is_link=allows(found[0], domains))
        last = found.end()
    if last < len(text):
        yield Piece(text[last:])
