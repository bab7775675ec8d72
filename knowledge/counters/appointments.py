"""Appointments in free slots: no place twice, and a reminder for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Row, Table, func, insert, select, update

from knowledge.counters.book import find_in_use
from knowledge.counters.errors import Closed, HasOne, NotOpen, SlotTaken, TooMany
from knowledge.counters.hours import Timetable, moment
from knowledge.counters.limits import Limits
from knowledge.counters.model import VIETNAM, Appointment, AppointmentState, Counter, Person, Slot
from knowledge.counters.tables import AppointmentRow
from knowledge.counters.writing import lock_day, write
from motcua.database import Base

EVE: Final = time(17)
"""When people are reminded on the day before."""

_APPOINTMENTS: Table = Base.metadata.tables[AppointmentRow.__tablename__]
_SHORT_BEFORE = timedelta(hours=2)
_MORNING: Final = time(7)


class Appointments:
    """The appointments of all counters. Safe to use from several threads and processes at once.

    Every method may raise `CountersBusy` where somebody else writes for too long, and
    `sqlalchemy.exc.SQLAlchemyError` where the database cannot be read or written.
    """

    def __init__(
        self,
        engine: Engine,
        timetable: Timetable,
        *,
        limits: Limits | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Takes the database.

        Args:
            engine: the database, brought up to date.
            timetable: when counters are open.
            limits: what one person may hold.
            now: the time, with its zone.
        """
        self._engine, self._timetable, self._now = engine, timetable, now
        self._limits = limits or Limits()

    def free(self, counter: int, day: date) -> list[Slot]:
        """Gives the slots of a day that have a place left and have not begun, in order.

        Raises:
            NoSuchCounter: there is none, or it is no longer in use.
        """
        with self._engine.connect() as connection:
            found = find_in_use(connection, counter)
            return list(self._free(connection, found, day))

    def days(self, counter: int) -> list[date]:
        """Gives the days, from today to as far ahead as appointments are made, that have a place left.

        Raises:
            NoSuchCounter: there is none, or it is no longer in use.
        """
        today = self._now().astimezone(VIETNAM).date()
        with self._engine.connect() as connection:
            found = find_in_use(connection, counter)
            ahead = (today + timedelta(days=n) for n in range(self._limits.days_ahead + 1))
            return [day for day in ahead if any(self._free(connection, found, day))]

    def book(self, person: Person, counter: int, start: datetime) -> Appointment:
        """Makes an appointment.

        Args:
            person: for whom.
            counter: its number in the database.
            start: when a slot begins.

        Raises:
            NoSuchCounter: there is none, or it is no longer in use.
            Closed: the counter is not open on that day.
            SlotTaken: no slot begins then, it has begun, lies too far ahead, or its places are gone.
            HasOne: the person has an appointment there on that day.
            TooMany: the person holds as many, or made as many today, as anybody may.
        """

        def work(connection: Connection) -> Appointment:
            now = self._now()
            found = find_in_use(connection, counter)
            self._let_go_of_past(connection, person, now)
            held = self._held(connection, person)
            self._check_day(held, counter, start, 0)
            seat, local = self._seat(connection, found, start, now)
            booked_on = now.astimezone(VIETNAM).date()
            today = (_of(person), AppointmentRow.booked_on == booked_on)
            made = connection.scalar(select(func.max(AppointmentRow.turn)).where(*today)) or 0
            if len(held) >= self._limits.appointments or made >= self._limits.bookings_a_day:
                raise TooMany("the person has made as many appointments as anybody may")
            values = {
                "counter_id": counter,
                "day": local.date(),
                "start": local.hour * 60 + local.minute,
                "minutes": found.slot_minutes,
                "seat": seat,
                "channel": person.channel,
                "person": person.account,
                "state": AppointmentState.BOOKED,
                "hand": _first_free(row.hand for row in held),
                "booked_on": booked_on,
                "turn": made + 1,
                "round": 0,
                "booked_at": now,
                "remind_at": reminder(local, now),
            }
            connection.execute(insert(_APPOINTMENTS).values(**values))
            this = select(_APPOINTMENTS).where(*today, AppointmentRow.turn == made + 1)
            return _appointment(connection.execute(this).one())

        return write(self._engine, work)

    def move(self, person: Person, appointment: int, start: datetime) -> Appointment:
        """Moves an appointment to another slot of its counter; without one it stays where it was.

        Raises:
            NotOpen: it is not theirs, or not open any more.
            TooMany: it has been moved as often as one may be.
            Closed, SlotTaken, HasOne: as for `book`.
        """

        def work(connection: Connection) -> Appointment:
            now = self._now()
            row = self._theirs(connection, person, appointment)
            if row.round >= self._limits.moves:
                raise TooMany("the appointment has been moved as often as one may be")
            found = find_in_use(connection, row.counter_id)
            if moment(row.day, row.start) == start:
                return _appointment(row)
            self._check_day(self._held(connection, person), found.id, start, appointment)
            seat, local = self._seat(connection, found, start, now)
            values = {
                "day": local.date(),
                "start": local.hour * 60 + local.minute,
                "minutes": found.slot_minutes,
                "seat": seat,
                "round": row.round + 1,
                "remind_at": reminder(local, now),
            }
            as_read = (AppointmentRow.id == appointment) & (AppointmentRow.round == row.round) & _booked()
            if not connection.execute(update(AppointmentRow).where(as_read).values(**values)).rowcount:
                raise NotOpen("the appointment is not open")
            return _appointment(connection.execute(select(_APPOINTMENTS).where(as_id(appointment))).one())

        return write(self._engine, work)

    def cancel(self, person: Person, appointment: int) -> Appointment:
        """Gives an appointment back.

        Raises:
            NotOpen: it is not theirs, or not open any more.
        """

        def work(connection: Connection) -> Appointment:
            self._theirs(connection, person, appointment)
            values = {"state": AppointmentState.CANCELLED, "ended_at": self._now(), "remind_at": None}
            done = connection.execute(update(AppointmentRow).where(as_id(appointment), _booked()).values(**values))
            if not done.rowcount:
                raise NotOpen("the appointment is not open")
            return _appointment(connection.execute(select(_APPOINTMENTS).where(as_id(appointment))).one())

        return write(self._engine, work)

    def held_by(self, person: Person) -> list[Appointment]:
        """Gives a person's appointments of today that nobody came to yet, and those to come; the first one first."""
        today = self._now().astimezone(VIETNAM).date()
        with self._engine.connect() as connection:
            kept = [_appointment(row) for row in self._held(connection, person)]
        return sorted((one for one in kept if one.start.date() >= today), key=lambda one: one.start)

    def get(self, appointment: int) -> Appointment:
        """Gives one appointment.

        Raises:
            NotOpen: there is none.
        """
        with self._engine.connect() as connection:
            row = connection.execute(select(_APPOINTMENTS).where(as_id(appointment))).one_or_none()
        if row is None:
            raise NotOpen("there is no such appointment")
        return _appointment(row)

    def _free(self, connection: Connection, counter: Counter, day: date) -> Iterator[Slot]:
        now = self._now()
        last = now.astimezone(VIETNAM).date() + timedelta(days=self._limits.days_ahead)
        if not counter.slot_places or day > last:
            return
        here = (AppointmentRow.counter_id == counter.id, AppointmentRow.day == day)
        states = AppointmentRow.state.in_((AppointmentState.BOOKED, AppointmentState.ARRIVED))
        rows = connection.execute(select(AppointmentRow.start, AppointmentRow.minutes).where(*here, states)).all()
        for start, end in self._timetable.slots(counter, day):
            # Counted as times: what was booked while slots were cut otherwise is in the way too.
            taken = sum(row.start < end and start < row.start + row.minutes for row in rows)
            begins = moment(day, start)
            if begins > now and taken < counter.slot_places:
                yield Slot(counter.id, begins, moment(day, end), counter.slot_places - taken)

    def _seat(self, connection: Connection, counter: Counter, start: datetime, now: datetime) -> tuple[int, datetime]:
        """Finds a free place in the slot that begins then, its day locked; gives the place and the time in Vietnam."""
        local = start.astimezone(VIETNAM)
        day = local.date()
        if not self._timetable.spans(counter, day):
            raise Closed(self._timetable.why_closed(counter, day))
        if lock_day(connection, counter.id, day).closed_at is not None:
            raise Closed()
        if not any(slot.start == start for slot in self._free(connection, counter, day)):
            raise SlotTaken("the slot is full, gone by, or none")
        here = (AppointmentRow.counter_id == counter.id, AppointmentRow.day == day, _booked())
        minute = local.hour * 60 + local.minute
        taken = connection.scalars(select(AppointmentRow.seat).where(*here, AppointmentRow.start == minute)).all()
        return _first_free(taken), local

    def _held(self, connection: Connection, person: Person) -> list[Row[Any]]:
        return list(connection.execute(select(_APPOINTMENTS).where(_of(person), _booked())).all())

    def _theirs(self, connection: Connection, person: Person, appointment: int) -> Row[Any]:
        this = (as_id(appointment), _of(person), _booked())
        row = connection.execute(select(_APPOINTMENTS).where(*this)).one_or_none()
        if row is None or moment(row.day, row.start) <= self._now():
            raise NotOpen("the appointment is not open")
        return row

    def _check_day(self, held: list[Row[Any]], counter: int, start: datetime, besides: int) -> None:
        day = start.astimezone(VIETNAM).date()
        if any(row.counter_id == counter and row.day == day and row.id != besides for row in held):
            raise HasOne("the person has an appointment there on that day")

    def _let_go_of_past(self, connection: Connection, person: Person, now: datetime) -> None:
        """An appointment that nobody came to must not stand in the way of the next."""
        past = (_of(person), _booked(), AppointmentRow.day < now.astimezone(VIETNAM).date())
        connection.execute(update(AppointmentRow).where(*past).values(state=AppointmentState.MISSED, remind_at=None))


def reminder(start: datetime, now: datetime) -> datetime | None:
    """Gives when to remind of an appointment.

    Args:
        start: when it begins, in Vietnam's time.
        now: when it is made.

    Returns:
        17:00 on the day before; where that is past two hours before, but not before 7:00; None where that is past too.
    """
    eve = datetime.combine(start.date() - timedelta(days=1), EVE, VIETNAM)
    if now < eve:
        return eve
    short = max(start - _SHORT_BEFORE, datetime.combine(start.date(), _MORNING, VIETNAM))
    return short if now < short < start else None


def missed_on(connection: Connection, counter: int, day: date, now: datetime) -> None:
    """Ends the appointments of a day that nobody came to."""
    here = (AppointmentRow.counter_id == counter, AppointmentRow.day == day, _booked())
    values = {"state": AppointmentState.MISSED, "ended_at": now, "remind_at": None}
    connection.execute(update(AppointmentRow).where(*here).values(**values))


def to_come(connection: Connection, counter: int, day: date) -> tuple[Appointment, ...]:
    """Gives the appointments of a day whose people have not come yet, in order."""
    here = (AppointmentRow.counter_id == counter, AppointmentRow.day == day, _booked())
    rows = connection.execute(select(_APPOINTMENTS).where(*here).order_by(AppointmentRow.start, AppointmentRow.seat))
    return tuple(map(_appointment, rows.all()))


def as_id(appointment: int) -> ColumnElement[bool]:
    """What tells one appointment from the others."""
    return AppointmentRow.id == appointment


def _appointment(row: Row[Any]) -> Appointment:
    return Appointment(
        id=row.id,
        counter=row.counter_id,
        start=moment(row.day, row.start),
        end=moment(row.day, row.start + row.minutes),
        state=AppointmentState(row.state),
        remind_at=row.remind_at,
    )


def _of(person: Person) -> ColumnElement[bool]:
    return (AppointmentRow.channel == person.channel) & (AppointmentRow.person == person.account)


def _booked() -> ColumnElement[bool]:
    return AppointmentRow.state == AppointmentState.BOOKED


def _first_free(taken: Iterable[int]) -> int:
    held = set(taken)
    return next(number for number in count(1) if number not in held)
