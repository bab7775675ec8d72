"""Rate limits, per session and per network address, and whose address a request came from."""

from __future__ import annotations

import logging
import math
import time
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

from channels.errors import CannotStart, TooMany

_Network = IPv4Network | IPv6Network

logger = logging.getLogger(__name__)


class Rate:
    """One limit on one kind of caller."""

    def __init__(self, limiter: FixedWindowRateLimiter, item: RateLimitItem, kind: str) -> None:
        self._limiter = limiter
        self._item = item
        self._kind = kind

    async def count(self, caller: str) -> None:
        """Counts one request.

        Raises:
            TooMany: the limit is used up.
        """
        try:
            if await self._limiter.hit(self._item, self._kind, caller):
                return
            window = await self._limiter.get_window_stats(self._item, self._kind, caller)
        except StorageError as cause:
            # Without its counter the gateway still answers people.
            logger.warning("requests are not counted: %s", type(cause.storage_error).__name__)
            return
        raise TooMany(max(1, math.ceil(window.reset_time - time.time())))


class Rates:
    """The limits in force."""

    def __init__(self, storage: str, per_session: str, per_address: str) -> None:
        """Reads the limits.

        Args:
            storage: where requests are counted, a URI of the limits library.
            per_session: messages of one session, such as "20/minute".
            per_address: requests of one address.

        Raises:
            CannotStart: a limit or the URI cannot be read.
        """
        try:
            counts = storage_from_string(f"async+{storage}", wrap_exceptions=True)
        except Exception as cause:  # the library lets the errors of every driver through
            raise CannotStart(f"MOTCUA_RATE_STORAGE cannot be used: {cause}") from cause
        if not isinstance(counts, Storage):
            raise CannotStart("MOTCUA_RATE_STORAGE cannot be used: it has no asynchronous driver")
        limiter = FixedWindowRateLimiter(counts)
        self.session = Rate(limiter, _item("MOTCUA_RATE_PER_SESSION", per_session), "session")
        self.address = Rate(limiter, _item("MOTCUA_RATE_PER_ADDRESS", per_address), "address")


def _item(setting: str, value: str) -> RateLimitItem:
    try:
        return parse(value)
    except ValueError:
        raise CannotStart(f'{setting} is not a rate such as "20/minute": {value!r}') from None


class Proxies:
    """Decides whose address a request came from."""

    def __init__(self, trusted: str) -> None:
        """Reads the trusted proxies.

        Args:
            trusted: addresses or networks, comma separated.

        Raises:
            CannotStart: one of them is neither.
        """
        try:
            self._trusted: tuple[_Network, ...] = tuple(
                ip_network(part.strip(), strict=False) for part in trusted.split(",") if part.strip()
            )
        except ValueError as cause:
            raise CannotStart(f"MOTCUA_TRUSTED_PROXIES: {cause}") from None

    def caller(self, peer: str, forwarded: str) -> str:
        """Gives the key that an address is limited by: IPv4 alone, IPv6 by its /64.

        The header is read from the right, past our own proxies: what stands further left is whatever
        the caller wrote.

        Args:
            peer: address at the other end of the connection.
            forwarded: the X-Forwarded-For header, or empty.
        """
        address = peer
        for hop in reversed(forwarded.split(",") if forwarded else []):
            if not self._trusts(address) or not _is_address(hop.strip()):
                break
            address = hop.strip()
        return _key(address)

    def _trusts(self, address: str) -> bool:
        return _is_address(address) and any(_plain(address) in network for network in self._trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _plain(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text)
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _key(text: str) -> str:
    if not _is_address(text):
        return text
    address = _plain(text)
    if isinstance(address, IPv6Address):
        # One household or one attacker holds a whole /64.
        return str(ip_network((address, 64), strict=False))
    return str(address)
