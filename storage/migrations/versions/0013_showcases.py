"""Servers hang pictures up in showcases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index("ix_likes_at", "likes", ["at"])
    op.create_table(
        "showcases",
        sa.Column("id", _COUNTER, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("likes", sa.Integer, nullable=False),
        sa.Column("age_rated", sa.Boolean, nullable=False),
        sa.Column("removed_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_showcases"),
    )
    op.create_index("ix_showcases_server_id", "showcases", ["server_id"])
    op.create_table(
        "hangings",
        sa.Column("id", _COUNTER, nullable=False),
        sa.Column("showcase_id", _COUNTER, autoincrement=False, nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("began_at", sa.Double),
        sa.Column("hung_at", sa.Double),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("votes", sa.Integer, nullable=False),
        sa.Column("taken_by", sa.String(16)),
        sa.PrimaryKeyConstraint("id", name="pk_hangings"),
        sa.ForeignKeyConstraint(["showcase_id"], ["showcases.id"], name="fk_hangings_showcase_id"),
        sa.UniqueConstraint("showcase_id", "job_id", "number", name="uq_hangings_showcase_id"),
    )
    op.create_index("ix_hangings_picture", "hangings", ["job_id", "number"])
