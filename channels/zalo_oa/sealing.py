"""The seal on tokens: whoever reads the database alone cannot act as the account."""

from __future__ import annotations

from channels.sealing import TextSeal
from motcua.settings import Settings


class TokenSeal(TextSeal):
    """Seals tokens."""

    purpose = b"zalo-oa-tokens"
    whose = "Zalo tokens"
    setting = "MOTCUA_ZALO_OA_TOKEN_SECRET"
    lost = "the tokens of the Zalo account cannot be opened: their secret is another one now"


def open_token_seal(config: Settings) -> TokenSeal:
    """Gives the seal of the settings.

    Raises:
        CannotSeal: the secret can be neither read nor kept, or is too short.
    """
    return TokenSeal.in_force(config.zalo_oa_token_secret, config.zalo_oa_token_secret_file)
