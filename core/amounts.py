"""Amounts of GPU time and of pictures, as they are counted and as people are told them."""

from __future__ import annotations

from math import ceil

from core.allowance import Unit
from core.periods import Period, period_words
from core.sentences import say


def in_pot(unit: Unit, amount: int) -> int:
    """GPU seconds as the ledger's milliseconds; pictures as they are."""
    return amount * 1000 if unit is Unit.GPU_SECONDS else amount


def told(unit: Unit, amount: int) -> str:
    """An amount of a pot in words: `12 pictures`, `40 s of GPU time`, `2 h 30 min of GPU time`."""
    if unit is Unit.PICTURES:
        return say("1 picture") if amount == 1 else say("{count} pictures", count=amount)
    seconds = ceil(amount / 1000)
    if seconds < 120:
        return say("{seconds} s of GPU time", seconds=seconds)
    hours, minutes = divmod(ceil(seconds / 60), 60)
    if not hours:
        return say("{minutes} min of GPU time", minutes=minutes)
    if not minutes:
        return say("{hours} h of GPU time", hours=hours)
    return say("{hours} h {minutes} min of GPU time", hours=hours, minutes=minutes)


def told_jobs(count: int) -> str:
    return say("1 job") if count == 1 else say("{count} jobs", count=count)


def per_words(unit: Unit, amount: int, period: Period) -> str:
    """An amount of a pot in each period, in words: `12 pictures per day`."""
    return say("{amount} per {period}", amount=told(unit, amount), period=period_words(period))
