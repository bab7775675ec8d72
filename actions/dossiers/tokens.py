"""A token from client id and secret, kept until shortly before it expires; one thread fetches, the others wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_MARGIN_S = 60.0
_UNTOLD_S = 300.0


@dataclass(frozen=True, slots=True)
class Token:
    """What the system gave: the token, and the seconds it said that it lasts (None where it did not say)."""

    value: str
    lasts_s: float | None

    def __repr__(self) -> str:
        return "Token(…)"


class TokenKeeper:
    """Keeps the token of one client."""

    def __init__(self, fetch: Callable[[float], Token], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes what fetches a token.

        Args:
            fetch: gets a new one before a deadline (on `clock`), or raises.
            clock: seconds that only grow.
        """
        self._fetch, self._clock = fetch, clock
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def get(self, deadline: float) -> str:
        """Gives a token that still holds; whoever comes while it is being fetched waits for the same one.

        Raises:
            SourceError: none is to be had before the deadline, see the fetching function.
            TimeoutError: another thread has been fetching for too long.
        """
        token = self._token
        if token and self._clock() < self._until:
            return token
        if not self._lock.acquire(timeout=max(0.0, deadline - self._clock())):
            raise TimeoutError
        try:
            if not (self._token and self._clock() < self._until):
                asked_at = self._clock()
                new = self._fetch(deadline)
                lasts = _UNTOLD_S if new.lasts_s is None else new.lasts_s
                # A token of a few seconds is used for half of them rather than fetched again for every call.
                self._token = ""
                self._until = asked_at + max(lasts - _MARGIN_S, lasts / 2)
                self._token = new.value
            return self._token
        finally:
            self._lock.release()

    def drop(self, token: str) -> None:
        """Forgets a token that the system no longer takes; one fetched meanwhile stays."""
        with self._lock:
            if self._token == token:
                self._token = ""
