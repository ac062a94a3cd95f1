"""The soak, short: what `make soak` does at length."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.generation.pipelines.soak import Soak


def test_sixty_jobs_of_all_kinds_and_memory_that_is_full_four_times(
    folders: dict[str, Path], tmp_path: Path
):
    before = set(threading.enumerate())
    models = {name: folders[name] for name in ("sd", "small")}
    soak = Soak(models, tmp_path)
    soak.run(60, full=4)
    report = soak.report
    assert report.wrong == []
    assert report.endings["Finished"] + report.endings["Cancelled"] == 60
    assert report.endings["Cancelled"] > 0
    assert report.full == 4
    assert set(threading.enumerate()) <= before
