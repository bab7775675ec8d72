"""Tables of counters, their queues and appointments, and of what people are to be told."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Date, DateTime, Dialect, ForeignKey, Index, String, Text, TypeDecorator, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from motcua.database import Base

_OPEN_TICKET = text("state IN ('waiting', 'called')")
_BOOKED = text("state = 'booked'")


class Moment(TypeDecorator[datetime]):
    """A time with its zone, kept in UTC: SQLite forgets zones and compares times as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives what is kept."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives what was kept, in UTC."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


class CounterRow(Base):
    """A counter as staff described it. One that is gone from their table stays for its numbers, not `in_use`."""

    __tablename__ = "counter"
    __table_args__ = (UniqueConstraint("centre", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    centre: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(300))
    serves: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int]
    week: Mapped[str] = mapped_column(Text)
    slot_minutes: Mapped[int]
    slot_places: Mapped[int]
    days_off: Mapped[str] = mapped_column(Text)
    place: Mapped[int]
    is_sample: Mapped[bool]
    in_use: Mapped[bool]


class CounterDay(Base):
    """One day of one counter: the row that every change of its queue locks, and the last number given."""

    __tablename__ = "counter_day"

    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    last_number: Mapped[int]
    last_position: Mapped[int]
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class TicketRow(Base):
    """A number. `turn` counts the numbers that a person took on a day, `hand` the open ones held at once.

    `round` grows when the number goes back into the queue, so that its bearer is told anew.
    """

    __tablename__ = "counter_ticket"
    __table_args__ = (
        UniqueConstraint("counter_id", "day", "number"),
        UniqueConstraint("channel", "person", "day", "turn"),
        Index(
            "uq_counter_ticket_open",
            "counter_id",
            "day",
            "channel",
            "person",
            unique=True,
            sqlite_where=_OPEN_TICKET,
            postgresql_where=_OPEN_TICKET,
        ),
        Index(
            "uq_counter_ticket_hand",
            "channel",
            "person",
            "day",
            "hand",
            unique=True,
            sqlite_where=_OPEN_TICKET,
            postgresql_where=_OPEN_TICKET,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    day: Mapped[date] = mapped_column(Date)
    number: Mapped[int]
    position: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    person: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(12))
    turn: Mapped[int]
    hand: Mapped[int]
    round: Mapped[int]
    taken_at: Mapped[datetime] = mapped_column(Moment)
    called_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    slot_at: Mapped[datetime | None] = mapped_column(Moment)


class AppointmentRow(Base):
    """A place in a slot. `seat` tells the places of one slot apart, `hand` the open appointments of one person.

    `turn` counts what a person booked or moved on one day (`booked_on`); `round` grows when it is moved.
    """

    __tablename__ = "counter_appointment"
    __table_args__ = (
        UniqueConstraint("channel", "person", "booked_on", "turn"),
        Index(
            "uq_counter_appointment_seat",
            "counter_id",
            "day",
            "start",
            "seat",
            unique=True,
            sqlite_where=_BOOKED,
            postgresql_where=_BOOKED,
        ),
        Index(
            "uq_counter_appointment_hand",
            "channel",
            "person",
            "hand",
            unique=True,
            sqlite_where=_BOOKED,
            postgresql_where=_BOOKED,
        ),
        Index(
            "uq_counter_appointment_open",
            "counter_id",
            "day",
            "channel",
            "person",
            unique=True,
            sqlite_where=_BOOKED,
            postgresql_where=_BOOKED,
        ),
        Index("ix_counter_appointment_remind_at", "remind_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    day: Mapped[date] = mapped_column(Date)
    start: Mapped[int]
    minutes: Mapped[int]
    seat: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    person: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(12))
    hand: Mapped[int]
    booked_on: Mapped[date] = mapped_column(Date)
    turn: Mapped[int]
    round: Mapped[int]
    booked_at: Mapped[datetime] = mapped_column(Moment)
    remind_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class CounterNotice(Base):
    """Something that one person is to be told once: `about` is unique for it, such as "soon:17:0".

    `kind` is "soon" or "closed" with a ticket, "reminder" with an appointment. Its words are made when it is told.
    """

    __tablename__ = "counter_notice"
    __table_args__ = (Index("ix_counter_notice_done_at", "done_at"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    about: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("counter_ticket.id", ondelete="CASCADE"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("counter_appointment.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(String(16))
    done_at: Mapped[datetime | None] = mapped_column(Moment)
