"""Zalo's clock: it runs with the real one and can be put forward."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class SimClock:
    """Seconds since 1970."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        return time.time() + self._ahead

    def ms(self) -> str:
        """The time as Zalo writes it: milliseconds, as text."""
        return str(int(self.now() * 1000))

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        with self._lock:
            self._ahead += seconds + 60 * (minutes + 60 * (hours + 24 * days))
        for tell in list(self._listeners):
            tell()

    def tell(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)
