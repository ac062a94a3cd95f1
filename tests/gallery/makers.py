"""Pictures for tests about pages: rows and files as finished jobs leave them, drawn by nobody."""

from __future__ import annotations

from itertools import count
from typing import Any

from core.jobs import Image, Job, NewJob, Owner, Place
from core.ports import Usage
from sandbox.pictures import plain_png
from storage.opening import Storage
from tests.builders import ADA, CHANNEL, NOON, request

_numbers = count(1)

FIRST = 1 << 40
"""So that ids are none of those that are seeded."""

PIXEL = plain_png(128, 96, (200, 80, 40))
"""A PNG of one colour."""


async def made(
    storage: Storage,
    owner: Owner = ADA,
    place: Place = CHANNEL,
    *,
    at: float = NOON - 60,
    gpu_ms: int = 60_000,
    pictures: int = 1,
    message_id: int = 0,
    **asked: Any,
) -> Job:
    """A finished job of so many pictures."""
    job_id = f"{next(_numbers) + FIRST:020x}"
    new = NewJob(
        id=job_id,
        interaction_id=f"made {job_id}",
        owner=owner,
        place=place,
        request=request(count=pictures, **asked),
        reserve_ms=gpu_ms,
        created_at=at - 10,
    )
    store = storage.jobs
    await store.admit(new, _welcome)
    claimed = await store.claim(job_id, by="maker", now=at - 5, lease_until=at + 60)
    assert claimed is not None
    blob = await storage.blobs.put(PIXEL + job_id.encode(), ".png")
    images = [
        Image(job_id=job_id, number=number, blob=blob, width=128, height=96, seed=number)
        for number in range(1, pictures + 1)
    ]
    done = await store.finish(
        job_id, claimed.fence, images=images, grid=blob, gpu_ms=gpu_ms, now=at
    )
    assert done is not None
    if message_id:
        await store.shown_at(job_id, message_id)
    return await store.get(job_id)


def _welcome(usage: Usage) -> None:
    del usage
