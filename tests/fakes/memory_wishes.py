"""What people prefer, in a plain dict."""

from __future__ import annotations

from collections.abc import Callable

from core.preferences import Preferences


class MemoryWishes:
    def __init__(self) -> None:
        self.kept: dict[int, Preferences] = {}

    async def of(self, member_id: int) -> Preferences:
        return self.kept.get(member_id, Preferences())

    async def change(
        self, member_id: int, change: Callable[[Preferences], Preferences]
    ) -> Preferences:
        self.kept[member_id] = change(await self.of(member_id))
        return self.kept[member_id]
