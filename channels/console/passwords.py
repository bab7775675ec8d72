"""Passwords: which are taken, and how they are kept (Argon2id).

Length and being hard to guess are all that is asked for; there are no rules about kinds of signs (NIST SP 800-63B,
section 5.1.1.2). The hash takes 46 MiB and one pass, as OWASP's password storage cheat sheet has it, with one more
pass to spare.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from functools import cache
from pathlib import Path

import yaml
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from channels.console.errors import AccountRefused

SHORTEST = 12
LONGEST = 128
_DISTINCT = 5
_AT_ONCE = 2

_ARGON2 = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)


def check(password: str, name: str) -> None:
    """Checks a password that somebody wants to have.

    Args:
        password: as typed.
        name: user name of the account.

    Raises:
        AccountRefused: too short, too long, among the commonest, or like the user name.
    """
    text = _composed(password)
    if len(text) < SHORTEST:
        raise AccountRefused("password_short", f"the password needs at least {SHORTEST} characters")
    if len(text) > LONGEST:
        raise AccountRefused("password_long", f"the password may have at most {LONGEST} characters")
    plain = _plain(text)
    core = plain.strip("0123456789")
    if name and (core == _plain(name) or _plain(name) * 2 in plain or (len(name) > 3 and _plain(name) in plain)):
        raise AccountRefused("password_like_name", "the password is like the user name")
    common = _common()
    if len(set(text.casefold())) < _DISTINCT or plain in common or core in common or _is_repeated(core, common):
        raise AccountRefused("password_common", "the password is among those that are guessed first")


def make_hash(password: str) -> str:
    """Hashes a password; takes about a twentieth of a second and 46 MiB."""
    return _ARGON2.hash(_composed(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Compares; takes as long where there is no hash, so that nobody learns which accounts exist."""
    try:
        right = _ARGON2.verify(password_hash or _nobodys(), _composed(password)[: LONGEST + 1])
    except (Argon2Error, InvalidHashError):
        return False
    return right and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Says whether a hash was made with other parameters than today's."""
    return _ARGON2.check_needs_rehash(password_hash)


class Hashing:
    """Hashes beside the event loop, few at a time: each takes memory and a processor."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def make(self, password: str) -> str:
        """As `make_hash`."""
        async with self._room:
            return await asyncio.to_thread(make_hash, password)

    async def is_right(self, password_hash: str | None, password: str) -> bool:
        """As `is_right`."""
        async with self._room:
            return await asyncio.to_thread(is_right, password_hash, password)


@cache
def _nobodys() -> str:
    return make_hash("a password that opens nothing")


@cache
def _common() -> frozenset[str]:
    listed = yaml.safe_load(Path(__file__).with_name("common_passwords.yaml").read_text(encoding="utf-8"))
    return frozenset(str(word) for word in listed)


def _composed(password: str) -> str:
    # Vietnamese keyboards give the same letter composed or in parts.
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]", "", parts)


def _is_repeated(core: str, common: frozenset[str]) -> bool:
    # "matkhaumatkhau": a common word over and over.
    return bool(core) and any(core == word * (len(core) // len(word)) for word in common)
