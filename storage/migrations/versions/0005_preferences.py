"""What members prefer, and what a server adds to every prompt: flags and styles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (
        ("default_flags", sa.Text()),
        ("forced_flags", sa.Text()),
        ("style", sa.String(32)),
    ):
        op.add_column(
            "servers", sa.Column(name, kind, nullable=False, server_default=sa.text("''"))
        )
    op.create_table(
        "styles",
        sa.Column("server_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("blob", sa.String(96)),
        sa.PrimaryKeyConstraint("server_id", "name", name="pk_styles"),
    )
    op.create_index("ix_styles_blob", "styles", ["blob"])
    op.create_table(
        "preferences",
        sa.Column("member_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("suffix", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_preferences"),
    )
