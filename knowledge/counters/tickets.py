"""Today's queue of each counter: numbers without gaps or repeats, and the counter's "next"."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, Table, func, insert, select, update

from knowledge.counters.appointments import missed_on, to_come
from knowledge.counters.book import all_ever, find, find_in_use
from knowledge.counters.due import note
from knowledge.counters.errors import Closed, Full, HasOne, NotOpen, TooMany
from knowledge.counters.hours import Timetable
from knowledge.counters.limits import Limits
from knowledge.counters.model import (
    VIETNAM,
    AppointmentState,
    Board,
    Counter,
    Moved,
    Person,
    Standing,
    Ticket,
    TicketState,
)
from knowledge.counters.pace import measured_pace
from knowledge.counters.tables import AppointmentRow, CounterDay, TicketRow
from knowledge.counters.writing import lock_day, write
from motcua.database import Base

TOLD_BEFORE: Final = 2
"""How many of those who wait next are told that they are close."""

BACK_BY: Final = 3
"""How many places a missed person is put back."""

EARLY_MINUTES: Final = 30
LATE_MINUTES: Final = 15
"""How long before a slot, and after its end, its person may come."""

_TICKETS: Table = Base.metadata.tables[TicketRow.__tablename__]
_APPOINTMENTS: Table = Base.metadata.tables[AppointmentRow.__tablename__]
_OPEN = (TicketState.WAITING, TicketState.CALLED)
# A ticket without its bearer, whom nobody at a counter need know.
_READ: Select[Any] = select(
    *(column for column in _TICKETS.columns if column.name not in ("channel", "person", "turn", "hand"))
)


class Queues:
    """The queues of today. Safe to use from several threads and processes at once; every call is one transaction.

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

    # --- for whoever waits

    def take(self, person: Person, counter: int) -> Standing:
        """Gives a person the next number of today.

        Raises:
            NoSuchCounter: there is none, or it is no longer in use.
            Closed: it is not open today, or closes before now.
            HasOne: the person has an open number there.
            TooMany: the person holds as many open numbers, or took as many today, as anybody may.
            Full: all numbers of the day are given.
        """

        def work(connection: Connection) -> int:
            now = self._now()
            found = find_in_use(connection, counter)
            self._check_hours(found, now)
            return self._issue(connection, found, person, now)

        # How it stands is reckoned afterwards: nobody need wait for it.
        return self.standing(write(self._engine, work))

    def check_in(self, person: Person, appointment: int) -> Standing:
        """Gives a number to somebody who came to an appointment; it goes before those who came without.

        Raises:
            NotOpen: it is not theirs, not booked, or it is not its time: 30 minutes before its slot to 15 after.
            Closed, HasOne, TooMany: as for `take`.
        """

        def work(connection: Connection) -> int:
            now = self._now()
            this = (AppointmentRow.id == appointment) & _of(AppointmentRow, person)
            asked = select(_APPOINTMENTS).where(this)
            row = connection.execute(asked).one_or_none()
            if row is None:
                raise NotOpen("there is no such appointment of this person")
            lock_day(connection, row.counter_id, row.day)
            row = connection.execute(asked).one()
            local = now.astimezone(VIETNAM)
            minute = local.hour * 60 + local.minute
            in_time = row.start - EARLY_MINUTES <= minute <= row.start + row.minutes + LATE_MINUTES
            if row.state != AppointmentState.BOOKED or row.day != local.date() or not in_time:
                raise NotOpen("the appointment cannot be come to now")
            came = update(AppointmentRow).where(this, AppointmentRow.state == AppointmentState.BOOKED)
            connection.execute(came.values(state=AppointmentState.ARRIVED, ended_at=now, remind_at=None))
            slot_at = local.replace(hour=row.start // 60, minute=row.start % 60, second=0, microsecond=0)
            return self._issue(connection, find(connection, row.counter_id), person, now, slot_at=slot_at)

        return self.standing(write(self._engine, work))

    def cancel(self, person: Person, ticket: int) -> Ticket:
        """Gives a number back.

        Raises:
            NotOpen: it is not theirs, or not open any more.
        """

        def work(connection: Connection) -> Ticket:
            row = _row(connection, (TicketRow.id == ticket) & _of(TicketRow, person))
            lock_day(connection, row.counter_id, row.day)
            row = _row(connection, TicketRow.id == ticket)
            if row.state not in _OPEN:
                raise NotOpen("the number is not open")
            _become(connection, row.id, TicketState.CANCELLED, ended_at=self._now())
            return _ticket(_row(connection, TicketRow.id == ticket))

        return write(self._engine, work)

    def held_by(self, person: Person) -> list[Standing]:
        """Gives a person's numbers of today that are open, or were called in vain, with what is before them."""
        now = self._now()
        states = (*_OPEN, TicketState.MISSED)
        theirs = (_of(TicketRow, person), TicketRow.day == _today(now), TicketRow.state.in_(states))
        with self._engine.connect() as connection:
            rows = connection.execute(_READ.where(*theirs).order_by(TicketRow.taken_at)).all()
            open_at = {row.counter_id for row in rows if row.state in _OPEN}
            kept = [row for row in rows if row.state in _OPEN or row.counter_id not in open_at]
            return [self._standing(connection, find(connection, row.counter_id), row, now) for row in kept]

    def standing(self, ticket: int) -> Standing:
        """Gives where a number stands.

        Raises:
            NotOpen: there is no such number.
        """
        with self._engine.connect() as connection:
            row = _row(connection, TicketRow.id == ticket)
            return self._standing(connection, find(connection, row.counter_id), row, self._now())

    def length(self, counter: int) -> tuple[int, int]:
        """Gives the number that is at a counter now, or 0, and how many people wait there."""
        today = _today(self._now())
        with self._engine.connect() as connection:
            current = _current(connection, counter, today)
            return current.number if current else 0, len(_waiting(connection, counter, today))

    # --- for the officer at the counter

    def next(self, counter: int, *, absent: bool = False, seen: int | None = None) -> Moved:
        """Calls the next number; whoever was at the counter is done.

        The next two who wait are noted as to be told, each once.

        Args:
            counter: its number in the database.
            absent: the one called before did not come, and counts as missed.
            seen: the number that the officer sees as called, 0 for none, so that a second press does nothing.

        Raises:
            NoSuchCounter: there is none.
            Closed: the day has been closed.
            NotOpen: another number is at the counter than the officer sees.
        """

        def work(connection: Connection) -> Moved:
            now, today = self._open_day(connection, counter)
            finished = self._finish(connection, counter, today, now, absent=absent, seen=seen)
            waiting = _waiting(connection, counter, today)
            if not waiting:
                return Moved(None, finished)
            return self._call(connection, waiting[0], finished, now)

        return write(self._engine, work)

    def call_again(self, ticket: int) -> Moved:
        """Calls a missed number again; whoever is at the counter is done.

        Raises:
            NotOpen: it was not missed today, or its bearer has taken another one there.
            Closed: the day has been closed.
        """

        def work(connection: Connection) -> Moved:
            row, now = self._missed(connection, ticket)
            finished = self._finish(connection, row.counter_id, row.day, now)
            return self._call(connection, row, finished, now)

        return write(self._engine, work)

    def put_back(self, ticket: int, places: int = BACK_BY) -> Ticket:
        """Puts a missed number back into the queue behind some of those who wait; its bearer is told anew.

        Raises:
            NotOpen: it was not missed today, or its bearer has taken another one there.
            Closed: the day has been closed.
        """

        def work(connection: Connection) -> Ticket:
            row, _ = self._missed(connection, ticket)
            waiting = _waiting(connection, row.counter_id, row.day)
            before = waiting[:places]
            position = self._room_after(connection, row.counter_id, row.day, before[-1].position if before else None)
            values = {"position": position, "called_at": None, "ended_at": None, "round": TicketRow.round + 1}
            _become(connection, ticket, TicketState.WAITING, **values)
            return _ticket(_row(connection, TicketRow.id == ticket))

        return write(self._engine, work)

    def finish(self, counter: int, *, absent: bool = False) -> Ticket | None:
        """Lets whoever is at the counter go without calling anybody, as before a break."""

        def work(connection: Connection) -> Ticket | None:
            now, today = self._open_day(connection, counter)
            return self._finish(connection, counter, today, now, absent=absent)

        return write(self._engine, work)

    def close(self, counter: int, day: date | None = None) -> int:
        """Ends a counter's day: no number is given or called any more, and those who wait are to be told.

        Appointments of that day that nobody came to count as missed. Done again it does nothing.

        Returns:
            How many were still waiting.
        """

        def work(connection: Connection) -> int:
            now = self._now()
            ends = day or _today(now)
            find(connection, counter)
            if lock_day(connection, counter, ends).closed_at is not None:
                return 0
            self._finish(connection, counter, ends, now)
            waiting = _waiting(connection, counter, ends)
            for row in waiting:
                _become(connection, row.id, TicketState.CANCELLED, ended_at=now)
                note(connection, "closed", row.id, 0, now)
            missed_on(connection, counter, ends, now)
            this = (CounterDay.counter_id == counter) & (CounterDay.day == ends)
            connection.execute(update(CounterDay).where(this).values(closed_at=now))
            return len(waiting)

        return write(self._engine, work)

    def close_ended(self, after_minutes: int = 60) -> int:
        """Closes the days whose hours are over by some minutes; gives how many."""
        now = self._now()
        with self._engine.connect() as connection:
            days = {
                (row.counter_id, row.day)
                for row in connection.execute(
                    select(CounterDay.counter_id, CounterDay.day).where(CounterDay.closed_at.is_(None))
                )
            }
            booked = select(AppointmentRow.counter_id, AppointmentRow.day).distinct()
            days |= {
                (row.counter_id, row.day)
                for row in connection.execute(
                    booked.where(AppointmentRow.state == AppointmentState.BOOKED, AppointmentRow.day <= _today(now))
                )
            }
            counters = {one.id: one for one in all_ever(connection)} if days else {}
        over = [
            (number, day) for number, day in sorted(days) if self._is_over(counters[number], day, now, after_minutes)
        ]
        for number, day in over:
            self.close(number, day)
        return len(over)

    def board(self, counter: int) -> Board:
        """Gives a counter's day at a glance.

        Raises:
            NoSuchCounter: there is none.
        """
        today = _today(self._now())
        here = (TicketRow.counter_id == counter, TicketRow.day == today)
        with self._engine.connect() as connection:
            found = find(connection, counter)
            this = (CounterDay.counter_id == counter) & (CounterDay.day == today)
            kept = connection.execute(select(CounterDay.last_number, CounterDay.closed_at).where(this)).one_or_none()
            current = _current(connection, counter, today)
            missed = _READ.where(*here, TicketRow.state == TicketState.MISSED).order_by(TicketRow.number)
            served = select(func.count()).select_from(_TICKETS).where(*here, TicketRow.state == TicketState.SERVED)
            return Board(
                found,
                today,
                _ticket(current) if current else None,
                tuple(map(_ticket, _waiting(connection, counter, today))),
                tuple(map(_ticket, connection.execute(missed).all())),
                connection.scalar(served) or 0,
                kept.last_number if kept else 0,
                kept is not None and kept.closed_at is not None,
                to_come(connection, counter, today),
            )

    # --- one step each, inside a transaction

    def _check_hours(self, counter: Counter, now: datetime) -> None:
        today = _today(now)
        closing = self._timetable.closing(counter, today)
        if closing is None or now >= closing:
            raise Closed(self._timetable.why_closed(counter, today))

    def _issue(
        self,
        connection: Connection,
        counter: Counter,
        person: Person,
        now: datetime,
        *,
        slot_at: datetime | None = None,
    ) -> int:
        """Writes the next number; gives which row it is."""
        today = _today(now)
        kept = lock_day(connection, counter.id, today)
        if kept.closed_at is not None:
            raise Closed()
        of_today = (_of(TicketRow, person), TicketRow.day == today)
        theirs = connection.execute(
            select(TicketRow.counter_id, TicketRow.state, TicketRow.hand, TicketRow.turn).where(*of_today)
        ).all()
        open_ = [row for row in theirs if row.state in _OPEN]
        if any(row.counter_id == counter.id for row in open_):
            raise HasOne("the person has an open number at this counter")
        if len(open_) >= self._limits.tickets or len(theirs) >= self._limits.tickets_a_day:
            raise TooMany("the person has taken as many numbers as anybody may")
        if slot_at is None and kept.last_number >= counter.capacity:
            raise Full("all numbers of the day are given")
        position = kept.last_position + 1
        if slot_at is not None:
            earlier = [
                row
                for row in _waiting(connection, counter.id, today)
                if row.slot_at is not None and row.slot_at <= slot_at
            ]
            position = self._room_after(connection, counter.id, today, earlier[-1].position if earlier else None)
        number = kept.last_number + 1
        values = {
            "counter_id": counter.id,
            "day": today,
            "number": number,
            "position": position,
            "channel": person.channel,
            "person": person.account,
            "state": TicketState.WAITING,
            "turn": max((row.turn for row in theirs), default=0) + 1,
            "hand": _free_hand(row.hand for row in open_),
            "round": 0,
            "taken_at": now,
            "slot_at": slot_at,
        }
        connection.execute(insert(_TICKETS).values(**values))
        this = (CounterDay.counter_id == counter.id) & (CounterDay.day == today)
        issued = (TicketRow.counter_id == counter.id) & (TicketRow.day == today) & (TicketRow.number == number)
        # Where room was made, the last position has moved back with everybody else.
        last = {"last_position": position} if slot_at is None else {}
        connection.execute(update(CounterDay).where(this).values(last_number=number, **last))
        return int(_row(connection, issued).id)

    def _room_after(self, connection: Connection, counter: int, day: date, position: int | None) -> int:
        """Moves everybody behind a place back by one; gives the place that is free then."""
        this = (CounterDay.counter_id == counter) & (CounterDay.day == day)
        if position is None:
            waiting = _waiting(connection, counter, day)
            free = waiting[0].position if waiting else 1
        else:
            free = position + 1
        behind = (
            (TicketRow.counter_id == counter)
            & (TicketRow.day == day)
            & (TicketRow.state == TicketState.WAITING)
            & (TicketRow.position >= free)
        )
        connection.execute(update(TicketRow).where(behind).values(position=TicketRow.position + 1))
        connection.execute(update(CounterDay).where(this).values(last_position=CounterDay.last_position + 1))
        return free

    def _open_day(self, connection: Connection, counter: int) -> tuple[datetime, date]:
        now = self._now()
        find(connection, counter)
        if lock_day(connection, counter, _today(now)).closed_at is not None:
            raise Closed()
        return now, _today(now)

    def _missed(self, connection: Connection, ticket: int) -> tuple[Row[Any], datetime]:
        """Gives a missed ticket of today, its day locked."""
        row = _row(connection, TicketRow.id == ticket)
        now, today = self._open_day(connection, row.counter_id)
        row = connection.execute(select(_TICKETS).where(TicketRow.id == ticket)).one()
        if row.state != TicketState.MISSED or row.day != today:
            raise NotOpen("the number was not missed today")
        theirs = (TicketRow.channel == row.channel) & (TicketRow.person == row.person) & (TicketRow.day == today)
        others = connection.execute(
            select(TicketRow.counter_id, TicketRow.hand).where(theirs, TicketRow.state.in_(_OPEN))
        ).all()
        if any(other.counter_id == row.counter_id for other in others):
            raise NotOpen("its bearer has another number at this counter")
        if any(other.hand == row.hand for other in others):
            # Meanwhile the bearer took a number elsewhere: this one is in the other hand now.
            hand = _free_hand(other.hand for other in others)
            connection.execute(update(TicketRow).where(TicketRow.id == ticket).values(hand=hand))
        return row, now

    def _finish(
        self,
        connection: Connection,
        counter: int,
        day: date,
        now: datetime,
        *,
        absent: bool = False,
        seen: int | None = None,
    ) -> Ticket | None:
        current = _current(connection, counter, day)
        if seen is not None and seen != (current.number if current else 0):
            raise NotOpen("another number is at the counter by now")
        if current is None:
            return None
        _become(connection, current.id, TicketState.MISSED if absent else TicketState.SERVED, ended_at=now)
        return _ticket(_row(connection, TicketRow.id == current.id))

    def _call(self, connection: Connection, row: Row[Any], finished: Ticket | None, now: datetime) -> Moved:
        _become(connection, row.id, TicketState.CALLED, called_at=now, ended_at=None)
        close_by = _waiting(connection, row.counter_id, row.day)[:TOLD_BEFORE]
        for one in close_by:
            note(connection, "soon", one.id, one.round, now)
        called = _ticket(_row(connection, TicketRow.id == row.id))
        return Moved(called, finished, tuple(map(_ticket, close_by)))

    def _standing(self, connection: Connection, counter: Counter, row: Row[Any], now: datetime) -> Standing:
        pace = measured_pace(connection, counter, now)
        current = _current(connection, row.counter_id, row.day)
        number = current.number if current else 0
        if row.state != TicketState.WAITING:
            return Standing(_ticket(row), 0, None, number, pace)
        ahead = sum(one.position < row.position for one in _waiting(connection, row.counter_id, row.day))
        minutes = ahead * pace
        if current is not None and current.called_at is not None:
            minutes += max(0.0, pace - (now - current.called_at).total_seconds() / 60)
        expected = self._timetable.after(counter, now, minutes)
        return Standing(_ticket(row), ahead + (current is not None), expected, number, pace)

    def _is_over(self, counter: Counter, day: date, now: datetime, after_minutes: int) -> bool:
        local = now.astimezone(VIETNAM)
        if day != local.date():
            return day < local.date()
        closing = self._timetable.closing(counter, day)
        # A day that staff took off after numbers were given is left to them.
        return closing is not None and (now - closing).total_seconds() >= after_minutes * 60


def _of(table: type[TicketRow] | type[AppointmentRow], person: Person) -> ColumnElement[bool]:
    return (table.channel == person.channel) & (table.person == person.account)


def _free_hand(held: Iterable[int]) -> int:
    taken = set(held)
    return next(hand for hand in count(1) if hand not in taken)


def _current(connection: Connection, counter: int, day: date) -> Row[Any] | None:
    here = (TicketRow.counter_id == counter, TicketRow.day == day, TicketRow.state == TicketState.CALLED)
    return connection.execute(_READ.where(*here)).one_or_none()


def _waiting(connection: Connection, counter: int, day: date) -> list[Row[Any]]:
    here = (TicketRow.counter_id == counter, TicketRow.day == day, TicketRow.state == TicketState.WAITING)
    return list(connection.execute(_READ.where(*here).order_by(TicketRow.position)).all())


def _row(connection: Connection, which: ColumnElement[bool]) -> Row[Any]:
    row = connection.execute(_READ.where(which)).one_or_none()
    if row is None:
        raise NotOpen("there is no such number")
    return row


def _become(connection: Connection, ticket: int, state: TicketState, **values: Any) -> None:
    connection.execute(update(TicketRow).where(TicketRow.id == ticket).values(state=state, **values))


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        counter=row.counter_id,
        day=row.day,
        number=row.number,
        state=TicketState(row.state),
        position=row.position,
        taken_at=row.taken_at,
        called_at=row.called_at,
        slot_at=row.slot_at,
    )


def _today(now: datetime) -> date:
    return now.astimezone(VIETNAM).date()
