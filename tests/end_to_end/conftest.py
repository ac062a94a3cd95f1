"""The whole of Easel: its own programs, the real worker, the embedded model."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.cli.test_run import Program, easel

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
REAL_WORKER = ""
"""An empty setting is the default: this Python with -m generation.worker."""

CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium's own sandbox does not start for root.
    *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
]


@asynccontextmanager
async def whole_easel(folder: Path, *words: str) -> AsyncIterator[Program]:
    """`easel run` (or another command) as an operator starts it, in a folder of its own."""
    async with easel(folder / "data", *words, worker=REAL_WORKER, EASEL_SANDBOX_PORT="0") as run:
        yield run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(240))
