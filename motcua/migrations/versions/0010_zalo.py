"""Tokens of the Zalo Official Account, and consents under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "zalo_token",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("access_sealed", sa.Text, nullable=False),
        sa.Column("refresh_sealed", sa.Text, nullable=False),
        sa.Column("previous_sealed", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.String(32), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True)),
        sa.Column("refused_code", sa.Integer),
    )
    op.create_table(
        "zalo_consent",
        sa.Column("state_sha256", sa.String(64), primary_key=True),
        sa.Column("begun_by", sa.String(64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
    )


def downgrade() -> None:
    for table in ("zalo_consent", "zalo_token"):
        op.drop_table(table)
