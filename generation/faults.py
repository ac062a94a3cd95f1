"""What went wrong, told by the exception: memory, disk, or something else."""

# pyright: basic
from __future__ import annotations

import errno

import torch

from core.errors import EngineError


class UnfitRequestError(EngineError):
    """This request cannot be made with this model; nothing was charged."""


# On a CPU torch has no class of its own for this.
_WORDS = ("can't allocate memory", "out of memory", "not enough memory", "Cannot allocate memory")


def is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)


def is_disk_full(error: BaseException) -> bool:
    full = (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, OSError) and error.errno in full
