"""Dossiers as they were last known, and their imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dossier",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("number", sa.String(6), nullable=False),
        sa.Column("phone_key", sa.String(32), nullable=False),
        sa.Column("identity_key", sa.String(32), nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("state_text", sa.Text, nullable=False),
        sa.Column("procedure_code", sa.String(40), nullable=False),
        sa.Column("procedure_name", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("applicant", sa.Text, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True)),
        sa.Column("appointment_on", sa.Date),
        sa.Column("state_changed_at", sa.DateTime(timezone=True)),
        sa.Column("in_charge_unit", sa.Text, nullable=False),
        sa.Column("in_charge_step", sa.Text, nullable=False),
        sa.Column("missing", sa.Text, nullable=False),
        sa.Column("amount_due", sa.BigInteger),
        sa.Column("pay_at", sa.Text, nullable=False),
        sa.Column("result_ready_at", sa.DateTime(timezone=True)),
        sa.Column("collect_at", sa.Text, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_dossier_number_phone_key", "dossier", ["number", "phone_key"])
    op.create_index("ix_dossier_number_identity_key", "dossier", ["number", "identity_key"])
    op.create_index("ix_dossier_changed_code", "dossier", ["changed", "code"])
    op.create_table(
        "dossier_import",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("dossier_import")
    op.drop_table("dossier")
