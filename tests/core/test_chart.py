"""A chart as a value: what was used over time and by member, and the same in words."""

from __future__ import annotations

from core.allowance import EVERYONE, Unit
from core.chart import WINDOWS, Bar, Chart, member_chart, server_chart
from core.periods import Period
from core.ports import Use
from core.quota import Scope
from core.sentences import in_language
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


def test_pictures_are_counted_where_they_are_asked_for() -> None:
    uses = [use(1, pictures=9, ms=1), use(2, pictures=2, ms=900_000)]
    names = {1: "ada", 2: "bo"}
    chart = server_chart(uses, names, WINDOWS["week"], NOON, "UTC", Unit.PICTURES)
    assert (chart.unit, chart.people) == ("pictures", (Bar("ada", 9.0), Bar("bo", 2.0)))
    assert sum(bar.value for bar in chart.times) == 11.0


def test_a_chart_is_told_in_the_readers_language() -> None:
    chart = server_chart([use(1)], {}, WINDOWS["week"], NOON, "UTC")
    assert chart.title == "GPU time in the last 7 days"
    assert in_language(chart.title, "zh") == "最近 7 天的 GPU 时间"
    assert (chart.times[-1].name, in_language(chart.times[-1].name, "zh")) == ("15 Jan", "01月15日")
    (who,) = chart.people
    assert (who.name, in_language(who.name, "zh")) == ("member 0001", "成员 0001")
    year = server_chart([use(1)], {}, WINDOWS["year"], NOON, "UTC")
    assert in_language(year.times[-1].name, "zh") == "27年01月"
    day = server_chart([use(1)], {}, WINDOWS["day"], NOON, "UTC")
    assert day.times[-1].name.endswith(":00")
