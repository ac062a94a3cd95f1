"""Of what is append-only, the name of a person may be taken out, and nothing else changed."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NAMELESS = {
    "ledger": ("ledger", {"owner_id": "-1"}),
    "grants": ("list of grants", {"subject_id": "-1"}),
    "audit": (
        "audit log",
        {"by_id": "-1", "by_name": "'—'", "subject_id": "-1", "before": "'{}'", "after": "'{}'"},
    ),
}
KEPT = {
    "ledger": "id job_id server_id kind gpu_ms at channel_id pictures charged_ms charged_pictures"
    " grant_id admitted_at",
    "grants": "id server_id kind unit amount granted_at expires_at",
    "audit": "id server_id at what kind",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, (name, nameless) in NAMELESS.items():
        same = [f"new.{column} IS old.{column}" for column in KEPT[table].split()]
        same += [f"new.{column} IN (old.{column}, {to})" for column, to in nameless.items()]
        op.execute(f"DROP TRIGGER {table}_refuses_update")
        op.execute(
            f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} "
            f"WHEN NOT ({' AND '.join(same)}) "
            f"BEGIN SELECT RAISE(ABORT, 'the {name} is append-only'); END"
        )
