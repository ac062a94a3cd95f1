"""The tables of showcases, as the newest migration leaves them; see `storage.tables`."""

from __future__ import annotations

import sqlalchemy as sa

from storage.tables import COUNTER, metadata

showcases = sa.Table(
    "showcases",
    metadata,
    sa.Column("id", COUNTER, primary_key=True),
    sa.Column("server_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("likes", sa.Integer, nullable=False),
    sa.Column("age_rated", sa.Boolean, nullable=False),
    # When it was removed. The row stays for the buttons under what hangs there.
    sa.Column("removed_at", sa.Double),
)

# A picture's place in a showcase. No person is named: a picture's owner stands in its job.
hangings = sa.Table(
    "hangings",
    metadata,
    sa.Column("id", COUNTER, primary_key=True),
    sa.Column(
        "showcase_id", COUNTER, sa.ForeignKey("showcases.id"), nullable=False, autoincrement=False
    ),
    sa.Column("job_id", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("way", sa.String(16), nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("began_at", sa.Double),
    sa.Column("hung_at", sa.Double),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("votes", sa.Integer, nullable=False),
    sa.Column("taken_by", sa.String(16)),
    sa.UniqueConstraint("showcase_id", "job_id", "number"),
)

sa.Index("ix_hangings_picture", hangings.c.job_id, hangings.c.number)
