"""Counters, tickets and appointments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum

VIETNAM = timezone(timedelta(hours=7))
"""Asia/Ho_Chi_Minh, which has had no other time since 1975."""

Span = tuple[int, int]
"""Minutes from midnight: open from, and until."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever takes a number: the account in a channel, and nothing else of them."""

    account: str = field(repr=False)
    channel: str = "web"


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of a service centre, as staff described it.

    Attributes:
        id: its number in the database; 0 before it has one.
        centre: the centre's name, as it stands at the door.
        name: the counter's name, such as "Quầy 1 – Hộ tịch".
        serves: fields in Vietnamese or procedure codes; empty for everything.
        capacity: numbers that are given on one day.
        week: hours by weekday, 0 for Monday; a weekday that is missing is closed.
        slot_minutes: length of an appointment; also the pace until one has been measured.
        slot_places: people in one slot; 0 where the counter takes no appointments.
        days_off: days on which this counter is closed beside public holidays.
        address: of the centre, or "".
        is_sample: whether it is made up, to try.
    """

    centre: str
    name: str
    serves: tuple[str, ...] = ()
    capacity: int = 100
    week: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    slot_minutes: int = 15
    slot_places: int = 1
    days_off: frozenset[date] = frozenset()
    address: str = ""
    id: int = 0
    is_sample: bool = False


class TicketState(StrEnum):
    """Where a number of today stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    MISSED = "missed"
    CANCELLED = "cancelled"


class AppointmentState(StrEnum):
    """Where an appointment stands."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    MISSED = "missed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A number of one counter and day.

    Attributes:
        position: place in the queue; only its order counts.
        slot_at: when the appointment was, for a number given to somebody who came to one.
    """

    id: int
    counter: int
    day: date
    number: int
    state: TicketState
    position: int
    taken_at: datetime
    called_at: datetime | None = None
    slot_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket and what is before it.

    Attributes:
        before: people before this one, whoever is at the counter included; 0 for the one at the counter.
        expected: about when it will be called; None where that is past closing, or it waits no longer.
        current: the number at the counter, or 0.
        pace_minutes: minutes that one person takes there at present.
    """

    ticket: Ticket
    before: int
    expected: datetime | None
    current: int
    pace_minutes: float


@dataclass(frozen=True, slots=True)
class Moved:
    """What the counter's "next" did.

    Attributes:
        called: who is called now; None when nobody waits.
        finished: who was served by it.
        to_tell: the next two who wait, to be told that they are close.
    """

    called: Ticket | None
    finished: Ticket | None
    to_tell: tuple[Ticket, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A counter's day at a glance, for its officer.

    Attributes:
        current: whoever is at the counter.
        waiting: in the order in which they will be called.
        missed: called, and not there.
        served: how many are done.
        given: the last number given.
        appointments: of the day, those still to come, in order.
    """

    counter: Counter
    day: date
    current: Ticket | None
    waiting: tuple[Ticket, ...]
    missed: tuple[Ticket, ...]
    served: int
    given: int
    is_closed: bool
    appointments: tuple[Appointment, ...] = ()


@dataclass(frozen=True, slots=True)
class Appointment:
    """A place in a slot of a counter."""

    id: int
    counter: int
    start: datetime
    end: datetime
    state: AppointmentState
    remind_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time of a counter.

    Attributes:
        places: how many are left.
    """

    counter: int
    start: datetime
    end: datetime
    places: int = 1
