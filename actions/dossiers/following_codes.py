"""Codes of followed dossiers, so that the database alone does not say who follows which dossier.

A keyed hash finds the followers of a dossier that changed. That is not enough where the province's system has no
list of changes: there each followed dossier must be looked up, and that takes its code. So the code is also kept
sealed: hidden by a keystream made from the secret and the hash, which is the code's own and so never serves twice
(the construction known as SIV). The secret lies outside the database (see `keys`).
"""

from __future__ import annotations

import hmac
from hashlib import blake2b

from actions.dossiers.codes import DossierCode
from actions.dossiers.errors import BadCode
from actions.dossiers.keys import KeyBook

# All are sealed at one length; the longest code has 39 signs.
_LENGTH = 48


class CodeSeal:
    """Hashes and seals codes under the secret of the second keys."""

    def __init__(self, keys: KeyBook) -> None:
        """Derives a key of its own for the sealing."""
        self._keys, self._key = keys, keys.mark_of("following-seal", "key").encode()

    def hash_of(self, code: DossierCode) -> str:
        """Gives the keyed hash of a code: 32 hexadecimal digits."""
        return self._keys.mark_of("following-code", code.value)

    def seal(self, code: DossierCode) -> str:
        """Gives the code so that only `open` can read it: 96 hexadecimal digits."""
        return _mix(code.value.encode().ljust(_LENGTH, b"\0"), self._stream(self.hash_of(code))).hex()

    def open(self, code_hash: str, sealed: str) -> DossierCode:
        """Gives the code back.

        Raises:
            BadCode: it was sealed under another secret, or altered.
        """
        try:
            code = DossierCode(_mix(bytes.fromhex(sealed), self._stream(code_hash)).rstrip(b"\0").decode("ascii"))
        except ValueError:
            raise BadCode("cannot be opened") from None
        if not hmac.compare_digest(self.hash_of(code), code_hash):
            raise BadCode("cannot be opened")
        return code

    def _stream(self, code_hash: str) -> bytes:
        return blake2b(code_hash.encode(), key=self._key, digest_size=_LENGTH).digest()


def _mix(text: bytes, stream: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(text, stream, strict=True))
