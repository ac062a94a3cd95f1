"""Themes in plain dicts, beside the showcases in memory whose pictures they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.errors import ImageNotFoundError
from core.jobs import Owner
from core.showcase import Exhibit
from core.themes import (
    MOST_OPEN,
    Entry,
    EntryCheck,
    Phase,
    Sheet,
    Theme,
    ThemeCheck,
    VoteCheck,
    drawn,
    entry_at,
    is_entered,
    no_such_theme,
    too_many_themes,
)
from tests.fakes.memory_showcases import MemoryShowcases


class MemoryThemes:
    """`logged` is what the audit log has."""

    def __init__(self, showcases: MemoryShowcases) -> None:
        self._showcases = showcases
        self._all: dict[int, Theme] = {}
        self._entries: dict[int, list[Entry]] = {}
        self._votes: dict[tuple[int, int], int] = {}
        self._sheets: dict[int, dict[str, Sheet]] = {}
        self._settled: set[int] = set()
        self.logged: list[tuple[int, Owner, float]] = []

    async def start(self, new: Theme, *, by: Owner, now: float) -> Theme:
        if len(await self.open_in(new.server_id)) >= MOST_OPEN:
            raise too_many_themes()
        started = replace(new, id=len(self._all) + 1)
        self._all[started.id] = started
        self._entries[started.id], self._sheets[started.id] = [], {}
        self.logged.append((new.server_id, by, now))
        return started

    async def get(self, theme_id: int) -> Theme:
        if theme_id not in self._all:
            raise no_such_theme()
        return self._all[theme_id]

    async def open_in(self, server_id: int) -> Sequence[Theme]:
        found = [
            one
            for one in self._all.values()
            if one.server_id == server_id and one.phase is not Phase.OVER
        ]
        return sorted(found, key=lambda one: (one.ends_at, one.id))

    async def over(self, *, limit: int = 24) -> Sequence[Theme]:
        found = [
            one for one in self._all.values() if one.phase is Phase.OVER and not one.called_off
        ]
        return sorted(found, key=lambda one: (-one.ends_at, -one.id))[:limit]

    async def unsettled(self) -> Sequence[Theme]:
        return [one for one in self._all.values() if one.id not in self._settled]

    async def enter(
        self, theme_id: int, job_id: str, number: int, check: EntryCheck, *, now: float
    ) -> bool:
        theme, there = await self.get(theme_id), await self.entries(theme_id)
        if is_entered(there, job_id, number):
            return False
        check(theme, there)
        self._entries[theme_id].append(Entry(theme_id=theme_id, job_id=job_id, number=number))
        return True

    async def leave(self, theme_id: int, job_id: str, number: int, check: ThemeCheck) -> bool:
        check(await self.get(theme_id))
        before = self._entries[theme_id]
        left = [one for one in before if (one.job_id, one.number) != (job_id, number)]
        self._entries[theme_id] = left
        return len(left) < len(before)

    async def entries(self, theme_id: int) -> Sequence[Entry]:
        await self.get(theme_id)
        found = [
            replace(
                one,
                votes=sum(
                    place == one.place
                    for (theme, _), place in self._votes.items()
                    if theme == theme_id and place
                ),
                exhibit=await self._shown(one.job_id, one.number),
            )
            for one in self._entries[theme_id]
        ]
        return sorted(found, key=lambda one: one.place)

    async def _shown(self, job_id: str, number: int) -> Exhibit | None:
        try:
            found = await self._showcases.exhibit(job_id, number)
        except ImageNotFoundError:
            return None
        return found if found.public else None

    async def vote(self, theme_id: int, place: int, member_id: int, check: VoteCheck) -> None:
        theme = await self.get(theme_id)
        check(theme, entry_at(await self.entries(theme_id), place))
        self._votes[theme_id, member_id] = place

    async def turn(self, theme_id: int, phase: Phase) -> Theme:
        theme = await self.get(theme_id)
        if not phase.is_after(theme.phase):
            return theme
        if phase is Phase.VOTING:
            there = [one for one in await self.entries(theme_id) if one.exhibit is not None]
            places = {(e.job_id, e.number): at for at, e in enumerate(drawn(there), 1)}
            self._entries[theme_id] = [
                replace(one, place=places.get((one.job_id, one.number), 0))
                for one in self._entries[theme_id]
            ]
        self._all[theme_id] = replace(theme, phase=phase)
        return self._all[theme_id]

    async def call_off(self, theme_id: int, *, by: Owner, now: float) -> Theme:
        theme = await self.get(theme_id)
        self._all[theme_id] = replace(theme, phase=Phase.OVER, called_off=True)
        self.logged.append((theme.server_id, by, now))
        return self._all[theme_id]

    async def settle(self, theme_id: int, now: float) -> None:
        self._settled.add(theme_id)

    async def sheets(self, theme_id: int) -> Mapping[str, Sheet]:
        return dict(self._sheets.get(theme_id, {}))

    async def posting(self, theme_id: int, part: str, now: float) -> float:
        sheet = self._sheets[theme_id].setdefault(part, Sheet(part=part, began_at=now))
        return sheet.began_at

    async def posted(
        self, theme_id: int, part: str, message_id: int, shown: str, now: float
    ) -> None:
        sheet = self._sheets[theme_id][part]
        self._sheets[theme_id][part] = replace(
            sheet, message_id=message_id, shown=shown, posted_at=now
        )
