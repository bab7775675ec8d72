"""What the bot would answer to a person's last message, for the officer who answers instead."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from channels.errors import RasaUnavailable
from channels.rasa_client import RasaClient
from motcua.reply import Reply

if TYPE_CHECKING:
    from channels.inbox import Entry

logger = logging.getLogger(__name__)


async def suggest(rasa: RasaClient, talk: Sequence[Entry]) -> list[Reply]:
    """Asks the bot in a conversation of its own, which is forgotten at once: the person's stays as it is.

    The bot is first told what the talk was about last, so that "mất mấy ngày?" is understood. It reads the masked
    text: what an officer has not opened does not get here either.

    Args:
        rasa: the bot.
        talk: the conversation, oldest first.

    Returns:
        Its replies; none where the person has written nothing.

    Raises:
        RasaUnavailable: the bot gave no answer.
    """
    written = [entry for entry in talk if entry.text]
    if not written:
        return []
    sender = f"suggestion-{secrets.token_hex(12)}"
    try:
        about = _last_procedure(talk[: talk.index(written[-1])])
        if about:
            await rasa.ask(sender, f'/ask_{about.aspect or "overview"}{{"procedure":"{about.procedure}"}}')
        return list((await rasa.ask(sender, written[-1].text.lstrip("/ ") or "?")).replies)
    finally:
        try:
            await rasa.forget(sender)
        except RasaUnavailable as cause:
            logger.warning("a suggestion's conversation is not forgotten yet: %s", cause)


def _last_procedure(talk: Sequence[Entry]) -> Reply | None:
    for entry in reversed(talk):
        for reply in reversed(entry.replies or []):
            if reply.procedure:
                return reply
    return None
