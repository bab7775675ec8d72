"""Secrets of second factors, sealed with a key that lies outside the database: its backups alone open no account."""

from __future__ import annotations

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken

from channels.errors import CannotStart
from motcua.kept_secret import kept_secret
from motcua.settings import Settings

_SHORTEST = 16


class Seal:
    """Seals text with Fernet (AES-128 in CBC mode with an HMAC)."""

    def __init__(self, secret: bytes) -> None:
        """Takes the secret that the key is made from.

        Raises:
            CannotStart: it has less than 16 bytes.
        """
        if len(secret) < _SHORTEST:
            raise CannotStart(f"MOTCUA_CONSOLE_SECRET needs at least {_SHORTEST} characters")
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"console-seal", "sha256")))

    def close(self, text: str) -> str:
        """Gives the text so that only `open` can read it."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Gives the text back; empty where it was sealed under another secret, or altered."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return ""


def open_seal(ours: Settings) -> Seal:
    """Gives the seal of the settings; without a secret there, one is made once and kept in the home folder.

    Raises:
        CannotStart: the secret can be neither read nor kept, or is too short.
    """
    told = ours.console_secret.get_secret_value().strip()
    if told:
        return Seal(told.encode())
    try:
        return Seal(kept_secret(ours.console_secret_file))
    except OSError as cause:
        raise CannotStart(
            f"the secret of the console cannot be kept in {ours.console_secret_file} ({cause.strerror}): "
            "set MOTCUA_CONSOLE_SECRET"
        ) from None
