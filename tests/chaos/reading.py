"""Looks into the database beside Easel, by SQL of its own, and changes nothing there."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

UNDONE_SECONDS = 60.0

LOOK_EVERY_SECONDS = 0.05
"""Nobody tells of what another process writes: it is looked at again and again."""


def rows(database: Path, query: str) -> list[dict[str, Any]]:
    """Reads with a connection of its own, for a moment.

    What a killed writer left half done is for Easel to undo, not for who only looks: that waits
    until the next start has done it.
    """
    address = f"file:{database}?mode=ro"
    until = time.monotonic() + UNDONE_SECONDS
    while True:
        try:
            with closing(sqlite3.connect(address, uri=True, timeout=20)) as connection:
                connection.row_factory = sqlite3.Row
                return [dict(row) for row in connection.execute(query)]
        except sqlite3.OperationalError as error:
            # The low byte is the kind of error.
            if error.sqlite_errorcode & 255 != sqlite3.SQLITE_READONLY or time.monotonic() > until:
                raise
        time.sleep(LOOK_EVERY_SECONDS)


async def until(is_so: Callable[[], bool], within: float) -> None:
    """Looks, beside the event loop, until it is so. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(is_so):
            await asyncio.sleep(LOOK_EVERY_SECONDS)


def owed(database: Path) -> int:
    """How many jobs have not come to their end on Discord."""
    (row,) = rows(
        database,
        "SELECT count(*) AS n FROM jobs WHERE channel_id != 0 AND delivered_at IS NULL",
    )
    return int(row["n"])
