"""What the answer itself left out of a procedure, as the catalogue tells it today."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

import httpx
from pydantic import BaseModel, ValidationError

from motcua.reply import PAYLOAD, Reply

logger = logging.getLogger(__name__)

_CONNECT_S = 0.5
_LIMITS = httpx.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=4.0)


class ProcedureFacts(BaseModel):
    """A procedure's plain name and the answers about each part of a sheet."""

    name: str
    replies: tuple[Reply, ...] = ()


class SheetFacts(Protocol):
    """Tells the parts of a procedure."""

    async def facts(self, procedure_code: str) -> ProcedureFacts | None:
        """Gives them, or None when they cannot be had at the moment, or the procedure is not known any more."""


class ActionsFacts:
    """Asks the actions server."""

    def __init__(
        self, url: str, token: str, patience: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Prepares the client; nothing is connected yet.

        Args:
            url: root of the actions server.
            token: shared secret of the internal services.
            patience: seconds that an answer may take.
            transport: replaces the network, for tests.
        """
        self._patience = patience
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(patience, connect=min(_CONNECT_S, patience)),
            limits=_LIMITS,
            transport=transport,
            trust_env=False,
        )

    async def facts(self, procedure_code: str) -> ProcedureFacts | None:
        """Gives the parts of a procedure; whatever goes wrong gives None and a line in the log."""
        if not PAYLOAD.fullmatch(f"ask:overview:{procedure_code}"):
            return None
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._http.get(f"/sheet/{procedure_code}")
        except (httpx.HTTPError, TimeoutError) as cause:
            logger.warning("a sheet goes without today's facts: %s", type(cause).__name__)
            return None
        if answer.status_code != httpx.codes.OK:
            logger.warning("a sheet goes without today's facts: status %d", answer.status_code)
            return None
        try:
            return ProcedureFacts.model_validate_json(answer.content)
        except ValidationError:
            logger.warning("a sheet goes without today's facts: the answer is not what was agreed")
            return None

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()
