"""What has happened in this process, as counts: no names, no text."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Literal, get_args

Name = Literal[
    "stored",
    "duplicates",
    "answered",
    "put_off",
    "given_up",
    "sent",
    "resent",
    "refused",
    "unknown",
    "settled",
    "alerts",
    "lost_leases",
    "storage_errors",
]
"""stored and duplicates: events that came; answered, put_off, given_up: tries at them; sent, resent (put off), refused,
unknown: calls; settled: unknown ones that were found out; alerts: raised here; lost_leases: work that another worker
took over; storage_errors: transactions that failed."""


class Counts:
    """Counters of one process, since it started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()

    def add(self, name: Name, times: int = 1) -> None:
        """Counts."""
        with self._lock:
            self._counted[name] += times

    def all(self) -> dict[str, int]:
        """Gives every counter."""
        with self._lock:
            return {name: self._counted[name] for name in get_args(Name)}
