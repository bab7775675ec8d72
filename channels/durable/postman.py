"""Notices over the durable outbox: the `motcua.notice.NoticeChannel` of a channel that takes our calls."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from channels.durable import lanes, outbox
from channels.durable.ground import Ground
from channels.durable.model import Address, Outgoing
from channels.durable.outbox import Outbox
from channels.durable.seal import Seal
from channels.durable.tables import DurableMessage
from channels.errors import StorageUnavailable
from channels.storage import now
from motcua.notice import Notice, Outcome

logger = logging.getLogger(__name__)

_LOOK_S = 0.05

Compose = Callable[[Notice], Sequence[Mapping[str, Any]]]
"""Renders a notice into the bodies that the channel's sender understands, in order; at least one."""


class Postman:
    """Gives notices to the outbox and tells what became of them. Works in any process, with or without a worker."""

    def __init__(
        self,
        ground: Ground,
        seal: Seal,
        box: Outbox,
        address: Callable[[str], Address],
        compose: Compose,
        patience: float = 1.5,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Takes what it works with.

        Args:
            ground: the database.
            seal: hides address and body.
            box: whose worker is woken.
            address: gives where a person of the channel is written to.
            compose: makes the channel's messages of a notice.
            patience: seconds that `deliver` waits to learn what becomes of a notice.
            clock: gives the time, with its zone.
        """
        self._ground, self._seal, self._box = ground, seal, box
        self._address, self._compose, self._patience, self._clock = address, compose, patience, clock

    def deliver(self, notice: Notice) -> Outcome:
        """Writes a notice into the outbox, once, and waits a little for its outcome; see `NoticeChannel.deliver`.

        Returns:
            `LATER` while nothing is known; asked again with the same notice, it looks again and writes nothing.
            What was given up for another reason than that the person is gone counts as `SENT`: an alert has been
            raised, and the notices behind it must not wait for it.
        """
        try:
            if not self._ground.transact(lambda connection: _rows(connection, notice.id)):
                self._write(notice)
            until = time.monotonic() + self._patience
            while True:
                rows = self._ground.transact(lambda connection: _rows(connection, notice.id))
                outcome = _outcome(rows)
                if outcome is not Outcome.LATER or time.monotonic() >= until:
                    return outcome
                time.sleep(_LOOK_S)
        except Exception as cause:
            logger.warning("a notice could not be given to the outbox: %s", type(cause).__name__)
            return Outcome.LATER

    def gone(self, persons: Collection[str]) -> set[str]:
        """Gives those whom the channel called unreachable and who have not written since; see `NoticeChannel.gone`."""
        marks = {self._seal.mark_of(self._address(person)): person for person in persons}
        try:
            away = self._ground.transact(lambda connection: lanes.unreachable(connection, list(marks)))
        except StorageUnavailable:
            return set()
        return {marks[mark] for mark in away}

    def _write(self, notice: Notice) -> None:
        address = self._address(notice.person)
        outgoing = [Outgoing(address, body) for body in self._compose(notice)]
        self._ground.transact(lambda connection: outbox.put(connection, self._seal, notice.id, outgoing, self._clock()))
        self._box.bell.ring()


def _rows(connection: Connection, notice_id: str) -> list[Any]:
    columns = DurableMessage.state, DurableMessage.how, DurableMessage.done_at
    return list(connection.execute(select(*columns).where(DurableMessage.cause == notice_id)))


def _outcome(rows: list[Any]) -> Outcome:
    if not rows or any(row.done_at is None for row in rows):
        return Outcome.LATER
    ways = {row.how for row in rows}
    if "unreachable" in ways:
        return Outcome.UNREACHABLE
    return Outcome.SENT_AS_TEMPLATE if "template" in ways else Outcome.SENT
