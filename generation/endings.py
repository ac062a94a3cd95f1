"""How a task ends that does not finish: one sentence for its owner, the rest for the log."""

# pyright: basic
from __future__ import annotations

import logging

from core.errors import (
    DiskFullError,
    EngineError,
    ModelBrokenError,
    ModelNotFoundError,
    OutOfMemoryError,
)
from core.events import Cancelled, Ending, Failed, FailureKind
from generation.faults import is_disk_full, is_out_of_memory
from generation.run import Run, StoppedError

log = logging.getLogger(__name__)


def ending_of(run: Run, error: Exception) -> Ending:
    """What is told of `error`, which ended the run."""
    job_id, used = run.task.job_id, run.used_ms()

    def failed(kind: FailureKind, sentence: str) -> Failed:
        return Failed(job_id, kind, sentence, used)

    if isinstance(error, StoppedError):
        return Cancelled(job_id, used)
    if isinstance(error, OutOfMemoryError):
        return failed(FailureKind.OUT_OF_MEMORY, error.sentence)
    if isinstance(error, ModelBrokenError | ModelNotFoundError):
        return failed(FailureKind.MODEL, error.sentence)
    if isinstance(error, EngineError):
        return failed(FailureKind.REQUEST, error.sentence)
    if is_out_of_memory(error):
        log.warning("out of memory: %s", error)
        return failed(FailureKind.OUT_OF_MEMORY, OutOfMemoryError().sentence)
    if is_disk_full(error):
        return failed(FailureKind.DISK, DiskFullError().sentence)
    log.error("job %s failed", job_id, exc_info=error)
    return failed(FailureKind.INTERNAL, EngineError().sentence)
