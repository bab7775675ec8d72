"""What people wrote and who they are, hidden from whoever reads the database alone.

Bodies and the channel's ids of people are sealed with Fernet (AES-128 in CBC mode with an HMAC); conversations and
events are known by keyed hashes. The secret lies outside the database. Where it is lost, what waits cannot be answered
any more, and an event that comes again is not known again.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from channels.durable.model import Address
from channels.sealing import TextSeal
from motcua.settings import Settings

_MARK_BYTES = 16


class Seal:
    """Seals JSON and marks names under keys made from one secret."""

    def __init__(self, secret: bytes) -> None:
        """Takes the secret: 16 bytes or more.

        Raises:
            CannotSeal: it is too short.
        """
        self._text = _JsonText(secret)
        self._marks = hmac.digest(secret, b"durable-mark", "sha256")

    def close(self, content: object) -> str:
        """Gives JSON so that only `open` can read it."""
        return self._text.close(json.dumps(content, ensure_ascii=False))

    def open(self, sealed: str) -> Any:
        """Gives the content back.

        Raises:
            CannotSeal: it was sealed under another secret, altered, or deleted.
        """
        return json.loads(self._text.open(sealed))

    def mark_of(self, address: Address) -> str:
        """Gives the keyed hash of a conversation (32 hexadecimal digits)."""
        return self._mark("conversation", address.channel, address.account, address.conversation)

    def mark_of_key(self, address: Address, key: str) -> str:
        """Gives the keyed hash of an event's key, which counts within one account (32 hexadecimal digits)."""
        return self._mark("event", address.channel, address.account, key)

    def _mark(self, *parts: str) -> str:
        return hmac.digest(self._marks, json.dumps(parts).encode(), "sha256")[:_MARK_BYTES].hex()


class _JsonText(TextSeal):
    purpose = b"durable-seal"
    whose = "the inbox"
    setting = "MOTCUA_DURABLE_SECRET"
    lost = "what was sealed cannot be opened: MOTCUA_DURABLE_SECRET is another one now"


def open_seal(config: Settings) -> Seal:
    """Gives the seal of the settings; without a secret there, one is made once and kept in the home folder.

    Raises:
        CannotSeal: the secret can be neither read nor kept, or is too short.
    """
    return Seal(_JsonText.secret_in_force(config.durable_secret, config.durable_secret_file))
