"""The desk and the teller of the settings in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Engine

from actions.dossiers.opening import open_working_days
from actions.dossiers.watching import Quiet
from actions.queueing.asking import QueueDesk
from actions.queueing.watching import Teller
from knowledge.counters.appointments import Appointments
from knowledge.counters.book import CounterBook
from knowledge.counters.hours import Timetable
from knowledge.counters.sample import sample_counters
from knowledge.counters.tickets import Queues
from motcua.notice import NoticeChannel
from motcua.settings import Settings

TELL_EVERY = timedelta(seconds=3)
"""How often the teller looks: a queue that moves is told of at once."""


def open_queue_desk(config: Settings, engine: Engine) -> QueueDesk:
    """Opens the desk; where there has never been a counter, the made-up centre is put in, if the settings want it.

    Raises:
        CountersBusy: the made-up centre cannot be put in because somebody else is writing.
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read or written.
    """
    book, timetable = CounterBook(engine), Timetable(open_working_days(config))
    if config.counters_demo:
        book.fill_if_empty(sample_counters())
    return QueueDesk(book, Queues(engine, timetable), Appointments(engine, timetable), timetable)


def open_teller(config: Settings, engine: Engine, channels: Mapping[str, NoticeChannel]) -> Teller:
    """Opens the teller of numbers and appointments."""
    timetable = Timetable(open_working_days(config))
    quiet = Quiet(config.following_quiet_from, config.following_quiet_until)
    return Teller(engine, Queues(engine, timetable), Appointments(engine, timetable), channels, quiet=quiet)
