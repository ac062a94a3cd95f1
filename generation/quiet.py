"""Warnings left out in one place, while other threads do the same in others."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager

_lock = threading.Lock()


@contextmanager
def quiet(category: type[Warning], message: str = "") -> Generator[None]:
    """Ignores the warnings in the block. Python's filters are the process's: two threads that
    change them at once would put back each other's."""
    with _lock, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message, category)
        yield
