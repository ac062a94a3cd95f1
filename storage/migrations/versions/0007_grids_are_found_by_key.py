"""Which job a grid's file belongs to is found by its key, as for single pictures."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_jobs_grid", "jobs", ["grid"])
