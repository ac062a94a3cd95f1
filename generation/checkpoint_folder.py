"""The folder of checkpoints as the dispatcher sees it: names and ends, never what is inside."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from core.errors import JobNotFoundError
from core.jobs import MAX_ATTEMPTS, Job

log = logging.getLogger(__name__)


class CheckpointFolder:
    """One file for a running job, `<job>.safetensors`, and passing ones while it is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, job: Job) -> Path:
        return self._folder / f"{job.id}.safetensors"

    async def forget(self, job_id: str) -> None:
        """The job has ended: what was kept of it goes."""
        with suppress(OSError):
            await asyncio.to_thread(self._remove, job_id)

    async def sweep(self, get: Callable[[str], Awaitable[Job]]) -> None:
        """Removes what belongs to no open job. `get` finds a job or raises JobNotFoundError."""
        for job_id in await asyncio.to_thread(self._jobs):
            try:
                ended = (await get(job_id)).state.ended
            except JobNotFoundError:
                ended = True
            if ended:
                log.info("removed a checkpoint that job %s left", job_id)
                await self.forget(job_id)

    def _jobs(self) -> set[str]:
        if not self._folder.is_dir():
            return set()
        return {file.name.partition(".")[0] for file in self._folder.iterdir()}

    def _remove(self, job_id: str) -> None:
        for file in self._folder.glob(f"{job_id}.*"):
            file.unlink(missing_ok=True)


def may_resume(job: Job) -> bool:
    """The first rescue goes on from the checkpoint. Should that attempt end badly too, the fault
    may lie in what it went on from: the next one starts afresh."""
    return job.fence > 1 and job.attempts < MAX_ATTEMPTS
