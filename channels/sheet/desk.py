"""The sheet's desk: everything a request for a sheet needs, made once per process."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

from starlette.requests import Request

from channels.errors import CannotStart
from channels.rates import Proxies, Rates
from channels.sheet.arrange import arrange
from channels.sheet.facts import ActionsFacts, SheetFacts
from channels.sheet.model import Sheet
from channels.sheet.receipts import KeptAnswers
from channels.sheet.words import sheet_words
from channels.storage import Storage
from motcua.settings import Settings

PREFIX = "/phieu"
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")


class SheetDesk:
    """Gives sheets."""

    def __init__(
        self, settings: Settings, storage: Storage, rates: Rates, proxies: Proxies, facts: SheetFacts | None = None
    ) -> None:
        """Takes its parts.

        Args:
            settings: what the operator set.
            storage: where receipts lie.
            rates: the limits in force; sheets count with every other request of an address.
            proxies: whose word about addresses is taken.
            facts: who tells the rest of a procedure; by default the actions server on its loopback port.

        Raises:
            CannotStart: `public_url` is no web address.
        """
        # Drawing a file keeps a processor busy; more at once would slow down the answers of everybody else.
        self.drawing = asyncio.Semaphore(2)
        self._own = settings.public_url.rstrip("/")
        if self._own and not _is_web_root(self._own):
            raise CannotStart(
                f'MOTCUA_PUBLIC_URL is not a web address such as "https://motcua.example.vn": {settings.public_url!r}'
            )
        self._fallback = f"http://{settings.host}:{settings.port}"
        self._domains = tuple(d.strip().lower() for d in settings.link_domains.split(",") if d.strip())
        self._kept = KeptAnswers(storage)
        self._rates = rates
        self._proxies = proxies
        self._client = None if facts else _client(settings)
        self._facts: SheetFacts | None = facts or self._client

    async def admit(self, request: Request) -> None:
        """Counts a request.

        Raises:
            TooMany: the address has used up its limit.
        """
        peer = request.client.host if request.client else ""
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        await self._rates.address.count(self._proxies.caller(peer, forwarded))

    async def sheet(self, typed: str, request: Request) -> Sheet:
        """Gives the sheet under a receipt, as it is typed.

        Raises:
            NotFound: no answer to print has this receipt.
            StorageUnavailable: the database cannot be read.
        """
        kept = await self._kept.find(typed)
        code = kept.reply.procedure
        facts = await self._facts.facts(code) if self._facts and code else None
        return arrange(
            kept,
            facts,
            address=f"{self._root(request)}{PREFIX}/{kept.receipt}",
            words=sheet_words(),
            link_domains=self._domains,
        )

    def _root(self, request: Request) -> str:
        """Where people reach the gateway: as it is set, or as this request reached it."""
        host = request.headers.get("host", "")
        if self._own:
            return self._own
        return f"{request.url.scheme}://{host}" if _HOST.fullmatch(host) else self._fallback

    async def close(self) -> None:
        """Closes the connections to the actions server."""
        if self._client:
            await self._client.close()


def _is_web_root(address: str) -> bool:
    try:
        url = urlsplit(address)
        host = url.netloc
    except ValueError:
        return False
    plain = not (url.query or url.fragment or re.search(r"\s", address))
    return url.scheme in ("http", "https") and bool(_HOST.fullmatch(host)) and plain and len(address) <= 300


def _client(settings: Settings) -> ActionsFacts:
    return ActionsFacts(
        f"http://127.0.0.1:{settings.actions_port}",
        settings.internal_token.get_secret_value(),
        settings.reply_timeout,
    )
