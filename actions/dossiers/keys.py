"""The second key of a dossier: the last four digits of the applicant's phone or identity number.

Only keyed hashes of them are stored. Four digits could be tried through in a moment by anyone who holds the hashes
and the secret, so the secret lies outside the database: in the setting `MOTCUA_DOSSIER_KEY_SECRET`, or in a file of
the home folder that only the service's account can read. The dossier's number goes into the hash, so equal digits on
two dossiers do not look equal, and a dossier can still be looked up by its number and key together.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from actions.dossiers.errors import BadKey

_DIGITS = 4
_HASH_BYTES = 16
_SIGNS = dict.fromkeys(map(ord, " \t.-\xa0"))


@dataclass(frozen=True, slots=True)
class SecondKey:
    """Four digits as a citizen gave them; never shown by `repr`.

    Raises:
        BadKey: it is not four digits.
    """

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.digits) != _DIGITS or not (self.digits.isascii() and self.digits.isdigit()):
            raise BadKey("a second key is four digits")

    @classmethod
    def of_number(cls, number: str) -> SecondKey | None:
        """The key in a phone or identity number, whole or masked ("******4567"); None where it has too few digits."""
        last = number[-_DIGITS:]
        if not last.isdigit():
            last = number.translate(_SIGNS)[-_DIGITS:]
        return cls(last) if len(last) == _DIGITS and last.isascii() and last.isdigit() else None


class KeyBook:
    """Hashes second keys under one secret."""

    def __init__(self, secret: bytes) -> None:
        """Takes the secret: 16 bytes or more.

        Raises:
            BadKey: the secret is too short to be one.
        """
        if len(secret) < 16:
            raise BadKey("the secret for second keys needs at least 16 characters")
        self._secret = secret

    def hash_of(self, number: str, key: SecondKey | None) -> str:
        """Gives the keyed hash of a key on a dossier of that number (32 hexadecimal digits); "" without a key."""
        if key is None:
            return ""
        message = f"dossier-key\0{number}\0{key.digits}".encode()
        return hmac.digest(self._secret, message, "sha256")[:_HASH_BYTES].hex()

    def mark_of(self, kind: str, text: str) -> str:
        """Gives a keyed hash under which a code or a person can be found again but not read (32 hexadecimal digits)."""
        return hmac.digest(self._secret, f"{kind}\0{text}".encode(), "sha256")[:_HASH_BYTES].hex()

    @staticmethod
    def equal(one: str, other: str) -> bool:
        """Compares two hashes in constant time; an empty one equals nothing."""
        same = hmac.compare_digest(one.encode(), other.encode())
        return same and bool(one)
