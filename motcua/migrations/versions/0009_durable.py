"""What channels pushed to us, what is to be sent, who has which conversation in hand, and alerts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _moment(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "durable_event",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(32), nullable=False),
        sa.Column("key_mark", sa.String(32), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        _moment("received_at"),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _moment("next_at"),
        sa.Column("problem", sa.String(64), nullable=False),
        _moment("done_at", nullable=True),
        sa.UniqueConstraint("id", name="uq_durable_event_id"),
        sa.UniqueConstraint("key_mark", name="uq_durable_event_key_mark"),
    )
    in_order = ["conversation", "state", "sent_at"]
    op.create_index("ix_durable_event_conversation_state_sent_at", "durable_event", in_order)
    op.create_index("ix_durable_event_state_received_at", "durable_event", ["state", "received_at"])
    op.create_index("ix_durable_event_done_at", "durable_event", ["done_at"])
    op.create_table(
        "durable_message",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        _moment("made_at"),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("settles", sa.Integer, nullable=False),
        _moment("next_at"),
        _moment("tried_at", nullable=True),
        sa.Column("message_id", sa.String(128), nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        sa.Column("problem", sa.String(64), nullable=False),
        _moment("done_at", nullable=True),
        sa.UniqueConstraint("id", name="uq_durable_message_id"),
    )
    op.create_index("ix_durable_message_conversation_done_at", "durable_message", ["conversation", "done_at"])
    op.create_index("ix_durable_message_cause", "durable_message", ["cause"])
    op.create_index("ix_durable_message_done_at", "durable_message", ["done_at"])
    op.create_table(
        "durable_lane",
        sa.Column("conversation", sa.String(32), primary_key=True),
        sa.Column("side", sa.String(3), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        _moment("due_at", nullable=True),
        sa.Column("lease", sa.String(32), nullable=False),
        _moment("lease_until", nullable=True),
        _moment("unreachable_at", nullable=True),
    )
    op.create_index("ix_durable_lane_side_due_at", "durable_lane", ["side", "due_at"])
    op.create_table(
        "durable_alert",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("problem", sa.String(64), nullable=False),
        _moment("raised_at"),
        _moment("closed_at", nullable=True),
        sa.UniqueConstraint("kind", "subject", name="uq_durable_alert_kind"),
    )
    op.create_index("ix_durable_alert_closed_at", "durable_alert", ["closed_at"])


def downgrade() -> None:
    for table in ("durable_alert", "durable_lane", "durable_message", "durable_event"):
        op.drop_table(table)
