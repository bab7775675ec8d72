"""What sends webhooks: on its own thread, with Zalo's patience, its repetitions, and faults on the way."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tests.simulators.zalo.clock import SimClock


@dataclass(frozen=True)
class Attempt:
    """One delivery that was tried; `status` is None where no answer came in time."""

    body: bytes
    headers: dict[str, str]
    status: int | None
    seconds: float


@dataclass
class Ways:
    """What happens on the way; probabilities unless said.

    Attributes:
        copies: how often each event is sent at the same time, 1 or more.
        doubled: that an event is sent a second time a little later.
        late_s: seconds by which events are late at most, so that their order changes.
        lost: that an event is never sent.
    """

    copies: int = 1
    doubled: float = 0.0
    late_s: float = 0.0
    lost: float = 0.0


@dataclass(order=True)
class _Delivery:
    due: float
    number: int
    url: str = field(compare=False)
    body: bytes = field(compare=False)
    headers: dict[str, str] = field(compare=False)
    ladder: tuple[float, ...] = field(compare=False)
    tries: int = field(compare=False, default=0)
    counted: bool = field(compare=False, default=True)


class Deliveries:
    """Sends bodies to an address and repeats what was not taken in time.

    Attributes:
        patience_s: seconds that an answer may take.
        ladder_scale: what the pauses between repetitions are multiplied by.
        ways: what happens on the way.
        attempts: every delivery that was tried.
        dropped: bodies given up after the last repetition.
    """

    def __init__(self, clock: SimClock) -> None:
        self.patience_s = 2.0
        self.ladder_scale = 1.0
        self.ways = Ways()
        self.attempts: list[Attempt] = []
        self.dropped: list[bytes] = []
        self.on_dropped: Callable[[str], None] = lambda url: None
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._random = random.Random(11)
        self._heap: list[_Delivery] = []
        self._flying = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._ending = False
        clock.tell(self._rouse)

    def start(self) -> None:
        ready = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(10), "the webhook sender did not start"

    def stop(self) -> None:
        if self._thread is None:
            return
        self._ending = True
        self._rouse()
        self._thread.join(10)
        self._thread = None
        with self._lock:
            self._heap.clear()

    def clear(self) -> None:
        with self._lock:
            self._heap.clear()
            self.attempts.clear()
            self.dropped.clear()
            self.ways = Ways()
            self.patience_s, self.ladder_scale = 2.0, 1.0

    def send(self, url: str, body: bytes, headers: dict[str, str], ladder: tuple[float, ...]) -> None:
        """Sends an event, with whatever happens on the way."""
        with self._lock:
            if self._random.random() < self.ways.lost:
                return
            for _ in range(self.ways.copies + (self._random.random() < self.ways.doubled)):
                late = self._random.uniform(0, self.ways.late_s)
                due = self._clock.now() + late
                heapq.heappush(self._heap, _Delivery(due, next(self._numbers), url, body, dict(headers), ladder))
        self._rouse()

    def settle(self, timeout_s: float = 30.0, soon_s: float = 5.0) -> None:
        """Waits until everything that is due within `soon_s` has been tried."""
        deadline = time.monotonic() + timeout_s
        while True:
            with self._lock:
                near = self._clock.now() + soon_s
                if not self._flying and not any(one.due <= near for one in self._heap):
                    return
            assert time.monotonic() < deadline, "the webhooks were not delivered in time"
            time.sleep(0.003)

    @property
    def waiting(self) -> int:
        with self._lock:
            return len(self._heap)

    def _rouse(self) -> None:
        loop, wake = self._loop, self._wake
        if loop and wake and not loop.is_closed():
            try:
                loop.call_soon_threadsafe(wake.set)
            except RuntimeError:
                return

    async def _run(self, ready: threading.Event) -> None:
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
        tasks: set[asyncio.Task[None]] = set()
        async with httpx.AsyncClient(trust_env=False, limits=limits, verify=False) as http:
            ready.set()
            while not self._ending:
                self._wake.clear()
                with self._lock:
                    moment = self._clock.now()
                    while self._heap and self._heap[0].due <= moment:
                        self._flying += 1
                        task = asyncio.create_task(self._try(http, heapq.heappop(self._heap)))
                        tasks.add(task)
                        task.add_done_callback(tasks.discard)
                    pause = self._heap[0].due - moment if self._heap else 60.0
                try:
                    async with asyncio.timeout(max(0.001, pause)):
                        await self._wake.wait()
                except TimeoutError:
                    continue
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._loop = self._wake = None

    async def _try(self, http: httpx.AsyncClient, one: _Delivery) -> None:
        begun, status = time.monotonic(), None
        try:
            async with asyncio.timeout(self.patience_s):
                status = (await http.post(one.url, content=one.body, headers=one.headers)).status_code
        except (httpx.HTTPError, TimeoutError):
            pass
        gone = False
        with self._lock:
            self._flying -= 1
            self.attempts.append(Attempt(one.body, one.headers, status, time.monotonic() - begun))
            if status is None or not 200 <= status < 300:
                if one.tries < len(one.ladder):
                    one.due = self._clock.now() + one.ladder[one.tries] * self.ladder_scale
                    one.tries += 1
                    one.headers = {**one.headers, "num_retry": str(one.tries)}
                    heapq.heappush(self._heap, one)
                else:
                    self.dropped.append(one.body)
                    gone = True
        self._rouse()
        if gone:
            self.on_dropped(one.url)
