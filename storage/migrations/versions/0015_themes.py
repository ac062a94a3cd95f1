"""Servers have themes that members enter pictures for and vote on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0009"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "themes",
        sa.Column("id", _COUNTER, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("starts_at", sa.Double, nullable=False),
        sa.Column("votes_from", sa.Double, nullable=False),
        sa.Column("ends_at", sa.Double, nullable=False),
        sa.Column("age_rated", sa.Boolean, nullable=False),
        sa.Column("most", sa.Integer, nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("called_off", sa.Boolean, nullable=False),
        sa.Column("settled_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_themes"),
    )
    op.create_index("ix_themes_server_id", "themes", ["server_id"])
    op.create_index("ix_themes_settled_at", "themes", ["settled_at"])
    op.create_table(
        "theme_entries",
        _of_theme(),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("theme_id", "job_id", "number", name="pk_theme_entries"),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name="fk_theme_entries_theme_id"),
    )
    op.create_table(
        "theme_votes",
        _of_theme(),
        sa.Column("member_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("theme_id", "member_id", name="pk_theme_votes"),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name="fk_theme_votes_theme_id"),
    )
    op.create_index("ix_theme_votes_member", "theme_votes", ["member_id"])
    op.create_table(
        "theme_sheets",
        _of_theme(),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("began_at", sa.Double, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("posted_at", sa.Double),
        sa.Column("shown", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("theme_id", "part", name="pk_theme_sheets"),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name="fk_theme_sheets_theme_id"),
    )


def _of_theme() -> sa.Column[int]:
    return sa.Column("theme_id", _COUNTER, autoincrement=False, nullable=False)
