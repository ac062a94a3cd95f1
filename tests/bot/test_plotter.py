"""Charts: drawn elsewhere, readable anywhere, and never a reason for no answer."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.plotter import Plotter
from core.chart import WINDOWS, Chart, server_chart
from core.ports import Use
from tests.builders import NOON

DAY = 86400.0
NASTY = "<@1> **$x_1$** 名前 🎨"


def use(owner: int, *, days_ago: float = 0.5, ms: int = 60_000, pictures: int = 4) -> Use:
    return Use(at=NOON - days_ago * DAY, owner_id=owner, jobs=1, gpu_ms=ms, pictures=pictures)


@pytest.mark.slow
async def test_a_chart_is_drawn_by_another_process(tmp_path: Path) -> None:
    names = {1: "ada", 2: NASTY, 3: "🎨"}
    chart = server_chart([use(1), use(2), use(3)], names, WINDOWS["month"], NOON, "UTC")
    upload = await Plotter(tmp_path / "charts").draw(chart)
    assert upload is not None
    assert upload.alt == chart.alt
    with Image.open(BytesIO(upload.data)) as picture:
        assert picture.size == (1200, 510)
        # A card of its own colour: the same on a dark page and a light one.
        assert picture.convert("RGBA").getpixel((2, 2)) == (31, 33, 38, 255)
        assert len(picture.convert("RGB").getcolors(maxcolors=1 << 20) or ()) > 20
    assert "matplotlib" not in sys.modules


@pytest.mark.slow
async def test_without_a_chart_there_is_still_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.plotter.SECONDS", 0.01)
    chart = Chart(title="x", unit="y", times=())
    assert await Plotter(tmp_path).draw(chart) is None
    monkeypatch.setattr("bot.plotter.SECONDS", 20.0)
    monkeypatch.setattr("bot.plotter.sys.executable", str(tmp_path / "nothing here"))
    assert await Plotter(tmp_path).draw(chart) is None
