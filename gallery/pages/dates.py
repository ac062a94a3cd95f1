"""Days as people of a language write them. The gallery's clock is UTC."""

from __future__ import annotations

from datetime import UTC, datetime

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(at: float, locale: str) -> str:
    """`at` in Unix seconds: 21 November 2026, or 2026年11月21日."""
    on = datetime.fromtimestamp(at, UTC)
    if locale == "zh":
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def stamp(at: float) -> str:
    """As machines read it, in ISO 8601."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
