"""The whole of Easel: its own programs, the real worker, the embedded model."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

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


@dataclass(frozen=True, slots=True)
class Served:
    """An `easel run` in `folder`, and the addresses of its gallery and its sandbox."""

    folder: Path
    gallery: str
    discord: str


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """One for all tests that need no other, since a worker takes long to start."""
    folder = tmp_path_factory.mktemp("served")
    async with whole_easel(folder) as program:
        gallery = found(r"(http://[\d.]+:\d+)", await program.says("The gallery is at"))
        discord = found(r"(http://[\d.]+:\d+)", await program.says("Open http://127.0.0.1:"))
        await program.says("connected to Discord")
        yield Served(folder, gallery, discord)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, f"{pattern} is not in {text[:300]}"
    return match[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(240))
