"""What is summed of the ledger stands in its indexes."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_ledger_member": ("owner_id", "admitted_at", "grant_id", "charged_ms", "charged_pictures"),
    "ix_ledger_channel": ("channel_id", "admitted_at", "charged_ms", "charged_pictures"),
    "ix_ledger_server": ("admitted_at", "gpu_ms", "pictures"),
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, "ledger")
        op.create_index(name, "ledger", ["server_id", *columns])
