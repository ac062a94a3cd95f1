"""The log of what admins and the operator changed. A line is written with the change itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from core.allowance import Change, Subject, SubjectKind
from core.jobs import Owner
from storage.tables import audit


def note(
    tx: sa.Connection,
    server_id: int,
    what: str,
    subject: Subject,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    by: Owner,
    now: float,
) -> None:
    tx.execute(
        audit.insert().inline(),
        {
            "server_id": server_id,
            "at": now,
            "by_id": by.id,
            "by_name": by.name,
            "what": what,
            "kind": subject.kind.value,
            "subject_id": subject.id,
            "before": json.dumps(before, ensure_ascii=False, sort_keys=True),
            "after": json.dumps(after, ensure_ascii=False, sort_keys=True),
        },
    )


def page(tx: sa.Connection, server_id: int, before: int | None, limit: int) -> Sequence[Change]:
    """Newest first."""
    query = sa.select(audit).where(audit.c.server_id == server_id)
    if before is not None:
        query = query.where(audit.c.id < before)
    return [
        Change(
            id=row.id,
            server_id=row.server_id,
            at=row.at,
            by_id=row.by_id,
            by_name=row.by_name,
            what=row.what,
            subject=Subject(SubjectKind(row.kind), row.subject_id),
            before=json.loads(row.before),
            after=json.loads(row.after),
        )
        for row in tx.execute(query.order_by(audit.c.id.desc()).limit(limit))
    ]
