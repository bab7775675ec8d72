"""The teller: gives people what is due of their numbers and appointments, and closes days that are over.

Each step is one transaction, and each may be cut short anywhere. What is due is noted under a key that the database
holds unique, in the transaction that it comes from; a channel that is given a notice again sends nothing again. So
a pass that is done over loses nothing and doubles nothing, and several tellers may run side by side.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from actions.dossiers.watching import Quiet
from actions.queueing.notices import tell_closed, tell_reminder, tell_soon
from knowledge.counters.appointments import Appointments
from knowledge.counters.book import CounterBook
from knowledge.counters.due import KINDS, Due, DueNotices, Kind
from knowledge.counters.errors import CountersError, Refused
from knowledge.counters.model import Counter
from knowledge.counters.tickets import Queues
from motcua.notice import Notice, NoticeChannel, Outcome

log = logging.getLogger(__name__)

_CLEAN_EVERY = timedelta(hours=1)


@dataclass(slots=True)
class Pass:
    """What one pass did.

    Attributes:
        closed: counters whose day was closed.
        reminders: reminders that came due.
        sent: notices that a channel took.
        later: notices that are to be given again.
        unreachable: notices whose people could not be reached.
        forgotten: numbers and appointments whose person is no longer there, or that were old.
    """

    closed: int = 0
    reminders: int = 0
    sent: int = 0
    later: int = 0
    unreachable: int = 0
    forgotten: int = 0

    def as_json(self) -> dict[str, int]:
        """Gives it for programs."""
        return asdict(self)


class Teller:
    """Tells people what is due."""

    def __init__(
        self,
        engine: Engine,
        queues: Queues,
        appointments: Appointments,
        channels: Mapping[str, NoticeChannel],
        *,
        quiet: Quiet | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Takes what it works with; nothing is asked yet.

        Args:
            engine: the database, brought up to date.
            queues: today's numbers.
            appointments: the slots.
            channels: who carries notices, by channel name.
            quiet: when no reminder is sent; a queue that moves is no night's business and is always told.
            now: the time, for tests.
        """
        self._book, self._due = CounterBook(engine), DueNotices(engine)
        self._queues, self._appointments, self._channels = queues, appointments, channels
        self._quiet, self._now = quiet or Quiet(), now
        self._cleaned: datetime | None = None

    def watch(self, stop: threading.Event, every: timedelta) -> None:
        """Does passes until it is told to stop; one that fails is noted and done over the next time."""
        while not stop.is_set():
            try:
                done = self.watch_once()
                if any(asdict(done).values()):
                    log.info(
                        "%d counters closed, %d reminders due, %d notices sent, %d to be sent later, %d not reachable",
                        *(done.closed, done.reminders, done.sent, done.later, done.unreachable),
                    )
            except (SQLAlchemyError, CountersError) as cause:
                # Only the kind: the text of the error may quote the statement's values.
                log.warning("a pass was not finished: %s", type(cause).__name__)
            stop.wait(every.total_seconds())

    def watch_once(self) -> Pass:
        """Does one pass.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database cannot be read or written.
            CountersBusy: somebody else writes for too long.
        """
        done = Pass()
        done.closed = self._queues.close_ended()
        done.reminders = self._due.note_reminders(self._now())
        self._deliver(done)
        self._forget(done)
        return done

    def _deliver(self, done: Pass) -> None:
        kinds: tuple[Kind, ...] = ("soon",) if self._quiet.holds(self._now()) else KINDS
        waiting = self._due.waits(self._channels, self._now(), kinds)
        counters = {one.id: one for one in self._book.everyone()} if waiting else {}
        for due in waiting:
            now = self._now()
            if not self._due.still_waits(due, now):
                continue
            notice = self._notice(due, counters)
            if notice is None:
                self._due.settle(due, "over", now)
                continue
            outcome = self._channels[due.channel].deliver(notice)
            self._due.settle(due, outcome.value, self._now())
            done.later += outcome is Outcome.LATER
            done.unreachable += outcome is Outcome.UNREACHABLE
            done.sent += outcome in (Outcome.SENT, Outcome.SENT_AS_TEMPLATE)

    def _notice(self, due: Due, counters: Mapping[int, Counter]) -> Notice | None:
        try:
            if due.appointment is not None:
                appointment = self._appointments.get(due.appointment)
                told = tell_reminder(appointment, counters[appointment.counter])
            else:
                standing = self._queues.standing(due.ticket or 0)
                counter = counters[standing.ticket.counter]
                told = tell_closed(standing.ticket.number, counter)
                if due.kind == "soon":
                    told = tell_soon(standing, counter)
        except (Refused, KeyError):
            return None
        reply, template, fields = told
        return Notice(due.id, due.person, reply, template, fields)

    def _forget(self, done: Pass) -> None:
        now = self._now()
        if self._cleaned is not None and now - self._cleaned < _CLEAN_EVERY:
            return
        for name, channel in self._channels.items():
            people = self._due.people(name)
            done.forgotten += self._due.forget(name, channel.gone(people) if people else set())
        done.forgotten += self._due.forget_old(now)
        self._cleaned = now
