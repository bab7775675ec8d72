"""The bot that the settings name."""

from __future__ import annotations

import httpx

from channels.zalo_bot.client import BotClient
from motcua.settings import Settings


def open_bot(config: Settings, *, transport: httpx.AsyncBaseTransport | None = None) -> BotClient | None:
    """Opens the bot of the settings; nothing is asked yet.

    Args:
        config: the settings in force.
        transport: replaces the network, for tests.

    Returns:
        None where no bot is set.

    Raises:
        NotConfigured: token or address is none.
    """
    token = config.zalo_bot_token.get_secret_value().strip()
    return BotClient(config.zalo_bot_url, token, transport=transport) if token else None
