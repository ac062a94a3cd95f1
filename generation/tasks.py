"""What a worker is told of a job."""

from __future__ import annotations

from pathlib import Path

from core.events import Task
from core.jobs import MAX_ATTEMPTS, Job
from core.ports import Blobs
from generation.checkpoint_folder import CheckpointFolder, may_resume


async def task_of(
    job: Job,
    blobs: Blobs,
    checkpoints: CheckpointFolder,
    spool: Path,
    *,
    cautious: bool,
    weight: float,
) -> Task:
    """`weight` is the job's among those that are made beside it. A job that was tried before is
    made alone: it may be what ended its worker. Raises NotFoundError when a picture is gone."""
    source = job.request.source
    path = await blobs.local(source.blob) if source is not None else None
    style = job.request.style
    look = await blobs.local(style.blob) if style and style.blob else None
    edit = job.request.edit
    mask = await blobs.local(edit.mask) if edit and edit.mask else None
    return Task(
        job_id=job.id,
        request=job.request,
        spool=str(spool),
        source_path=str(path) if path else None,
        style_path=str(look) if look else None,
        mask_path=str(mask) if mask else None,
        cautious=cautious or job.attempts >= MAX_ATTEMPTS,
        checkpoint=str(checkpoints.path(job)),
        resume=may_resume(job),
        estimate_seconds=job.reserve_ms / 1000,
        owner=f"{job.place.server_id}:{job.owner.id}",
        weight=weight,
        alone=job.alone,
    )
