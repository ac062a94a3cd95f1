"""How amounts of GPU time and of pictures are told."""

from __future__ import annotations

import pytest

from core.allowance import Unit
from core.amounts import in_pot, per_words, told, told_jobs
from core.periods import Period
from core.sentences import in_language


@pytest.mark.parametrize(
    ("ms", "words", "chinese"),
    [
        (39_100, "40 s", "40 秒"),
        (119_000, "119 s", "119 秒"),
        (150_000, "3 min", "3 分钟"),
        (7_200_000, "2 h", "2 小时"),
        (9_000_000, "2 h 30 min", "2 小时 30 分钟"),
    ],
)
def test_gpu_time_is_told_in_words(ms: int, words: str, chinese: str) -> None:
    assert told(Unit.GPU_SECONDS, ms) == f"{words} of GPU time"
    assert in_language(told(Unit.GPU_SECONDS, ms), "zh-CN") == f"{chinese} GPU 时间"


def test_pictures_are_counted_in_words() -> None:
    assert told(Unit.PICTURES, 1) == "1 picture"
    assert per_words(Unit.PICTURES, 10, Period.DAY) == "10 pictures per day"
    assert in_language(per_words(Unit.PICTURES, 10, Period.DAY), "zh-CN") == "每天 10 张图片"


def test_the_ledger_counts_gpu_time_in_milliseconds() -> None:
    assert (in_pot(Unit.GPU_SECONDS, 90), in_pot(Unit.PICTURES, 90)) == (90_000, 90)


def test_one_job_is_told_as_one() -> None:
    assert [told_jobs(count) for count in (0, 1, 2)] == ["0 jobs", "1 job", "2 jobs"]
