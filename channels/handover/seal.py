"""What only an officer may read, and only while a case is open: sealed with a key that lies outside the database."""

from __future__ import annotations

from channels.sealing import TextSeal
from motcua.settings import Settings


class Seal(TextSeal):
    """Seals what people write to an officer and the numbers they leave."""

    purpose = b"handover-seal"
    whose = "hand-overs"
    setting = "MOTCUA_HANDOVER_SECRET"
    lost = "what was sealed cannot be opened: the secret of hand-overs is another one now"


def open_seal(config: Settings) -> Seal:
    """Gives the seal of the settings.

    Raises:
        CannotSeal: the secret can be neither read nor kept, or is too short.
    """
    return Seal.in_force(config.handover_secret, config.handover_secret_file)
