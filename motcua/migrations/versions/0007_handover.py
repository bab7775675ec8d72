"""Conversations handed to staff, their working hours, ratings and reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MONDAY_TO_FRIDAY = range(5)
_USUAL_HOURS = (("07:30", "11:30"), ("13:00", "17:00"))


def upgrade() -> None:
    _cases()
    hours = op.create_table(
        "handover_hours",
        sa.Column("weekday", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("opens", sa.String(5), primary_key=True),
        sa.Column("closes", sa.String(5), nullable=False),
    )
    op.bulk_insert(
        hours,
        [
            {"weekday": day, "opens": opens, "closes": closes}
            for day in _MONDAY_TO_FRIDAY
            for opens, closes in _USUAL_HOURS
        ],
    )
    op.create_table(
        "message_rating",
        sa.Column(
            "message_id",
            sa.String(32),
            sa.ForeignKey("chat_message.id", name="fk_message_rating_message_id_chat_message", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("useful", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(8), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_message_rating_rated_at", "message_rating", ["rated_at"])
    op.create_table(
        "answer_report",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column(
            "message_id",
            sa.String(32),
            sa.ForeignKey("chat_message.id", name="fk_answer_report_message_id_chat_message", ondelete="SET NULL"),
        ),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("receipt", sa.String(20), nullable=False),
        sa.Column("procedure", sa.String(40), nullable=False),
        sa.Column("aspect", sa.String(20), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("done_by", sa.String(64), nullable=False),
        sa.UniqueConstraint("message_id", name="uq_answer_report_message_id"),
    )
    op.create_index("ix_answer_report_reported_at", "answer_report", ["reported_at"])
    op.create_index("ix_answer_report_done_at", "answer_report", ["done_at"])


def _cases() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("conversation", sa.String(128), nullable=False),
        sa.Column("reason", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("officer", sa.String(64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("answer_due", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("contact", sa.String(8), nullable=False),
        sa.Column("contact_sealed", sa.Text, nullable=False),
        sa.Column("contact_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "uq_handover_open",
        "handover",
        ["channel", "conversation"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_handover_state_waiting_since", "handover", ["state", "waiting_since"])
    op.create_index("ix_handover_channel_person", "handover", ["channel", "person"])
    op.create_table(
        "handover_message",
        sa.Column("number", sa.Integer, primary_key=True),
        _of_a_case("handover_message"),
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("message_id", name="uq_handover_message_message_id"),
    )
    op.create_table(
        "handover_note",
        sa.Column("number", sa.Integer, primary_key=True),
        _of_a_case("handover_note"),
        sa.Column("officer", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "handover_notice",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False),
        _of_a_case("handover_notice"),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("id", name="uq_handover_notice_id"),
    )
    op.create_index("ix_handover_notice_done_at", "handover_notice", ["done_at"])
    for table in ("handover_message", "handover_note", "handover_notice"):
        op.create_index(f"ix_{table}_handover", table, ["handover"])


def _of_a_case(table: str) -> sa.Column[str]:
    named = f"fk_{table}_handover_handover"
    return sa.Column(
        "handover", sa.String(32), sa.ForeignKey("handover.id", name=named, ondelete="CASCADE"), nullable=False
    )


def downgrade() -> None:
    for table in (
        "answer_report",
        "message_rating",
        "handover_hours",
        "handover_notice",
        "handover_note",
        "handover_message",
        "handover",
    ):
        op.drop_table(table)
