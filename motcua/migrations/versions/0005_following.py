"""Who follows which dossier, the notices made for them, and those that wait for a web session."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dossier_follower",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("code_hash", sa.String(32), nullable=False),
        sa.Column("code_sealed", sa.String(96), nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True)),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("channel", "person", "kind", "code_hash", name="uq_dossier_follower_channel"),
    )
    op.create_index("ix_dossier_follower_code_hash", "dossier_follower", ["code_hash"])
    op.create_table(
        "dossier_notice",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column(
            "follower",
            sa.Integer,
            sa.ForeignKey(
                "dossier_follower.number", name="fk_dossier_notice_follower_dossier_follower", ondelete="CASCADE"
            ),
            nullable=False,
        ),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("template", sa.String(32), nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("id", name="uq_dossier_notice_id"),
        sa.UniqueConstraint("follower", "change", name="uq_dossier_notice_follower"),
    )
    op.create_index("ix_dossier_notice_done_at", "dossier_notice", ["done_at"])
    op.create_table(
        "dossier_watch",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("cursor", sa.Text, nullable=False),
    )
    op.create_table(
        "chat_notice",
        sa.Column(
            "message_id",
            sa.String(32),
            sa.ForeignKey("chat_message.id", name="fk_chat_notice_message_id_chat_message", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_chat_notice_session_id", "chat_notice", ["session_id"])


def downgrade() -> None:
    for table in ("chat_notice", "dossier_watch", "dossier_notice", "dossier_follower"):
        op.drop_table(table)
