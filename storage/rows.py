"""A job as a row and back. Nothing else reads or writes the columns of a whole job."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from core.jobs import Job, NewJob, Outcome, Owner, Parent, Place, State
from core.request import Request


def row_of(new: NewJob) -> dict[str, Any]:
    """The row to insert. A job that brings its pictures is done and free from the start."""
    done = bool(new.images)
    parent = new.parent or Parent("")
    return {
        "id": new.id,
        "interaction_id": new.interaction_id,
        "owner_id": new.owner.id,
        "owner_name": new.owner.name,
        "server_id": new.place.server_id,
        "channel_id": new.place.channel_id,
        "token": new.place.token,
        "token_expires_at": new.place.token_expires_at,
        "reply_to": new.place.reply_to,
        "request": text_of(new.request),
        "lane": new.request.lane.value,
        "model": new.request.made_by,
        "work": new.request.work,
        "state": State.DONE.value if done else State.QUEUED.value,
        "reserve_ms": 0 if done else max(0, new.reserve_ms),
        "created_at": new.created_at,
        "parent_id": parent.job_id or None,
        "parent_index": parent.index,
        "cost_ms": 0 if done else None,
        "attempts": 0,
        "fence": 0,
        "leased_by": "",
        "lease_until": 0.0,
        "cancel_requested": False,
        "finished_at": new.created_at if done else None,
        "error": "",
        "grid": "",
        "message_id": 0,
        "token_dead": False,
    }


def text_of(request: Request) -> str:
    """A request as it is kept."""
    return json.dumps(request.to_json(), ensure_ascii=False, separators=(",", ":"))


def job_of(row: sa.Row[Any]) -> Job:
    """The job a whole row stands for."""
    return Job(
        id=row.id,
        interaction_id=row.interaction_id,
        owner=Owner(row.owner_id, row.owner_name),
        place=Place(
            server_id=row.server_id,
            channel_id=row.channel_id,
            token=row.token,
            token_expires_at=row.token_expires_at,
            reply_to=row.reply_to,
            age_rated=row.age_rated,
            closed=row.closed,
            abroad=row.abroad,
        ),
        request=_request(row.request),
        state=State(row.state),
        reserve_ms=row.reserve_ms,
        created_at=row.created_at,
        parent=Parent(row.parent_id, row.parent_index) if row.parent_id else None,
        cost_ms=row.cost_ms,
        attempts=row.attempts,
        fence=row.fence,
        leased_by=row.leased_by,
        lease_until=row.lease_until,
        cancel_requested=row.cancel_requested,
        started_at=row.started_at,
        finished_at=row.finished_at,
        error=row.error,
        grid=row.grid,
        message_id=row.message_id,
        token_dead=row.token_dead,
        post_began_at=row.post_began_at,
        delivered_at=row.delivered_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        price=row.price,
        max_running=row.max_running,
        deleted_at=row.deleted_at,
    )


@lru_cache(maxsize=1024)
def _request(text: str) -> Request:
    return Request.from_json(json.loads(text))
