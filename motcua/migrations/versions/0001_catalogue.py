"""The catalogue with its versions, and the receipts of answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogue_version",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
    )
    op.create_table(
        "part_version",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("part", sa.String(12), nullable=False),
        sa.Column("origin", sa.String(12), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column(
            "since",
            sa.Integer,
            sa.ForeignKey("catalogue_version.number", name="fk_part_version_since_catalogue_version"),
            nullable=False,
        ),
        sa.Column(
            "until",
            sa.Integer,
            sa.ForeignKey("catalogue_version.number", name="fk_part_version_until_catalogue_version"),
        ),
    )
    op.create_index("ix_part_version_code_part", "part_version", ["code", "part"])
    op.create_index(
        "uq_part_version_in_force",
        "part_version",
        ["code", "part"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "receipt",
        sa.Column("code", sa.String(20), primary_key=True),
        sa.Column("catalogue_version", sa.Integer, nullable=False),
        sa.Column("procedure", sa.String(40), nullable=False),
        sa.Column("aspect", sa.String(20), nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("receipt")
    op.drop_table("part_version")
    op.drop_table("catalogue_version")
