"""Who has helpers from OpenMP while somebody is timed.

Of all the helpers that OpenMP keeps, for every thread that has computed in parallel and is still
there, no more than there are cores may wait awake for the next operation (`generation.threads`).
Whoever is timed must be the only one who has some.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def in_a_thread(work: Callable[[], T]) -> T:
    """What `work` returns, made in a thread that is gone afterwards, and its helpers with it."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()
