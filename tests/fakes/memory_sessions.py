"""Sessions in memory; the same contract as the SQL ones."""

from __future__ import annotations

from dataclasses import replace

from core.sessions import Session


class MemorySessions:
    def __init__(self) -> None:
        self.kept: dict[str, Session] = {}

    async def begin(self, digest: str, session: Session, *, instead_of: str, most: int) -> None:
        self.kept.pop(instead_of, None)
        self.kept = {k: s for k, s in self.kept.items() if s.ends_at > session.begun_at}
        self.kept[digest] = session
        hers = [k for k, s in self.kept.items() if s.person.id == session.person.id]
        for key in sorted(hers, key=lambda k: (self.kept[k].begun_at, k == digest))[:-most]:
            del self.kept[key]

    async def of(self, digest: str, now: float) -> Session | None:
        session = self.kept.get(digest)
        return session if session is not None and session.ends_at > now else None

    async def turn(self, digest: str, *, adult: bool) -> None:
        if digest in self.kept:
            self.kept[digest] = replace(self.kept[digest], adult=adult)

    async def end(self, digest: str) -> None:
        self.kept.pop(digest, None)

    async def end_all(self, person_id: int) -> int:
        hers = [key for key, session in self.kept.items() if session.person.id == person_id]
        for key in hers:
            del self.kept[key]
        return len(hers)
