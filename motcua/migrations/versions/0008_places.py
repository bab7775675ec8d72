"""Provinces, communes and service centres."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place_province",
        sa.Column("code", sa.String(2), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
    )
    op.create_table(
        "place_commune",
        sa.Column("code", sa.String(5), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column(
            "province_code",
            sa.String(2),
            sa.ForeignKey("place_province.code", name="fk_place_commune_province_code_place_province"),
            nullable=False,
        ),
    )
    op.create_index("ix_place_commune_province_code", "place_commune", ["province_code"])
    op.create_table(
        "place_office",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("province_code", sa.String(2), nullable=False),
        sa.Column("province", sa.String(80), nullable=False),
        sa.Column("commune_code", sa.String(5), nullable=False),
        sa.Column("commune", sa.String(80), nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("hours", sa.String(300), nullable=False),
        sa.Column("phone", sa.String(80), nullable=False),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
    )
    op.create_index("ix_place_office_province_code", "place_office", ["province_code"])
    op.create_table(
        "place_import",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    for table in ("place_import", "place_office", "place_commune", "place_province"):
        op.drop_table(table)
