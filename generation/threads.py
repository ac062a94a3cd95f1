"""Threads that leave the cores of a processor to the thread that runs the models.

OpenMP keeps a pool of threads for each thread that has ever computed in parallel. As soon as all of
them together are more than the machine has cores, those that wait for the next operation go to
sleep at once (libgomp, `gomp_throttled_spin_count_var` in env.c), and waking them costs more than
most operations do: a step of the embedded model took 85 ms on two cores instead of 49.
"""

# pyright: basic
from __future__ import annotations

import threading
from functools import cache

import torch
from threadpoolctl import ThreadpoolController

_thread = threading.local()


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def compute_alone() -> None:
    """From now on the calling thread computes without help; no other thread is told."""
    if getattr(_thread, "alone", False):
        return
    # At its first use in a thread torch sets the number itself.
    torch.get_num_threads()
    _libraries().limit(limits=1, user_api="openmp")
    _thread.alone = True
