"""What nobody asks for: answers given to their channel, cases returned or closed, old ones deleted.

Each step may be cut short anywhere and done over: a notice is marked only after its channel has it, and a channel that
is given a notice again sends nothing again. Several gateways may keep side by side.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, exists, select, update
from sqlalchemy.orm import aliased

from channels.errors import StorageUnavailable
from channels.handover import cases, telling
from channels.handover.hours import read_timetable
from channels.handover.retention import Swept, sweep
from channels.handover.tables import Handover, HandoverNotice
from channels.storage import Storage, now
from motcua.notice import Notice, NoticeChannel, Outcome
from motcua.reply import Reply
from motcua.working_days import WorkingDays

logger = logging.getLogger(__name__)

TEMPLATE = "officer_answered"
"""The registered text of channels that allow free text only for a while."""

_EVERY_S = 2.0
_SELDOM_S = 60.0
_AT_ONCE = 200
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)


class Keeper:
    """Looks after the cases."""

    def __init__(
        self,
        storage: Storage,
        channels: Mapping[str, NoticeChannel],
        calendar: WorkingDays,
        *,
        patience: timedelta,
        case_days: int,
        chat_days: int,
        after_sweep: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Takes what it works with.

        Args:
            storage: the gateway's database.
            channels: who carries notices, by channel name.
            calendar: days off and make-up working days.
            patience: how long somebody may wait before being told so.
            case_days: days that an ended case is kept.
            chat_days: days that a web session is kept after it expired.
            after_sweep: deletes the sessions that were marked; the bot forgets them.
        """
        self._storage, self._channels, self._calendar = storage, channels, calendar
        self._patience, self._case_days, self._chat_days = patience, case_days, chat_days
        self._after_sweep = after_sweep

    async def keep(self, every: float = _EVERY_S, seldom: float = _SELDOM_S) -> None:
        """Looks again and again, for as long as the gateway runs."""
        clock = asyncio.get_running_loop()
        rest_at = clock.time()
        while True:
            try:
                await self.look(now())
                if clock.time() >= rest_at:
                    rest_at = clock.time() + seldom
                    await self.look_seldom(now())
            except StorageUnavailable as cause:
                logger.warning("cases cannot be looked after: %s", cause)
            await asyncio.sleep(every)

    async def look(self, moment: datetime) -> None:
        """Returns what was left unanswered, tells who waits for long, and gives answers to their channels.

        Raises:
            StorageUnavailable: the database cannot be read or written.
        """
        for case_id in await self._storage.run(partial(cases.overdue, now=moment)):
            await self._storage.run(partial(self._put_back, case_id=case_id, moment=moment))
        for case_id in await self._storage.run(partial(self._not_taken, moment=moment)):
            await self._storage.run(partial(self._tell_of_waiting, case_id=case_id, moment=moment))
        await self.deliver(moment)

    async def look_seldom(self, moment: datetime) -> Swept:
        """Closes the cases of people who are gone, and deletes what is old.

        Raises:
            StorageUnavailable: the database cannot be read or written.
        """
        for name, channel in self._channels.items():
            waiting = select(Handover.person).where(Handover.channel == name, Handover.state == "waiting")
            persons = await self._storage.run(partial(_scalars, asked=waiting))
            gone = await asyncio.to_thread(channel.gone, persons) if persons else set()
            if gone:
                end = partial(cases.end_of_the_gone, channel=name, gone=gone, now=moment)
                await self._storage.run(end)
        old = partial(sweep, now=moment, case_days=self._case_days, chat_days=self._chat_days)
        swept = await self._storage.run(old)
        if self._after_sweep:
            await self._after_sweep()
        return swept

    async def deliver(self, moment: datetime) -> None:
        """Gives what is due to its channel: of each case in order, and nothing before what was written earlier.

        Raises:
            StorageUnavailable: the database cannot be read or written.
        """
        while rows := await self._storage.run(partial(_due, moment=moment, channels=list(self._channels))):
            for row in rows:
                notice = Notice(row.id, row.person, Reply.model_validate_json(row.reply), TEMPLATE)
                outcome = await asyncio.to_thread(self._channels[row.channel].deliver, notice)
                await self._storage.run(partial(_note, row=row, outcome=outcome, moment=moment))

    def _put_back(self, connection: Connection, case_id: str, moment: datetime) -> bool:
        has_number, told = self._apologise(connection, case_id, moment, telling.returned)
        return cases.put_back(connection, case_id, moment, told, ask_contact=not has_number)

    def _not_taken(self, connection: Connection, moment: datetime) -> list[str]:
        table, before = read_timetable(connection, self._calendar), moment - self._patience
        # Out of hours people were told at once that nobody answers; in the morning officers have their time first.
        if not (table.is_open(moment) and table.is_open(before)):
            return []
        return cases.not_taken_since(connection, before)

    def _tell_of_waiting(self, connection: Connection, case_id: str, moment: datetime) -> bool:
        has_number, told = self._apologise(connection, case_id, moment, telling.still_waiting)
        return cases.tell_of_waiting(connection, case_id, moment, told, ask_contact=not has_number)

    def _apologise(
        self, connection: Connection, case_id: str, moment: datetime, words: Callable[..., Reply]
    ) -> tuple[bool, Reply]:
        has_number = connection.scalar(select(Handover.contact).where(Handover.id == case_id)) == "given"
        table = read_timetable(connection, self._calendar)
        minutes = max(1, round(self._patience.total_seconds() / 60))
        return has_number, words(table, moment, minutes, self._case_days, has_number=has_number)


def _due(connection: Connection, moment: datetime, channels: list[str]) -> list[Any]:
    earlier = aliased(HandoverNotice)
    is_next = ~exists().where(
        earlier.handover == HandoverNotice.handover,
        earlier.done_at.is_(None),
        earlier.number < HandoverNotice.number,
    )
    due = (
        select(HandoverNotice.id, HandoverNotice.reply, HandoverNotice.tries, Handover.channel, Handover.person)
        .join(Handover, Handover.id == HandoverNotice.handover)
        .where(
            HandoverNotice.done_at.is_(None),
            HandoverNotice.next_at <= moment,
            Handover.channel.in_(channels),
            is_next,
        )
        .order_by(HandoverNotice.number)
        .limit(_AT_ONCE)
    )
    return list(connection.execute(due).all())


def _note(connection: Connection, row: Any, outcome: Outcome, moment: datetime) -> None:
    this = update(HandoverNotice).where(HandoverNotice.id == row.id, HandoverNotice.done_at.is_(None))
    if outcome is Outcome.LATER:
        wait = min(_FIRST_WAIT * 2 ** min(row.tries, 10), _LONGEST_WAIT)
        connection.execute(this.values(tries=row.tries + 1, next_at=moment + wait))
        return
    connection.execute(this.values(outcome=outcome.value, done_at=moment, reply=""))


def _scalars(connection: Connection, asked: Any) -> list[Any]:
    return list(connection.scalars(asked))
