from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spares the fast runs the seconds that importing torch takes."""
    fast = "not slow" in (config.option.markexpr or "")
    heavy = {Path(__file__).parent / name for name in ("pipelines", "gate")}
    return True if fast and collection_path in heavy else None
