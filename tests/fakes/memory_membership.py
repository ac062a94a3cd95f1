"""Who is a member where, as a test says it."""

from __future__ import annotations

from collections.abc import Mapping

from core.membership import Standing


class MemoryMembership:
    """`standings` by person and server; `names` of the servers Easel is on."""

    def __init__(
        self,
        standings: Mapping[tuple[int, int], Standing] | None = None,
        names: Mapping[int, str] | None = None,
    ) -> None:
        self.standings = dict(standings or {})
        self.names = dict(names or {})

    async def of(self, person_id: int, server_id: int) -> Standing:
        return self.standings.get((person_id, server_id), Standing())

    async def servers(self, person_id: int) -> Mapping[int, Standing]:
        return {
            server_id: standing
            for (who, server_id), standing in self.standings.items()
            if who == person_id and standing.member
        }

    async def server_name(self, server_id: int) -> str:
        return self.names.get(server_id, "")
