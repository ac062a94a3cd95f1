"""The tables of what is made of pictures after they are done: looks and collections.

Their rows go with the picture's own, in the same transaction, whoever deletes it.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.tables import COUNTER, metadata

# What a picture looks like; `numbers` are signed bytes. A number of a row is never given again,
# so that whoever has seen all up to one knows the new rows by their numbers.
looks = sa.Table(
    "looks",
    metadata,
    sa.Column("id", COUNTER, primary_key=True),
    sa.Column("job_id", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("dimension", sa.Integer, nullable=False),
    sa.Column("numbers", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("job_id", "number"),
    sa.ForeignKeyConstraint(
        ["job_id", "number"], ["images.job_id", "images.number"], ondelete="CASCADE"
    ),
    sqlite_autoincrement=True,
)

sa.Index("ix_looks_kind", looks.c.kind, looks.c.id)

# Named lists of pictures, each a person's.
collections = sa.Table(
    "collections",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner_id", sa.BigInteger, nullable=False),
    sa.Column("owner_name", sa.Text, nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    # Small letters only: two of one person's are never called the same.
    sa.Column("spelling", sa.String(240), nullable=False),
    sa.Column("showing", sa.String(16), nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("changed_at", sa.Double, nullable=False),
    sa.UniqueConstraint("owner_id", "spelling"),
)

sa.Index("ix_collections_showing", collections.c.showing, collections.c.changed_at)

# Which pictures a collection has, by `place`.
collected = sa.Table(
    "collected",
    metadata,
    sa.Column(
        "collection_id",
        sa.String(32),
        sa.ForeignKey("collections.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("job_id", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("added_at", sa.Double, nullable=False),
    sa.ForeignKeyConstraint(
        ["job_id", "number"], ["images.job_id", "images.number"], ondelete="CASCADE"
    ),
)

sa.Index("ix_collected_place", collected.c.collection_id, collected.c.place)
sa.Index("ix_collected_image", collected.c.job_id, collected.c.number)
