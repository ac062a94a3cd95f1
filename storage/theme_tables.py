"""The tables of themes, as the newest migration leaves them; see `storage.tables`."""

from __future__ import annotations

import sqlalchemy as sa

from storage.tables import COUNTER, metadata


def _of_theme() -> sa.Column[int]:
    key = sa.ForeignKey("themes.id")
    return sa.Column("theme_id", COUNTER, key, primary_key=True, autoincrement=False)


themes = sa.Table(
    "themes",
    metadata,
    sa.Column("id", COUNTER, primary_key=True),
    sa.Column("server_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("starts_at", sa.Double, nullable=False),
    sa.Column("votes_from", sa.Double, nullable=False),
    sa.Column("ends_at", sa.Double, nullable=False),
    sa.Column("age_rated", sa.Boolean, nullable=False),
    sa.Column("most", sa.Integer, nullable=False),
    sa.Column("phase", sa.String(16), nullable=False),
    sa.Column("called_off", sa.Boolean, nullable=False),
    # Since then there is nothing more to show or to do.
    sa.Column("settled_at", sa.Double, index=True),
)

# No person is named: a picture's owner stands in its job.
theme_entries = sa.Table(
    "theme_entries",
    metadata,
    _of_theme(),
    sa.Column("job_id", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
)

# One vote of each member.
theme_votes = sa.Table(
    "theme_votes",
    metadata,
    _of_theme(),
    sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("place", sa.Integer, nullable=False),
)

sa.Index("ix_theme_votes_member", theme_votes.c.member_id)

# The messages of a theme.
theme_sheets = sa.Table(
    "theme_sheets",
    metadata,
    _of_theme(),
    sa.Column("part", sa.String(16), primary_key=True),
    sa.Column("began_at", sa.Double, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("posted_at", sa.Double),
    sa.Column("shown", sa.Text, nullable=False),
)
