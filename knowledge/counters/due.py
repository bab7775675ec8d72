"""What people are to be told, noted in the same transaction as what it is about, and told once.

A notice is noted under a key that the database holds unique, so whatever is done over notes nothing more. Who
delivers asks for what `waits`, and notes with `settle` how it went.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Engine, String, Table, cast, delete, or_, select, update

from knowledge.counters.model import VIETNAM, AppointmentState, TicketState
from knowledge.counters.tables import AppointmentRow, CounterDay, CounterNotice, TicketRow
from knowledge.counters.writing import put_once, write
from motcua.database import Base

Kind = Literal["soon", "closed", "reminder"]
KINDS: Final[tuple[Kind, ...]] = ("soon", "closed", "reminder")

_NOTICES: Table = Base.metadata.tables[CounterNotice.__tablename__]
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=5)
_AT_ONCE = 500
_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to tell one person.

    Attributes:
        id: 32 hexadecimal digits, the same however often it is tried.
        ticket: number in the database of the ticket it is about, or None.
        appointment: the same of an appointment.
    """

    id: str
    kind: Kind
    channel: str
    person: str = field(repr=False)
    ticket: int | None
    appointment: int | None


class DueNotices:
    """Keeps what is to be told. Several may deliver side by side."""

    def __init__(self, engine: Engine) -> None:
        """Takes the database, brought up to date."""
        self._engine = engine

    def note_reminders(self, now: datetime) -> int:
        """Notes the reminders that are due; gives how many are new.

        Raises:
            CountersBusy: somebody else is writing.
        """
        due = (
            select(AppointmentRow.id, AppointmentRow.round)
            .where(AppointmentRow.state == AppointmentState.BOOKED, AppointmentRow.remind_at <= now)
            .order_by(AppointmentRow.remind_at)
            .limit(_AT_ONCE)
        )

        def work(connection: Connection) -> int:
            made = 0
            for row in connection.execute(due.with_for_update()).all():
                made += note(connection, "reminder", row.id, row.round, now)
                this = update(AppointmentRow).where(AppointmentRow.id == row.id)
                connection.execute(this.values(remind_at=None))
            return made

        with self._engine.connect() as connection:
            if connection.execute(due.limit(1)).first() is None:
                return 0
        return write(self._engine, work)

    def waits(self, channels: Collection[str], now: datetime, kinds: Collection[Kind] = KINDS) -> list[Due]:
        """Gives what is to be told now, oldest first; what has come to nothing meanwhile is settled on the way.

        Args:
            channels: whose people.
            now: the time.
            kinds: of notices.
        """
        self._drop_stale(now)
        with self._engine.connect() as connection:
            found = connection.execute(
                _open(now).where(_of(channels), CounterNotice.kind.in_(kinds)).limit(_AT_ONCE)
            ).all()
        return [_due(row) for row in found]

    def still_waits(self, due: Due, now: datetime) -> bool:
        """Says whether it is still to be told: a number called or cancelled meanwhile needs no word."""
        self._drop_stale(now)
        with self._engine.connect() as connection:
            return connection.execute(_open(now).where(CounterNotice.id == due.id)).first() is not None

    def settle(self, due: Due, outcome: str, now: datetime) -> None:
        """Notes how it went; "later" has it tried again after 10 seconds, then ever longer up to 5 minutes."""
        this = update(_NOTICES).where(CounterNotice.id == due.id, CounterNotice.done_at.is_(None))

        def work(connection: Connection) -> None:
            if outcome != "later":
                connection.execute(this.values(outcome=outcome, done_at=now))
                return
            tries = connection.scalar(select(CounterNotice.tries).where(CounterNotice.id == due.id)) or 0
            wait = min(_FIRST_WAIT * 2 ** min(tries, 10), _LONGEST_WAIT)
            connection.execute(this.values(tries=tries + 1, next_at=now + wait))

        write(self._engine, work)

    def people(self, channel: str) -> list[str]:
        """Gives the people of a channel of whom something is kept."""
        tables = (TicketRow, AppointmentRow)
        with self._engine.connect() as connection:
            asked = [select(table.person).where(table.channel == channel).distinct() for table in tables]
            return sorted({person for one in asked for person in connection.scalars(one)})

    def forget(self, channel: str, people: Collection[str]) -> int:
        """Takes people's accounts out of their numbers and appointments, which stay in their places.

        Returns:
            How many rows had one.
        """
        if not people:
            return 0

        def work(connection: Connection) -> int:
            done = 0
            for table in (TicketRow, AppointmentRow):
                theirs = (table.channel == channel) & table.person.in_(people)
                for number in connection.scalars(select(table.id).where(theirs)).all():
                    # Nobody: each a different one, so that what is unique for a person stays so.
                    nobody = {"channel": "", "person": secrets.token_hex(16)}
                    done += connection.execute(update(table).where(table.id == number).values(nobody)).rowcount
            return done

        return write(self._engine, work)

    def forget_old(self, now: datetime) -> int:
        """Deletes what is older than 90 days; gives how many numbers and appointments it was."""
        before = (now - _KEPT).astimezone(VIETNAM).date()

        def work(connection: Connection) -> int:
            for notices_of in (TicketRow, AppointmentRow):
                column = CounterNotice.ticket_id if notices_of is TicketRow else CounterNotice.appointment_id
                old = select(notices_of.id).where(notices_of.day < before)
                connection.execute(delete(CounterNotice).where(column.in_(old)))
            gone = sum(
                connection.execute(delete(table).where(table.day < before)).rowcount
                for table in (TicketRow, AppointmentRow)
            )
            connection.execute(delete(CounterDay).where(CounterDay.day < before))
            return gone

        with self._engine.connect() as connection:
            kept = (select(table.id).where(table.day < before).limit(1) for table in (TicketRow, AppointmentRow))
            if all(connection.scalar(one) is None for one in kept):
                return 0
        return write(self._engine, work)

    def _drop_stale(self, now: datetime) -> None:
        today = now.astimezone(VIETNAM).date()
        minute = now.astimezone(VIETNAM).hour * 60 + now.astimezone(VIETNAM).minute
        ticket = select(TicketRow.id).where(TicketRow.id == CounterNotice.ticket_id)
        soon = (
            ticket.where(TicketRow.state == TicketState.WAITING, TicketRow.day == today)
            .where(CounterNotice.about == "soon:" + _text(TicketRow.id) + ":" + _text(TicketRow.round))
            .exists()
        )
        closed = ticket.where(TicketRow.day == today).exists()
        booked = select(AppointmentRow.id).where(AppointmentRow.id == CounterNotice.appointment_id)
        ahead = or_(AppointmentRow.day > today, (AppointmentRow.day == today) & (AppointmentRow.start > minute))
        reminder = (
            booked.where(AppointmentRow.state == AppointmentState.BOOKED, ahead)
            .where(CounterNotice.about == "reminder:" + _text(AppointmentRow.id) + ":" + _text(AppointmentRow.round))
            .exists()
        )
        holds = or_(
            (CounterNotice.kind == "soon") & soon,
            (CounterNotice.kind == "closed") & closed,
            (CounterNotice.kind == "reminder") & reminder,
        )
        stale = CounterNotice.done_at.is_(None) & ~holds
        with self._engine.connect() as connection:
            numbers = connection.scalars(select(CounterNotice.number).where(stale)).all()
        if numbers:
            these = update(_NOTICES).where(CounterNotice.number.in_(numbers), CounterNotice.done_at.is_(None))
            write(self._engine, lambda connection: connection.execute(these.values(outcome="over", done_at=now)))


def note(connection: Connection, kind: Kind, number: int, round_: int, now: datetime) -> bool:
    """Notes that the bearer of a ticket or appointment is to be told of something; says whether that is new."""
    about = {"ticket_id": None, "appointment_id": None}
    about["appointment_id" if kind == "reminder" else "ticket_id"] = number  # type: ignore[assignment]
    row = {
        "id": secrets.token_hex(16),
        "about": f"{kind}:{number}:{round_}",
        "kind": kind,
        **about,
        "made_at": now,
        "tries": 0,
        "next_at": now,
        "outcome": "",
        "done_at": None,
    }
    return put_once(connection, _NOTICES, row)


def _open(now: datetime) -> Any:
    return (
        select(
            CounterNotice.id,
            CounterNotice.kind,
            CounterNotice.ticket_id,
            CounterNotice.appointment_id,
            TicketRow.channel.label("ticket_channel"),
            TicketRow.person.label("ticket_person"),
            AppointmentRow.channel.label("appointment_channel"),
            AppointmentRow.person.label("appointment_person"),
        )
        .outerjoin(TicketRow, TicketRow.id == CounterNotice.ticket_id)
        .outerjoin(AppointmentRow, AppointmentRow.id == CounterNotice.appointment_id)
        .where(CounterNotice.done_at.is_(None), CounterNotice.next_at <= now)
        .order_by(CounterNotice.number)
    )


def _of(channels: Collection[str]) -> ColumnElement[bool]:
    return or_(TicketRow.channel.in_(channels), AppointmentRow.channel.in_(channels))


def _due(row: Any) -> Due:
    channel = row.ticket_channel or row.appointment_channel
    return Due(
        row.id, row.kind, channel, row.ticket_person or row.appointment_person, row.ticket_id, row.appointment_id
    )


def _text(column: Any) -> Any:
    return cast(column, String)
