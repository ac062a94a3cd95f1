"""The rules of servers, and a ledger that can be read by member, channel and period."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = {"ledger": "ledger", "grants": "list of grants", "audit": "audit log"}


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("jobs", sa.Column("price", sa.Integer, nullable=False, server_default="1"))
    op.add_column("jobs", sa.Column("max_running", sa.Integer))
    _widen_ledger(on_sqlite)
    _create_rules()
    if on_sqlite:
        for table, name in APPEND_ONLY.items():
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'the {name} is append-only'); END"
                )


def _widen_ledger(on_sqlite: bool) -> None:
    for name in ("channel_id", "charged_ms", "grant_id"):
        column = sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
        op.add_column("ledger", column)
    for name in ("pictures", "charged_pictures"):
        op.add_column("ledger", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.add_column("ledger", sa.Column("admitted_at", sa.Double, nullable=False, server_default="0"))
    if on_sqlite:
        op.execute("DROP TRIGGER ledger_refuses_update")
        op.execute("DROP TRIGGER ledger_refuses_delete")
    # What was there before had no amounts to count against, but it shows in the charts.
    op.execute(
        "UPDATE ledger SET charged_ms = gpu_ms, "
        "admitted_at = (SELECT created_at FROM jobs WHERE jobs.id = ledger.job_id), "
        "channel_id = (SELECT channel_id FROM jobs WHERE jobs.id = ledger.job_id)"
    )
    made = "(SELECT count(*) FROM images WHERE images.job_id = ledger.job_id)"
    op.execute(
        f"UPDATE ledger SET pictures = {made}, charged_pictures = {made} WHERE kind = 'settle'"
    )
    op.create_index("ix_ledger_member", "ledger", ["server_id", "owner_id", "admitted_at"])
    op.create_index("ix_ledger_channel", "ledger", ["server_id", "channel_id", "admitted_at"])
    op.create_index("ix_ledger_server", "ledger", ["server_id", "admitted_at"])


def _create_rules() -> None:
    op.create_table(
        "servers",
        sa.Column("server_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("drained", sa.Boolean, nullable=False),
        sa.Column("admin_role", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("server_id", name="pk_servers"),
    )
    op.create_table(
        "allowances",
        sa.Column("server_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("allowance", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("server_id", "kind", "subject_id", name="pk_allowances"),
    )
    op.create_table(
        "grants",
        _counter(),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.BigInteger, nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("granted_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
    )
    op.create_index("ix_grants_server_id", "grants", ["server_id"])
    op.create_table(
        "resets",
        _counter(),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resets"),
    )
    op.create_index("ix_resets_server_id", "resets", ["server_id"])
    op.create_table(
        "bans",
        sa.Column("server_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("server_id", "member_id", name="pk_bans"),
    )
    op.create_table(
        "audit",
        _counter(),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("by_id", sa.BigInteger, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.BigInteger, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_server", "audit", ["server_id", "id"])


def _counter() -> sa.Column[int]:
    column = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", column, autoincrement=True, nullable=False)
