"""Tries to open dossiers, alerts about them, and what people are asking about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dossier_try",
        sa.Column("attempt", sa.String(32), primary_key=True),
        sa.Column("scope", sa.String(8), primary_key=True),
        sa.Column("who", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_dossier_try_scope_who_at", "dossier_try", ["scope", "who", "at"])
    op.create_index("ix_dossier_try_at", "dossier_try", ["at"])
    op.create_table(
        "dossier_alert",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("who", sa.String(32), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_dossier_alert_scope_who_at", "dossier_alert", ["scope", "who", "at"])
    op.create_table(
        "dossier_sought",
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("sought", sa.Text, nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_dossier_sought_kept_until", "dossier_sought", ["kept_until"])


def downgrade() -> None:
    op.drop_table("dossier_sought")
    op.drop_table("dossier_alert")
    op.drop_table("dossier_try")
