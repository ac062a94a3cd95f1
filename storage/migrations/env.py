"""Alembic's entry. The connection is given by the caller, in whose transaction everything runs;
logging is left alone."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
