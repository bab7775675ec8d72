"""Long polling: one poll after the other, each update handed over before the next poll is made.

Zalo may give an update again at once and for ever, or never again: so whoever takes the updates stores them before
it returns and says how many were new, and a poll that gave nothing new is followed by a pause.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

from channels.zalo.errors import CallFailed, Permanent, TokenRefused
from channels.zalo_bot.client import BotClient
from channels.zalo_bot.updates import Update

logger = logging.getLogger(__name__)

_LEAST_S = 1.0
_LONGEST_S = 60.0

Take = Callable[[tuple[Update, ...]], Awaitable[int]]
"""Stores updates and gives the number of those that were not known; what it raises is logged, and polling goes on."""


class Polling:
    """Fetches the updates of one bot; only one may do so at a time."""

    def __init__(
        self,
        client: BotClient,
        take: Take,
        *,
        wait_s: int = 30,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes its parts.

        Args:
            client: of the bot.
            take: stores what came.
            wait_s: seconds that Zalo may hold a poll.
            sleep, clock: time, for tests.
        """
        self._client, self._take, self._wait_s, self._sleep, self._clock = client, take, wait_s, sleep, clock

    async def run(self) -> None:
        """Polls for ever.

        Raises:
            TokenRefused: the token is none; somebody has to put it right.
        """
        failures, is_free = 0, False
        while True:
            begun = self._clock()
            try:
                if not is_free:
                    # While a webhook is set nothing can be fetched.
                    await self._client.delete_webhook()
                    is_free = True
                updates = await self._client.updates(self._wait_s)
                new = await self._take(updates) if updates else 0
            except TokenRefused:
                logger.error("Zalo does not take the token of the bot: set MOTCUA_ZALO_BOT_TOKEN")
                raise
            except Exception as cause:
                # Permanent: somebody has set a webhook meanwhile.
                is_free = is_free and not isinstance(cause, Permanent)
                failures += 1
                said = str(cause) if isinstance(cause, CallFailed) else type(cause).__name__
                logger.warning("updates could not be fetched: %s", said)
                pause = min(_LONGEST_S, _LEAST_S * 2.0 ** min(failures - 1, 16))
                await self._sleep(pause * random.uniform(0.5, 1.0) if failures > 1 else pause)
                continue
            failures = 0
            if not new:
                await self._sleep(max(0.0, _LEAST_S - (self._clock() - begun)))
