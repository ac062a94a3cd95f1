"""What was used, by day, by member and as a report."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from core.periods import Period
from core.ports import Use
from core.usage import Sum, by_member, over_time, report_csv

BERLIN = "Europe/Berlin"


def use(text: str, owner: int = 1, *, ms: int = 1000, pictures: int = 4) -> Use:
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).timestamp()
    return Use(at=at, owner_id=owner, jobs=1, gpu_ms=ms, pictures=pictures)


USES = [
    use("2026-10-24T23:45"),
    use("2026-10-25T00:00", 2, ms=5000),
    use("2026-10-25T23:45"),
    use("2026-10-27T12:00", pictures=1),
]


def test_each_day_has_its_sum_also_one_without_jobs() -> None:
    since, until = use("2026-10-24T00:00").at, use("2026-10-28T00:00").at
    days = over_time(USES, Period.DAY, since, until, BERLIN)
    assert [total for _, total in days] == [
        Sum(jobs=1, gpu_ms=1000, pictures=4),
        Sum(jobs=2, gpu_ms=6000, pictures=8),
        Sum(),
        Sum(jobs=1, gpu_ms=1000, pictures=1),
    ]
    assert days[1][0].ends_at - days[1][0].starts_at == 25 * 3600
    assert over_time([], Period.DAY, since, since, BERLIN) == []


def test_members_are_listed_by_what_they_used() -> None:
    assert by_member(USES) == [
        (2, Sum(jobs=1, gpu_ms=5000, pictures=4)),
        (1, Sum(jobs=3, gpu_ms=3000, pictures=9)),
    ]


def test_the_report_is_a_table_of_days_and_members() -> None:
    lines = report_csv(USES, {1: "ada, of London", 2: "=HYPERLINK(1)"}, BERLIN).splitlines()
    assert lines == [
        "date,member_id,member,jobs,pictures,gpu_seconds",
        '2026-10-24,1,"ada, of London",1,4,1.000',
        '2026-10-25,1,"ada, of London",1,4,1.000',
        "2026-10-25,2,'=HYPERLINK(1),1,4,5.000",
        '2026-10-27,1,"ada, of London",1,1,1.000',
    ]
