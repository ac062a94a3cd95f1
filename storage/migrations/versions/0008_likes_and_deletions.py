"""What members like and delete, how they prefer to work, and what was made of what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("deleted_at", sa.Double))
    op.create_index("ix_jobs_parent_id", "jobs", ["parent_id"])
    op.add_column(
        "preferences",
        sa.Column("settings", sa.Text, nullable=False, server_default=sa.text("'{}'")),
    )
    op.add_column(
        "servers",
        sa.Column("presentation", sa.String(16), nullable=False, server_default=sa.text("'grid'")),
    )
    op.create_table(
        "likes",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "number", "member_id", name="pk_likes"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_likes_job_id"),
    )
    op.create_index("ix_likes_member", "likes", ["member_id", "at"])
