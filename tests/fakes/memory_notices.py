"""Notices in a plain dict."""

from __future__ import annotations

from collections.abc import Sequence


class MemoryNotices:
    def __init__(self) -> None:
        self.noted: dict[str, float] = {}

    async def keys(self) -> Sequence[str]:
        return list(self.noted)

    async def note(self, key: str, now: float) -> bool:
        first = key not in self.noted
        self.noted.setdefault(key, now)
        return first

    async def forget(self, key: str) -> None:
        self.noted.pop(key, None)
