"""Which jobs were asked for where Easel is not itself, so that only their token leads there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "jobs", sa.Column("abroad", sa.Boolean, nullable=False, server_default=sa.false())
    )
