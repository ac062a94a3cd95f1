"""Pictures can be found: a row for each, who may see it, and an index of what it is found by."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.jobs import Owner
from core.request import Kind, Request, Visibility
from core.terms import all_terms, terms_of
from core.works import Showing

revision = "0009"
down_revision = "0014"
branch_labels = None
depends_on = None

AT_ONCE = 500
"""Jobs that are read at a time."""

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SQLITE_INDEX = """
CREATE VIRTUAL TABLE works_index USING fts5(
    terms, content='works', content_rowid='seq', columnsize=0, tokenize="ascii tokenchars '_'"
)

CREATE TRIGGER works_index_insert AFTER INSERT ON works BEGIN
    INSERT INTO works_index(rowid, terms) VALUES (new.seq, new.terms);
END

CREATE TRIGGER works_index_delete AFTER DELETE ON works BEGIN
    INSERT INTO works_index(works_index, rowid, terms) VALUES ('delete', old.seq, old.terms);
END

CREATE TRIGGER works_index_update AFTER UPDATE OF terms ON works WHEN old.terms <> new.terms BEGIN
    INSERT INTO works_index(works_index, rowid, terms) VALUES ('delete', old.seq, old.terms);
    INSERT INTO works_index(rowid, terms) VALUES (new.seq, new.terms);
END

CREATE TRIGGER likes_counted AFTER INSERT ON likes BEGIN
    UPDATE works SET likes = likes + 1 WHERE job_id = new.job_id AND number = new.number;
END

CREATE TRIGGER likes_uncounted AFTER DELETE ON likes BEGIN
    UPDATE works SET likes = likes - 1 WHERE job_id = old.job_id AND number = old.number;
END
"""

# The terms are put together here and not by a parser of PostgreSQL's, which has its own idea of
# what a word is; they hold no quotes and no backslashes.
_POSTGRES_INDEX = """
CREATE TABLE works_index (
    seq BIGINT PRIMARY KEY REFERENCES works(seq) ON DELETE CASCADE,
    vector TSVECTOR NOT NULL
)

CREATE INDEX ix_works_index_vector ON works_index USING GIN (vector)

CREATE FUNCTION works_vector(terms TEXT) RETURNS TSVECTOR LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(string_agg('''' || term || ''':' || least(place, 16383), ' '), '')::tsvector
    FROM unnest(string_to_array(terms, ' ')) WITH ORDINALITY AS one(term, place) WHERE term <> ''
$$

CREATE FUNCTION works_indexed() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO works_index(seq, vector) VALUES (new.seq, works_vector(new.terms))
    ON CONFLICT (seq) DO UPDATE SET vector = excluded.vector;
    RETURN NULL;
END $$

CREATE TRIGGER works_index_write AFTER INSERT OR UPDATE OF terms ON works
    FOR EACH ROW EXECUTE FUNCTION works_indexed()

CREATE FUNCTION likes_counted() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE works SET likes = likes + 1 WHERE job_id = new.job_id AND number = new.number;
    ELSE
        UPDATE works SET likes = likes - 1 WHERE job_id = old.job_id AND number = old.number;
    END IF;
    RETURN NULL;
END $$

CREATE TRIGGER likes_counted AFTER INSERT OR DELETE ON likes
    FOR EACH ROW EXECUTE FUNCTION likes_counted()
"""


def upgrade() -> None:
    for column in ("age_rated", "closed"):
        op.add_column(
            "jobs", sa.Column(column, sa.Boolean, nullable=False, server_default=sa.false())
        )
    op.add_column(
        "servers",
        sa.Column("gallery", sa.String(16), nullable=False, server_default=sa.text("'server'")),
    )
    op.create_table(
        "works",
        sa.Column("seq", _COUNTER, nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("showing", sa.String(16), nullable=False),
        sa.Column("age_rated", sa.Boolean, nullable=False),
        sa.Column("likes", sa.Integer, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_works"),
        sa.UniqueConstraint("job_id", "number", name="uq_works_job_id"),
        sa.ForeignKeyConstraint(
            ["job_id", "number"],
            ["images.job_id", "images.number"],
            name="fk_works_job_id",
            ondelete="CASCADE",
        ),
        sqlite_autoincrement=True,
    )
    listed = ["showing", "age_rated"]
    op.create_index("ix_works_model", "works", ["model"])
    op.create_index("ix_works_listed", "works", [*listed, "seq"])
    op.create_index("ix_works_top", "works", [*listed, "likes", "seq"])
    op.create_index("ix_works_server", "works", ["server_id", *listed, "seq"])
    op.create_index("ix_works_server_top", "works", ["server_id", *listed, "likes", "seq"])
    seen = ["seq", *listed, "server_id", "likes", "created_at"]
    op.create_index("ix_works_seen", "works", seen)
    op.create_index("ix_works_owner", "works", ["owner_id", "seq"])
    op.create_index("ix_works_created", "works", ["created_at", "seq"])
    tx = op.get_bind()
    on_postgres = tx.dialect.name == "postgresql"
    for statement in (_POSTGRES_INDEX if on_postgres else _SQLITE_INDEX).split("\n\n"):
        tx.exec_driver_sql(statement)
    _fill(tx)


def _fill(tx: sa.Connection) -> None:
    """Every picture there is, for the members of its server, unless it was to be private. Which
    channels were age-restricted nobody noted."""
    done_at = "coalesce(j.finished_at, j.created_at)"
    order = f"ORDER BY {done_at}, j.id"
    ids = tx.execute(sa.text(f"SELECT j.id FROM jobs j WHERE j.state = 'done' {order}")).scalars()
    found = sa.text(
        f"SELECT j.id, i.number, j.owner_id, j.owner_name, j.server_id, j.model, j.request, "
        f"{done_at} AS done_at, (SELECT count(*) FROM likes l "
        "WHERE l.job_id = i.job_id AND l.number = i.number) AS likes FROM jobs j "
        f"JOIN images i ON i.job_id = j.id WHERE j.id IN :ids {order}, i.number DESC"
    ).bindparams(sa.bindparam("ids", expanding=True))
    put = sa.text(
        "INSERT INTO works (job_id, number, owner_id, server_id, model, created_at, showing, "
        "age_rated, likes, terms) VALUES (:job_id, :number, :owner_id, :server_id, :model, "
        ":created_at, :showing, :age_rated, :likes, :terms)"
    ).bindparams(sa.bindparam("age_rated", type_=sa.Boolean))
    every = list(ids)
    for at in range(0, len(every), AT_ONCE):
        rows = tx.execute(found, {"ids": every[at : at + AT_ONCE]})
        works = [work for row in rows if (work := _work(row)) is not None]
        if works:
            tx.execute(put, works)


def _work(row: sa.Row[Any]) -> dict[str, Any] | None:
    request = Request.from_json(json.loads(row.request))
    if request.kind is Kind.UPSCALE:
        return None
    hidden = row.server_id == 0 or request.visibility is Visibility.STEALTH
    showing = Showing.PRIVATE if hidden else Showing.SERVER
    terms = terms_of(request, Owner(row.owner_id, row.owner_name), row.server_id)
    return {
        "job_id": row.id,
        "number": row.number,
        "owner_id": row.owner_id,
        "server_id": row.server_id,
        "model": row.model,
        "created_at": row.done_at,
        "showing": showing.value,
        "age_rated": False,
        "likes": row.likes,
        "terms": all_terms(terms, showing, row.server_id, age_rated=False),
    }
