"""What a look at the queue depends on besides the queue."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.lines import Line

EVERYWHERE = -1
"""Among the paused servers: all of them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`held` are members, as (server, member), who may not have another job begun now; those who
    have `enough` may not unless it is due; `alone` says whether a job that was tried before may.
    `loaded` are models that workers hold."""

    now: float
    paused: Collection[int] = ()
    held: Collection[tuple[int, int]] = ()
    loaded: Collection[str] = ()
    enough: Collection[tuple[int, int]] = ()
    alone: bool = True

    def stays(self, line: Line) -> bool:
        """Whether nothing of the line may begin, be it due or not."""
        server = line.member.server.id
        held = bool(self.held) and (server, line.member.id) in self.held
        tried = line.head.tried and not self.alone
        return held or server in self.paused or line.full or tried

    def waits(self, line: Line) -> bool:
        """Whether nothing of the line may begin for now, because it is not due."""
        member = line.member
        enough = bool(self.enough) and (member.server.id, member.id) in self.enough
        return enough or self.stays(line)
