"""Waiting until the bot has done all it can do for now, without waiting for time to pass."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

FILE_READS = 12
"""More calls to threads than one delivery makes one after the other."""


def use_one_thread() -> None:
    """Makes calls to threads come in order, which `rest` stands on."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))


async def rest() -> None:
    """Returns when what runs on this loop waits for something from outside.

    Files are read in a thread, the only one there is: it comes to our own call after theirs.
    """
    for _ in range(FILE_READS):
        for _ in range(50):
            await asyncio.sleep(0)
        await asyncio.to_thread(lambda: None)
    for _ in range(50):
        await asyncio.sleep(0)
