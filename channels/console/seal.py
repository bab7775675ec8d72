"""Secrets of second factors, sealed with a key that lies outside the database: its backups alone open no account."""

from __future__ import annotations

from channels.errors import CannotStart
from channels.sealing import TextSeal
from motcua.errors import CannotSeal
from motcua.settings import Settings


class Seal(TextSeal):
    """Seals secrets of second factors; what cannot be opened counts as none."""

    purpose = b"console-seal"
    whose = "the console"
    setting = "MOTCUA_CONSOLE_SECRET"
    lost = "a second factor cannot be opened: the secret of the console is another one now"

    def open(self, sealed: str) -> str:
        """Gives the text back; empty where it was sealed under another secret, or altered."""
        try:
            return super().open(sealed)
        except CannotSeal:
            return ""


def open_seal(ours: Settings) -> Seal:
    """Gives the seal of the settings.

    Raises:
        CannotStart: the secret can be neither read nor kept, or is too short.
    """
    try:
        return Seal.in_force(ours.console_secret, ours.console_secret_file)
    except CannotSeal as cause:
        raise CannotStart(str(cause)) from None
