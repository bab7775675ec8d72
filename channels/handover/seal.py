"""What only an officer may read, and only while a case is open: sealed with a key that lies outside the database."""

from __future__ import annotations

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken

from motcua.errors import CannotSeal
from motcua.kept_secret import kept_secret
from motcua.settings import Settings

_SHORTEST = 16


class Seal:
    """Seals text with Fernet (AES-128 in CBC mode with an HMAC), under a key made from one secret."""

    def __init__(self, secret: bytes) -> None:
        """Takes the secret: 16 bytes or more.

        Raises:
            CannotSeal: it is too short.
        """
        if len(secret) < _SHORTEST:
            raise CannotSeal(f"the secret of hand-overs needs at least {_SHORTEST} characters: MOTCUA_HANDOVER_SECRET")
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"handover-seal", "sha256")))

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
            raise CannotSeal("what was sealed cannot be opened: the secret of hand-overs is another one now") from None


def open_seal(config: Settings) -> Seal:
    """Gives the seal of the settings; without a secret there, one is made once and kept in the home folder.

    Raises:
        CannotSeal: the secret can be neither read nor kept, or is too short.
    """
    told = config.handover_secret.get_secret_value().strip()
    if told:
        return Seal(told.encode())
    try:
        return Seal(kept_secret(config.handover_secret_file))
    except OSError as cause:
        raise CannotSeal(
            f"the secret of hand-overs cannot be kept in {config.handover_secret_file} ({cause.strerror}): "
            "set MOTCUA_HANDOVER_SECRET"
        ) from None
