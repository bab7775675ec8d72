"""Counters of service centres, their queues and appointments, and what people are to be told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_OPEN_TICKET = sa.text("state IN ('waiting', 'called')")
_BOOKED = sa.text("state = 'booked'")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _counter(table: str, *, key: bool = False) -> sa.Column[int]:
    counter = sa.ForeignKey("counter.id", name=f"fk_{table}_counter_id_counter")
    return sa.Column("counter_id", sa.Integer, counter, primary_key=key, nullable=False)


def _person() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("person", sa.String(128), nullable=False),
    )


def _only(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("centre", sa.String(200), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("serves", sa.Text, nullable=False),
        _number("capacity"),
        sa.Column("week", sa.Text, nullable=False),
        _number("slot_minutes"),
        _number("slot_places"),
        sa.Column("days_off", sa.Text, nullable=False),
        _number("place"),
        sa.Column("is_sample", sa.Boolean, nullable=False),
        sa.Column("in_use", sa.Boolean, nullable=False),
        sa.UniqueConstraint("centre", "name", name="uq_counter_centre"),
    )
    op.create_table(
        "counter_day",
        _counter("counter_day", key=True),
        sa.Column("day", sa.Date, primary_key=True),
        _number("last_number"),
        _number("last_position"),
        _moment("closed_at", nullable=True),
    )
    op.create_table(
        "counter_ticket",
        sa.Column("id", sa.Integer, primary_key=True),
        _counter("counter_ticket"),
        sa.Column("day", sa.Date, nullable=False),
        _number("number"),
        _number("position"),
        *_person(),
        sa.Column("state", sa.String(12), nullable=False),
        _number("turn"),
        _number("hand"),
        _number("round"),
        _moment("taken_at"),
        _moment("called_at", nullable=True),
        _moment("ended_at", nullable=True),
        _moment("slot_at", nullable=True),
        sa.UniqueConstraint("counter_id", "day", "number", name="uq_counter_ticket_counter_id"),
        sa.UniqueConstraint("channel", "person", "day", "turn", name="uq_counter_ticket_channel"),
    )
    _only("uq_counter_ticket_open", "counter_ticket", ["counter_id", "day", "channel", "person"], _OPEN_TICKET)
    _only("uq_counter_ticket_hand", "counter_ticket", ["channel", "person", "day", "hand"], _OPEN_TICKET)
    op.create_table(
        "counter_appointment",
        sa.Column("id", sa.Integer, primary_key=True),
        _counter("counter_appointment"),
        sa.Column("day", sa.Date, nullable=False),
        _number("start"),
        _number("minutes"),
        _number("seat"),
        *_person(),
        sa.Column("state", sa.String(12), nullable=False),
        _number("hand"),
        sa.Column("booked_on", sa.Date, nullable=False),
        _number("turn"),
        _number("round"),
        _moment("booked_at"),
        _moment("remind_at", nullable=True),
        _moment("ended_at", nullable=True),
        sa.UniqueConstraint("channel", "person", "booked_on", "turn", name="uq_counter_appointment_channel"),
    )
    of_one = ["counter_id", "day", "channel", "person"]
    _only("uq_counter_appointment_seat", "counter_appointment", ["counter_id", "day", "start", "seat"], _BOOKED)
    _only("uq_counter_appointment_hand", "counter_appointment", ["channel", "person", "hand"], _BOOKED)
    _only("uq_counter_appointment_open", "counter_appointment", of_one, _BOOKED)
    op.create_index("ix_counter_appointment_remind_at", "counter_appointment", ["remind_at"])
    op.create_table(
        "counter_notice",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("about", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column(
            "ticket_id",
            sa.Integer,
            sa.ForeignKey("counter_ticket.id", name="fk_counter_notice_ticket_id_counter_ticket", ondelete="CASCADE"),
        ),
        sa.Column(
            "appointment_id",
            sa.Integer,
            sa.ForeignKey(
                "counter_appointment.id",
                name="fk_counter_notice_appointment_id_counter_appointment",
                ondelete="CASCADE",
            ),
        ),
        _moment("made_at"),
        _number("tries"),
        _moment("next_at"),
        sa.Column("outcome", sa.String(16), nullable=False),
        _moment("done_at", nullable=True),
        sa.UniqueConstraint("id", name="uq_counter_notice_id"),
        sa.UniqueConstraint("about", name="uq_counter_notice_about"),
    )
    op.create_index("ix_counter_notice_done_at", "counter_notice", ["done_at"])


def downgrade() -> None:
    for table in ("counter_notice", "counter_appointment", "counter_ticket", "counter_day", "counter"):
        op.drop_table(table)
