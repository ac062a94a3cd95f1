from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generation.engines.subprocess import SubprocessEngine

FAKE_WORKER = Path(__file__).parents[2] / "fakes" / "worker.py"


@pytest.fixture
def engine() -> Callable[..., SubprocessEngine]:
    """Makes an engine on fake workers; flags of the worker come first."""

    async def at_once(_: float) -> None: ...

    def make(*flags: str, **changes: Any) -> SubprocessEngine:
        command = [sys.executable, str(FAKE_WORKER), *flags]
        return SubprocessEngine(command, **({"sleep": at_once, "jitter": lambda: 1.0} | changes))

    return make
