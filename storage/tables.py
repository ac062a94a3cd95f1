"""The tables, as the newest migration leaves them (a test compares the two).

Column types are those that SQLite and PostgreSQL share. Ids of Discord are 64-bit; times are Unix
seconds; costs are GPU milliseconds.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite counts rows up only in a column of type INTEGER, which is 64-bit there.
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("interaction_id", sa.String(128), nullable=False, unique=True),
    sa.Column("owner_id", sa.BigInteger, nullable=False),
    sa.Column("owner_name", sa.Text, nullable=False),
    sa.Column("server_id", sa.BigInteger, nullable=False),
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    # A secret for as long as Discord honours it; emptied with the delivery.
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("token_expires_at", sa.Double, nullable=False),
    sa.Column("reply_to", sa.BigInteger, nullable=False),
    # JSON, as text: a request never changes, so equal texts need parsing only once.
    sa.Column("request", sa.Text, nullable=False),
    # Copied out of the request so that the schedule and the pace can be read without parsing it.
    sa.Column("lane", sa.String(16), nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("work", sa.Double, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reserve_ms", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("parent_id", sa.String(64), index=True),
    sa.Column("parent_index", sa.Integer, nullable=False),
    sa.Column("cost_ms", sa.BigInteger),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("leased_by", sa.String(128), nullable=False),
    sa.Column("lease_until", sa.Double, nullable=False),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Column("started_at", sa.Double),
    sa.Column("finished_at", sa.Double),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("grid", sa.String(96), nullable=False, index=True),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("token_dead", sa.Boolean, nullable=False),
    sa.Column("post_began_at", sa.Double),
    sa.Column("delivered_at", sa.Double),
    sa.Column("outcome", sa.String(32)),
    # How many times its GPU time counts against the owner's amounts.
    sa.Column("price", sa.Integer, nullable=False, server_default="1"),
    sa.Column("max_running", sa.Integer),
    # When its pictures were deleted.
    sa.Column("deleted_at", sa.Double),
    sa.Column("age_rated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("closed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("abroad", sa.Boolean, nullable=False, server_default=sa.false()),
)

# A planner uses a partial index only where the query repeats its condition word for word, so the
# query takes it from here, with no bound value in it.
OWES_DELIVERY = sa.and_(jobs.c.delivered_at.is_(None), jobs.c.channel_id != sa.literal_column("0"))

sa.Index("ix_jobs_state", jobs.c.state, jobs.c.created_at, jobs.c.id)
sa.Index("ix_jobs_finished", jobs.c.state, jobs.c.finished_at)
sa.Index("ix_jobs_owner_state", jobs.c.owner_id, jobs.c.state)
sa.Index("ix_jobs_owner_history", jobs.c.owner_id, jobs.c.created_at, jobs.c.id)
sa.Index("ix_jobs_history", jobs.c.created_at, jobs.c.id)
sa.Index(
    "ix_jobs_undelivered",
    jobs.c.finished_at,
    jobs.c.id,
    sqlite_where=OWES_DELIVERY,
    postgresql_where=OWES_DELIVERY,
)

images = sa.Table(
    "images",
    metadata,
    sa.Column("job_id", sa.String(64), sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("blob", sa.String(96), nullable=False, index=True),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
)

# The pictures that can be found: one row for each that is a work (core.works). What lists need is
# here; the rest is read from the job and the image. Its terms are indexed by `works_index`, which
# SQLite keeps as a full-text table and PostgreSQL as one of tsvector; triggers write it, so a
# migration that makes `works` anew has to make them anew.
works = sa.Table(
    "works",
    metadata,
    # In the order in which they were done; never used twice.
    sa.Column("seq", COUNTER, primary_key=True),
    sa.Column("job_id", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("owner_id", sa.BigInteger, nullable=False),
    sa.Column("server_id", sa.BigInteger, nullable=False),
    sa.Column("model", sa.Text, nullable=False, index=True),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("showing", sa.String(16), nullable=False),
    sa.Column("age_rated", sa.Boolean, nullable=False),
    # How many rows `likes` has of it: triggers on `likes` count.
    sa.Column("likes", sa.Integer, nullable=False),
    # What it is found by: see core.terms.
    sa.Column("terms", sa.Text, nullable=False),
    sa.UniqueConstraint("job_id", "number"),
    sa.ForeignKeyConstraint(
        ["job_id", "number"], ["images.job_id", "images.number"], ondelete="CASCADE"
    ),
    sqlite_autoincrement=True,
)

sa.Index("ix_works_listed", works.c.showing, works.c.age_rated, works.c.seq)
sa.Index("ix_works_top", works.c.showing, works.c.age_rated, works.c.likes, works.c.seq)
sa.Index("ix_works_server", works.c.server_id, works.c.showing, works.c.age_rated, works.c.seq)
sa.Index(
    "ix_works_server_top",
    works.c.server_id,
    works.c.showing,
    works.c.age_rated,
    works.c.likes,
    works.c.seq,
)
# What was liked most of a short time is looked for here.
sa.Index(
    "ix_works_seen",
    works.c.seq,
    works.c.showing,
    works.c.age_rated,
    works.c.server_id,
    works.c.likes,
    works.c.created_at,
)
sa.Index("ix_works_owner", works.c.owner_id, works.c.seq)
sa.Index("ix_works_created", works.c.created_at, works.c.seq)

# Who likes which picture.
likes = sa.Table(
    "likes",
    metadata,
    sa.Column("job_id", sa.String(64), sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Double, nullable=False),
)

sa.Index("ix_likes_member", likes.c.member_id, likes.c.at)
sa.Index("ix_likes_at", likes.c.at)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", COUNTER, primary_key=True),
    sa.Column("job_id", sa.String(64), sa.ForeignKey("jobs.id"), nullable=False),
    sa.Column("owner_id", sa.BigInteger, nullable=False),
    sa.Column("server_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("gpu_ms", sa.BigInteger, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("channel_id", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("pictures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("charged_ms", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("charged_pictures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("grant_id", sa.BigInteger, nullable=False, server_default="0"),
    # Of the job, so that all its lines count in the period that admitted it.
    sa.Column("admitted_at", sa.Double, nullable=False, server_default="0"),
    sa.UniqueConstraint("job_id", "kind"),
)

# Each holds what is summed as well, so that a month of a busy server is read from the index alone.
sa.Index(
    "ix_ledger_member",
    ledger.c.server_id,
    ledger.c.owner_id,
    ledger.c.admitted_at,
    ledger.c.grant_id,
    ledger.c.charged_ms,
    ledger.c.charged_pictures,
)
sa.Index(
    "ix_ledger_channel",
    ledger.c.server_id,
    ledger.c.channel_id,
    ledger.c.admitted_at,
    ledger.c.charged_ms,
    ledger.c.charged_pictures,
)
sa.Index(
    "ix_ledger_server",
    ledger.c.server_id,
    ledger.c.admitted_at,
    ledger.c.gpu_ms,
    ledger.c.pictures,
)

# The rules of servers. `kind` and `subject_id` together name a subject (core.allowance.Subject).

servers = sa.Table(
    "servers",
    metadata,
    sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
    # Another random number after each change of any rule of the server.
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("drained", sa.Boolean, nullable=False),
    sa.Column("admin_role", sa.BigInteger, nullable=False),
    sa.Column("default_flags", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("forced_flags", sa.Text, nullable=False, server_default=sa.text("''")),
    # The name of the style that is used unless another is asked for.
    sa.Column("style", sa.String(32), nullable=False, server_default=sa.text("''")),
    sa.Column("presentation", sa.String(16), nullable=False, server_default=sa.text("'grid'")),
    sa.Column("gallery", sa.String(16), nullable=False, server_default=sa.text("'server'")),
)

allowances = sa.Table(
    "allowances",
    metadata,
    sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("subject_id", sa.BigInteger, primary_key=True, autoincrement=False),
    # JSON, as text, of what the line says.
    sa.Column("allowance", sa.Text, nullable=False),
)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("id", COUNTER, primary_key=True),
    sa.Column("server_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject_id", sa.BigInteger, nullable=False),
    sa.Column("unit", sa.String(16), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("granted_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double),
)

resets = sa.Table(
    "resets",
    metadata,
    sa.Column("id", COUNTER, primary_key=True),
    sa.Column("server_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject_id", sa.BigInteger, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
)

bans = sa.Table(
    "bans",
    metadata,
    sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
)

# The looks that a server saved: words, a stored picture, or both.
styles = sa.Table(
    "styles",
    metadata,
    sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("blob", sa.String(96), index=True),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", COUNTER, primary_key=True),
    sa.Column("server_id", sa.BigInteger, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("by_id", sa.BigInteger, nullable=False),
    sa.Column("by_name", sa.Text, nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject_id", sa.BigInteger, nullable=False),
    # JSON, as text.
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
)

sa.Index("ix_audit_server", audit.c.server_id, audit.c.id)

# What somebody thinks should not be there, and what became of it.
reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", COUNTER, primary_key=True),
    sa.Column("server_id", sa.BigInteger, nullable=False),
    sa.Column("job_id", sa.String(64), sa.ForeignKey("jobs.id"), nullable=False),
    # The picture's in its job, 0 for all of them.
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("owner_id", sa.BigInteger, nullable=False),
    sa.Column("by_id", sa.BigInteger, nullable=False),
    sa.Column("by_name", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    # How a visitor can be reached.
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("closed_by_id", sa.BigInteger),
    sa.Column("closed_by_name", sa.Text),
    sa.Column("closed_at", sa.Double),
    sa.Column("note", sa.Text, nullable=False),
)

sa.Index("ix_reports_server", reports.c.server_id, reports.c.verdict, reports.c.id)
sa.Index("ix_reports_job", reports.c.job_id, reports.c.verdict)

# What a person prefers, on every server: options as JSON text, from names to what they stand for,
# and settings as JSON text of those that are not the usual ones.
preferences = sa.Table(
    "preferences",
    metadata,
    sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("suffix", sa.Text, nullable=False),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("settings", sa.Text, nullable=False, server_default=sa.text("'{}'")),
)

# What was said once and is not to be said again, such as that a channel was lost.
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("key", sa.String(100), primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
)
