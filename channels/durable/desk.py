"""Everything of the durable inbox and outbox that one process needs, made from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine

from channels.durable import alerts
from channels.durable.alerts import Alert
from channels.durable.counts import Counts
from channels.durable.ground import Ground
from channels.durable.inbox import DurableInbox
from channels.durable.model import Address, Handler, Sender, Terms
from channels.durable.outbox import Outbox
from channels.durable.postman import Compose, Postman
from channels.durable.seal import open_seal
from channels.durable.worker import Worker
from channels.storage import now
from motcua.settings import Settings


def terms_of(settings: Settings) -> Terms:
    """Gives how the worker goes about it."""
    return Terms(
        window=timedelta(seconds=settings.durable_window),
        lease=timedelta(seconds=settings.durable_lease),
        attempts=settings.durable_attempts,
        settle_after=timedelta(seconds=settings.durable_settle_after),
        at_once=settings.durable_at_once,
    )


class DurableDesk:
    """Holds the parts together."""

    def __init__(self, settings: Settings, engine: Engine, clock: Callable[[], datetime] = now) -> None:
        """Makes the parts.

        Args:
            settings: what the operator set.
            engine: the database, brought up to date; the caller disposes of it after `close`.
            clock: gives the time, with its zone.

        Raises:
            CannotSeal: the secret can be neither read nor kept, or is too short.
        """
        self._settings, self._clock = settings, clock
        self.terms, self.seal = terms_of(settings), open_seal(settings)
        self.counts, self.ground = Counts(), Ground(engine)
        self.inbox = DurableInbox(self.ground, self.seal, self.terms, self.counts, clock)
        self.outbox = Outbox(self.ground, self.seal, self.terms, self.counts, clock)

    def worker(self, handlers: Mapping[str, Handler], senders: Mapping[str, Sender]) -> Worker:
        """Makes the worker of these channels; `Worker.run` works until it is cancelled."""
        return Worker(
            self.ground,
            self.inbox,
            self.outbox,
            handlers,
            senders,
            self.terms,
            self.counts,
            self._settings.durable_keep_days,
            self._clock,
        )

    def postman(self, address: Callable[[str], Address], compose: Compose, patience: float = 1.5) -> Postman:
        """Makes the carrier of a channel's notices; see `Postman`."""
        return Postman(self.ground, self.seal, self.outbox, address, compose, patience, self._clock)

    async def alerts(self) -> list[Alert]:
        """Lists what somebody must look at.

        Raises:
            StorageUnavailable: the database cannot be read.
        """
        return await self.ground.run(alerts.open_alerts)

    async def raise_alert(self, kind: str, channel: str, subject: str, problem: str) -> None:
        """Raises an alert of a channel's own, once for each kind and subject.

        Raises:
            StorageUnavailable: it could not be kept; it is in the log in any case.
        """
        alerts.say(kind, channel, problem)
        await self.ground.run(lambda c: alerts.raise_alert(c, kind, channel, subject, problem, self._clock()))

    async def close_alert(self, number: int) -> bool:
        """Closes an alert; False where somebody did before.

        Raises:
            StorageUnavailable: nothing was changed.
        """
        return await self.ground.run(lambda c: alerts.close_alert(c, number, self._clock()))

    def close(self) -> None:
        """Ends the threads."""
        self.ground.close()
