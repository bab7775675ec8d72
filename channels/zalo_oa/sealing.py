"""The seal on tokens: whoever reads the database alone cannot act as the account."""

from __future__ import annotations

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken

from motcua.errors import CannotSeal
from motcua.kept_secret import kept_secret
from motcua.settings import Settings

_SHORTEST = 16


class TokenSeal:
    """Seals tokens with Fernet, under a key made from one secret."""

    def __init__(self, secret: bytes) -> None:
        """Takes the secret: 16 bytes or more.

        Raises:
            CannotSeal: it is too short.
        """
        if len(secret) < _SHORTEST:
            raise CannotSeal(
                f"the secret of Zalo tokens needs at least {_SHORTEST} characters: MOTCUA_ZALO_OA_TOKEN_SECRET"
            )
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"zalo-oa-tokens", "sha256")))

    def close(self, token: str) -> str:
        """Gives a token so that only `open` can read it."""
        return self._fernet.encrypt(token.encode()).decode()

    def open(self, sealed: str) -> str:
        """Gives the token back.

        Raises:
            CannotSeal: it was sealed under another secret, or altered.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise CannotSeal(
                "the tokens of the Zalo account cannot be opened: their secret is another one now"
            ) from None


def open_token_seal(config: Settings) -> TokenSeal:
    """Gives the seal of the settings; without a secret there, one is made once and kept in the home folder.

    Raises:
        CannotSeal: the secret can be neither read nor kept, or is too short.
    """
    told = config.zalo_oa_token_secret.get_secret_value().strip()
    if told:
        return TokenSeal(told.encode())
    try:
        return TokenSeal(kept_secret(config.zalo_oa_token_secret_file))
    except OSError as cause:
        raise CannotSeal(
            f"the secret of Zalo tokens cannot be kept in {config.zalo_oa_token_secret_file} ({cause.strerror}): "
            "set MOTCUA_ZALO_OA_TOKEN_SECRET"
        ) from None
