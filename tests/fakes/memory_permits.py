"""Who may press buttons in a channel, as a test says it: members, but for those shut out of it."""

from __future__ import annotations

from core.permits import Permit
from tests.fakes.memory_membership import MemoryMembership


class MemoryPermits:
    """`shut` are person and channel."""

    def __init__(self, membership: MemoryMembership) -> None:
        self._membership = membership
        self.shut: set[tuple[int, int]] = set()

    async def of(self, person_id: int, server_id: int, channel_id: int) -> Permit:
        standing = await self._membership.of(person_id, server_id)
        presses = standing.member and (person_id, channel_id) not in self.shut
        return Permit(presses=presses, budget_id=channel_id)
