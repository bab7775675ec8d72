"""Accounts and sessions of the staff, and the audit log, which can only grow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_REFUSAL = "the audit log only grows"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _member(table: str, *, key: bool = False) -> sa.Column[int]:
    owner = sa.ForeignKey("staff.id", name=f"fk_{table}_staff_id_staff", ondelete="CASCADE")
    return sa.Column("staff_id", sa.Integer, owner, primary_key=key, nullable=False)


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("display", sa.String(80), nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("totp_secret", sa.String(255)),
        sa.Column("totp_step", sa.BigInteger),
        _moment("made_at"),
        _moment("disabled_at", nullable=True),
        sa.UniqueConstraint("name", name="uq_staff_name"),
    )
    op.create_table("staff_role", _member("staff_role", key=True), sa.Column("role", sa.String(16), primary_key=True))
    op.create_table(
        "staff_session",
        sa.Column("digest", sa.String(64), primary_key=True),
        _member("staff_session"),
        _moment("made_at"),
        _moment("seen_at"),
        _moment("expires_at"),
        _moment("second_at", nullable=True),
        sa.Column("pending_secret", sa.String(255)),
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])
    op.create_index("ix_staff_session_expires_at", "staff_session", ["expires_at"])
    op.create_table(
        "staff_code",
        sa.Column("digest", sa.String(64), primary_key=True),
        _member("staff_code"),
        sa.Column("kind", sa.String(12), nullable=False),
        _moment("made_at"),
        _moment("expires_at", nullable=True),
        _moment("used_at", nullable=True),
    )
    op.create_index("ix_staff_code_staff_id", "staff_code", ["staff_id"])
    op.create_table(
        "staff_try",
        sa.Column("attempt", sa.String(32), primary_key=True),
        sa.Column("scope", sa.String(8), primary_key=True),
        sa.Column("who", sa.String(64), nullable=False),
        _moment("at"),
    )
    op.create_index("ix_staff_try_scope_who_at", "staff_try", ["scope", "who", "at"])
    op.create_index("ix_staff_try_at", "staff_try", ["at"])
    op.create_table(
        "audit_row",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        _moment("at"),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("about", sa.String(128), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("previous", name="uq_audit_row_previous"),
    )
    for column in ("at", "who", "what", "about"):
        op.create_index(f"ix_audit_row_{column}", "audit_row", [column])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "digest": "0" * 64}])
    _forbid_changes()


def _forbid_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_row_no_{change.lower()} BEFORE {change} ON audit_row "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_row_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_row_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_row "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_row_only_grows()"
    )


def downgrade() -> None:
    for table in ("audit_head", "audit_row", "staff_try", "staff_code", "staff_session", "staff_role", "staff"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_row_only_grows()")
