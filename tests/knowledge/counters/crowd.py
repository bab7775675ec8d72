"""Many people at once: each process opens the database by itself and lets its people run in threads."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from multiprocessing import get_context

from knowledge.counters.appointments import Appointments
from knowledge.counters.errors import Refused
from knowledge.counters.hours import Timetable
from knowledge.counters.tickets import Queues
from motcua.database import open_database
from tests.knowledge.counters.conftest import Clock, Holidays, person

Got = tuple[str, int, str]
"""Whose it is, what it is (a number, or minutes of the epoch), and the name of a refusal or ""."""


def rush(url: str, kind: str, counters: Sequence[int], people: Sequence[str], starts: Sequence[datetime]) -> list[Got]:
    """Lets people take numbers ("ticket") or book slots ("appointment"), all at once.

    The person at each place wants the counter, and the slot, at the same place, counted round.
    """
    engine = open_database(url)
    timetable, clock = Timetable(Holidays()), Clock()
    queues, appointments = (
        Queues(engine, timetable, now=clock),
        Appointments(engine, timetable, now=clock),
    )

    def one(place: int) -> Got:
        who, counter = people[place], counters[place % len(counters)]
        try:
            if kind == "ticket":
                return who, queues.take(person(who), counter).ticket.number, ""
            start = starts[place % len(starts)]
            booked = appointments.book(person(who), counter, start)
            return who, int(booked.start.timestamp() // 60), ""
        except Refused as refusal:
            return who, 0, type(refusal).__name__

    try:
        with ThreadPoolExecutor(min(50, len(people))) as threads:
            return list(threads.map(one, range(len(people))))
    finally:
        engine.dispose()


def rush_of_processes(
    url: str, kind: str, counters: Sequence[int], people: Sequence[str], starts: Sequence[datetime], processes: int = 4
) -> list[Got]:
    """The same, shared among processes."""
    shares = [people[n::processes] for n in range(processes)]
    with get_context("spawn").Pool(processes) as pool:
        parts = pool.starmap(rush, [(url, kind, counters, share, starts) for share in shares])
    return [got for part in parts for got in part]
