"""What pictures look like, and the lists that people make of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0012"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of_image(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["job_id", "number"],
        ["images.job_id", "images.number"],
        name=f"fk_{table}_job_id",
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("id", _COUNTER, nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.Column("numbers", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_looks"),
        sa.UniqueConstraint("job_id", "number", name="uq_looks_job_id"),
        _of_image("looks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_looks_kind", "looks", ["kind", "id"])
    op.create_table(
        "collections",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("owner_name", sa.Text, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("spelling", sa.String(240), nullable=False),
        sa.Column("showing", sa.String(16), nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("changed_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
        sa.UniqueConstraint("owner_id", "spelling", name="uq_collections_owner_id"),
    )
    op.create_index("ix_collections_showing", "collections", ["showing", "changed_at"])
    op.create_table(
        "collected",
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("added_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("collection_id", "job_id", "number", name="pk_collected"),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.id"],
            name="fk_collected_collection_id",
            ondelete="CASCADE",
        ),
        _of_image("collected"),
    )
    op.create_index("ix_collected_place", "collected", ["collection_id", "place"])
    op.create_index("ix_collected_image", "collected", ["job_id", "number"])
