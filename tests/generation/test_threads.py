"""Who may use the cores of a processor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from threadpoolctl import threadpool_info

from generation.threads import compute_alone


def helpers() -> int:
    """How many threads an operation of the calling thread is shared among."""
    pools = [one for one in threadpool_info() if one["user_api"] == "openmp"]
    return max(one["num_threads"] for one in pools)


def in_a_thread(work: Callable[[], int], *before: Callable[[], object]) -> int:
    with ThreadPoolExecutor(1) as thread:
        for each in before:
            thread.submit(each).result()
        return thread.submit(work).result()


def test_a_thread_that_computes_alone_has_no_helpers_and_the_others_keep_theirs() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert in_a_thread(helpers, torch.get_num_threads) == 2
        assert in_a_thread(helpers, compute_alone) == 1
        assert in_a_thread(helpers, compute_alone, torch.get_num_threads, compute_alone) == 1
        assert helpers() == 2
        assert in_a_thread(helpers, torch.get_num_threads) == 2
    finally:
        torch.set_num_threads(before)
