"""Charts: drawn elsewhere, readable anywhere, and never a reason for no answer."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.chart import WINDOWS, Bar, Chart, member_chart, server_chart
from bot.plotter import Plotter
from core.allowance import EVERYONE, Unit
from core.periods import Period
from core.ports import Use
from core.quota import Scope
from core.usage import Balance
from tests.builders import NOON

DAY = 86400.0
NASTY = "<@1> **$x_1$** 名前 🎨"


def use(owner: int, *, days_ago: float = 0.5, ms: int = 60_000, pictures: int = 4) -> Use:
    return Use(at=NOON - days_ago * DAY, owner_id=owner, jobs=1, gpu_ms=ms, pictures=pictures)


def test_a_servers_chart_has_each_day_and_the_heaviest_members_first() -> None:
    uses = [use(1), use(2, ms=180_000), use(2, days_ago=3)]
    chart = server_chart(uses, {1: "ada", 2: "bo"}, WINDOWS["week"], NOON, "UTC")
    assert chart.people == (Bar("bo", 4.0), Bar("ada", 1.0))
    assert len(chart.times) == 8
    assert sum(bar.value for bar in chart.times) == 5.0
    assert "bo 4" in chart.alt


def test_many_members_are_the_first_and_the_others() -> None:
    uses = [use(owner, ms=owner * 60_000) for owner in range(1, 21)]
    chart = server_chart(uses, {}, WINDOWS["day"], NOON, "UTC")
    assert len(chart.people) == 8
    assert chart.people[0] == Bar("member 0020", 20.0)
    assert chart.people[-1].name == "13 others"


def test_a_members_chart_is_in_the_unit_of_the_amount_with_its_line() -> None:
    balance = Balance(
        scope=Scope.MEMBER,
        unit=Unit.PICTURES,
        period=Period.DAY,
        limit=12,
        used=4,
        reserved=0,
        starts_at=NOON - DAY,
        renews_at=NOON,
        subject=EVERYONE,
    )
    chart = member_chart([use(1)], WINDOWS["week"], NOON, "UTC", [balance])
    assert (chart.unit, chart.limit, chart.limit_name) == ("pictures", 12.0, "12 per day")
    assert max(bar.value for bar in chart.times) == 4.0


def test_words_fit_discord_however_much_there_is() -> None:
    uses = [use(owner, days_ago=owner % 30) for owner in range(1, 300)]
    names = dict.fromkeys(range(1, 300), NASTY * 20)
    chart = server_chart(uses, names, WINDOWS["month"], NOON, "Europe/Berlin")
    assert len(chart.alt) <= 1024
    assert Chart.from_json(chart.to_json()) == chart


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
