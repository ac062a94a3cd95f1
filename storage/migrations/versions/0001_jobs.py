"""Jobs, their pictures and the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("interaction_id", sa.String(128), nullable=False),
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("owner_name", sa.Text, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("token_expires_at", sa.Double, nullable=False),
        sa.Column("reply_to", sa.BigInteger, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("work", sa.Double, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reserve_ms", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("parent_id", sa.String(64)),
        sa.Column("parent_index", sa.Integer, nullable=False),
        sa.Column("cost_ms", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("leased_by", sa.String(128), nullable=False),
        sa.Column("lease_until", sa.Double, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("grid", sa.String(96), nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("token_dead", sa.Boolean, nullable=False),
        sa.Column("post_began_at", sa.Double),
        sa.Column("delivered_at", sa.Double),
        sa.Column("outcome", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("interaction_id", name="uq_jobs_interaction_id"),
    )
    op.create_index("ix_jobs_state", "jobs", ["state", "created_at", "id"])
    op.create_index("ix_jobs_finished", "jobs", ["state", "finished_at"])
    op.create_index("ix_jobs_owner_state", "jobs", ["owner_id", "state"])
    op.create_index("ix_jobs_owner_history", "jobs", ["owner_id", "created_at", "id"])
    op.create_index("ix_jobs_history", "jobs", ["created_at", "id"])
    owes_delivery = sa.text("delivered_at IS NULL AND channel_id != 0")
    op.create_index(
        "ix_jobs_undelivered",
        "jobs",
        ["finished_at", "id"],
        sqlite_where=owes_delivery,
        postgresql_where=owes_delivery,
    )

    op.create_table(
        "images",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("blob", sa.String(96), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_images"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_images_job_id"),
    )
    op.create_index("ix_images_blob", "images", ["blob"])

    op.create_table(
        "ledger",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("gpu_ms", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_ledger_job_id"),
        sa.UniqueConstraint("job_id", "kind", name="uq_ledger_job_id"),
    )
