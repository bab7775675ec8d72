"""Text sealed with a key that lies outside the database; each room names its secret and what it makes of a lost one."""

from __future__ import annotations

import base64
import hmac
from pathlib import Path
from typing import ClassVar, Self

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

from motcua.errors import CannotSeal
from motcua.kept_secret import kept_secret

_SHORTEST = 16


class TextSeal:
    """Seals text with Fernet (AES-128 in CBC mode with an HMAC), under a key made from one secret.

    purpose: what tells its key from others made of the same secret.
    whose: what the secret belongs to, for messages.
    setting: the environment variable that sets the secret.
    lost: what is said when something was sealed under another secret, or altered.
    """

    purpose: ClassVar[bytes]
    whose: ClassVar[str]
    setting: ClassVar[str]
    lost: ClassVar[str]

    def __init__(self, secret: bytes) -> None:
        """Takes the secret: 16 bytes or more.

        Raises:
            CannotSeal: it is too short.
        """
        if len(secret) < _SHORTEST:
            raise CannotSeal(f"the secret of {self.whose} needs at least {_SHORTEST} characters: {self.setting}")
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, self.purpose, "sha256")))

    @classmethod
    def in_force(cls, told: SecretStr, file: Path) -> Self:
        """Gives the seal of the settings; see `secret_in_force`.

        Raises:
            CannotSeal: the secret can be neither read nor kept, or is too short.
        """
        return cls(cls.secret_in_force(told, file))

    @classmethod
    def secret_in_force(cls, told: SecretStr, file: Path) -> bytes:
        """Gives the secret of the settings; without one there, one is made once and kept in a file.

        Args:
            told: the secret of the settings, or empty.
            file: where one is kept otherwise.

        Raises:
            CannotSeal: it can be neither read nor kept.
        """
        if secret := told.get_secret_value().strip():
            return secret.encode()
        try:
            return kept_secret(file)
        except OSError as cause:
            raise CannotSeal(
                f"the secret of {cls.whose} cannot be kept in {file} ({cause.strerror}): set {cls.setting}"
            ) from None

    def close(self, text: str) -> str:
        """Gives the text so that only `open` can read it."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Gives the text back.

        Raises:
            CannotSeal: it was sealed under another secret, or altered.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise CannotSeal(self.lost) from None
