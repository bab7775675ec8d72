"""A circuit breaker: a system that keeps failing is left alone for a while, then tried by one call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from actions.dossiers.errors import AnswerBroken, SourceDown, SourceError


class Breaker:
    """Counts failures in a row. Safe to use from several threads."""

    def __init__(self, *, failures: int = 5, rest_s: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Sets the limits.

        Args:
            failures: in a row, that open it.
            rest_s: seconds it stays open before one call is let through.
            clock: seconds that only grow.
        """
        self._limit, self._rest_s, self._clock = failures, rest_s, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._open_until = 0.0
        self._trying = False

    @contextmanager
    def call(self) -> Iterator[None]:
        """Lets a call through and notes how it ended.

        Raises:
            SourceDown: it is open, and this is not the call that tries again.
        """
        self._enter()
        failed = False
        try:
            yield
        except AnswerBroken:
            # It answered: what it says is another matter, and waiting would not mend it.
            raise
        except SourceError:
            failed = True
            raise
        finally:
            self._leave(failed)

    @property
    def is_open(self) -> bool:
        """Whether calls are turned away at present."""
        with self._lock:
            return self._failed >= self._limit and (self._trying or self._clock() < self._open_until)

    def _enter(self) -> None:
        with self._lock:
            if self._failed < self._limit:
                return
            if self._trying or self._clock() < self._open_until:
                raise SourceDown("it failed several times in a row and is left alone for a while")
            self._trying = True

    def _leave(self, failed: bool) -> None:
        with self._lock:
            self._trying = False
            self._failed = self._failed + 1 if failed else 0
            if self._failed >= self._limit:
                self._open_until = self._clock() + self._rest_s
