"""Showcases in plain dicts, beside the JobStore and the Album in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from core.errors import ImageNotFoundError
from core.jobs import Owner
from core.showcase import (
    FRESH,
    MOST_SHOWCASES,
    Again,
    By,
    Due,
    Errand,
    Exhibit,
    Hanging,
    Showcase,
    Way,
    exhibit_of,
    hangs_no_more,
    hung_again,
    no_such_showcase,
    too_many_showcases,
)
from core.works import Showing
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_store import MemoryJobStore


class MemoryShowcases:
    """`age_rated` are jobs that are taken to be from age-restricted channels, `hidden` those whose
    owner made them private; `logged` is what the audit log has."""

    def __init__(self, store: MemoryJobStore, album: MemoryAlbum) -> None:
        self._store = store
        self._album = album
        self._all: dict[int, Showcase] = {}
        self._removed: set[int] = set()
        self.hangings: dict[int, Hanging] = {}
        self.age_rated: set[str] = set()
        self.hidden: set[str] = set()
        self.logged: list[tuple[int, Owner, float]] = []

    async def of_server(self, server_id: int) -> Sequence[Showcase]:
        return [
            one
            for one in self._all.values()
            if one.server_id == server_id and one.id not in self._removed
        ]

    async def get(self, showcase_id: int) -> Showcase:
        if showcase_id not in self._all or showcase_id in self._removed:
            raise no_such_showcase()
        return self._all[showcase_id]

    async def add(self, new: Showcase, *, by: Owner, now: float) -> Showcase:
        if len(await self.of_server(new.server_id)) >= MOST_SHOWCASES:
            raise too_many_showcases()
        added = replace(new, id=len(self._all) + 1)
        self._all[added.id] = added
        self.logged.append((new.server_id, by, now))
        return added

    async def change(
        self,
        showcase_id: int,
        change: Callable[[Showcase], Showcase],
        *,
        by: Owner,
        now: float,
    ) -> Showcase:
        after = change(await self.get(showcase_id))
        self._all[showcase_id] = after
        self.logged.append((after.server_id, by, now))
        return after

    async def remove(self, showcase_id: int, *, by: Owner, now: float) -> None:
        gone = await self.get(showcase_id)
        self._removed.add(showcase_id)
        self.hangings = {
            id: one
            for id, one in self.hangings.items()
            if one.showcase_id != showcase_id or one.message_id
        }
        self.logged.append((gone.server_id, by, now))

    async def exhibit(self, job_id: str, number: int) -> Exhibit:
        image = await self._store.image(job_id, number)
        job = await self._store.get(job_id)
        return exhibit_of(
            job,
            image,
            showing=Showing.PRIVATE if job_id in self.hidden else Showing.SERVER,
            gallery=Showing.SERVER,
            age_rated=job.place.age_rated or job_id in self.age_rated,
            votes=len(self._album.likers(job_id, number).keys() - {job.owner.id}),
        )

    async def hang(
        self,
        showcase_id: int,
        job_id: str,
        number: int,
        way: Way,
        again: Again,
        *,
        now: float,
        by: Owner | None = None,
    ) -> tuple[Hanging, bool]:
        showcase = await self.get(showcase_id)
        place = (showcase_id, job_id, number)
        found = [
            one
            for one in self.hangings.values()
            if (one.showcase_id, one.job_id, one.number) == place
        ]
        new = Hanging(
            id=max(self.hangings, default=0) + 1,
            showcase_id=showcase_id,
            job_id=job_id,
            number=number,
            way=way,
        )
        if found:
            (before,) = found
            if before.taken_by is None:
                return before, False
            again(before)
            new = hung_again(before, way)
        self.hangings[new.id] = new
        if by is not None:
            self.logged.append((showcase.server_id, by, now))
        return new, True

    async def hanging(self, hanging_id: int) -> tuple[Hanging, Showcase]:
        if hanging_id not in self.hangings:
            raise hangs_no_more()
        found = self.hangings[hanging_id]
        return found, self._all[found.showcase_id]

    async def take_down(
        self, hanging_id: int, taken_by: By, *, now: float, by: Owner | None = None
    ) -> Hanging:
        before, showcase = await self.hanging(hanging_id)
        if before.taken_by is not None:
            return before
        self.hangings[hanging_id] = replace(before, taken_by=taken_by)
        if by is not None:
            self.logged.append((showcase.server_id, by, now))
        return self.hangings[hanging_id]

    async def take_all_down(self, showcase_id: int) -> int:
        hung = [
            one
            for one in self.hangings.values()
            if one.showcase_id == showcase_id and one.taken_by is None
        ]
        self.hangings |= {one.id: replace(one, taken_by=By.NOBODY) for one in hung}
        return len(hung)

    async def liked(self, since: float, *, limit: int = 500) -> Sequence[tuple[str, int, float]]:
        times: list[tuple[float, tuple[str, int]]] = []
        for at, key in self._album.since(since):
            server = (await self._store.get(key[0])).place.server_id
            if any(one.likes for one in await self.of_server(server)):
                times.append((at, key))
        last = {key: at for at, key in times[:limit]}
        found = [(job_id, number, at) for (job_id, number), at in last.items()]
        return sorted(found, key=lambda one: one[2])

    async def due(
        self, now: float, *, limit: int = 100, job_ids: Collection[str] | None = None
    ) -> Sequence[Due]:
        found: dict[Errand, list[Due]] = {
            errand: [] for errand in (Errand.TAKE_DOWN, Errand.POST, Errand.RECOUNT)
        }
        for one in sorted(self.hangings.values(), key=lambda one: one.id):
            try:
                shown = await self.exhibit(one.job_id, one.number)
            except ImageNotFoundError:
                shown = None
            there, wanted = one.message_id != 0, one.taken_by is None
            if job_ids is not None and there and wanted and one.job_id not in job_ids:
                continue
            rated = self._all[one.showcase_id].age_rated
            gone = shown is None or not shown.public or shown.age_rated != rated
            if (gone and wanted) or ((gone or not wanted) and (there or one.began_at is not None)):
                errand = Errand.TAKE_DOWN
            elif wanted and not there and one.showcase_id not in self._removed:
                errand = Errand.POST
            elif (
                there
                and wanted
                and shown is not None
                and shown.votes != one.votes
                and (one.hung_at or 0.0) > now - FRESH
            ):
                errand = Errand.RECOUNT
            else:
                continue
            found[errand].append(Due(errand, one, self._all[one.showcase_id], shown))
        return [due for dues in found.values() for due in dues][:limit]

    async def posting(self, hanging: Hanging, now: float) -> float:
        row = self._turn(hanging)
        if row is None:
            return now
        began = now if row.began_at is None else row.began_at
        self.hangings[row.id] = replace(row, began_at=began)
        return began

    async def posted(self, hanging: Hanging, message_id: int, votes: int, now: float) -> None:
        row = self._turn(hanging)
        if row is not None:
            hung = now if row.hung_at is None else row.hung_at
            self.hangings[row.id] = replace(row, message_id=message_id, votes=votes, hung_at=hung)

    async def cleared(self, hanging: Hanging) -> None:
        row = self._turn(hanging)
        if row is not None:
            self.hangings[row.id] = replace(row, message_id=0, began_at=None)
        try:
            await self._store.image(hanging.job_id, hanging.number)
        except ImageNotFoundError:
            self.hangings.pop(hanging.id, None)

    def _turn(self, hanging: Hanging) -> Hanging | None:
        row = self.hangings.get(hanging.id)
        return row if row is not None and row.turn == hanging.turn else None
