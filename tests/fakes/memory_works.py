"""Works in a plain list, beside the stores in memory whose jobs, likes and wishes they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import GoneError, ImageNotFoundError
from core.jobs import Image, Job
from core.paging import BEST_AMONG, Found, ShortShelf, leaf_of
from core.preferences import Preferences
from core.terms import all_terms, fits, own, terms_of, wanted
from core.viewing import choices, first_showing, listed
from core.works import Page, Query, Showing, Viewer, Work, in_turn, read_id, work_of
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.memory_wishes import MemoryWishes


@dataclass
class _Row:
    seq: int
    job_id: str
    picture: Image
    created_at: float
    showing: Showing
    age_rated: bool


class MemoryWorks:
    """Made before the jobs are done whose pictures it is to hold."""

    def __init__(
        self,
        store: MemoryJobStore,
        album: MemoryAlbum,
        wishes: MemoryWishes | None = None,
        *,
        best_among: int = BEST_AMONG,
    ) -> None:
        self._store = store
        self._album = album
        self._wishes = wishes or MemoryWishes()
        self._best_among = best_among
        self._rows: list[_Row] = []
        self._count = 0
        store.done = self._note
        store.rules.narrowed = self._narrow

    def _note(self, job: Job, images: Sequence[Image]) -> None:
        gallery = self._store.rules.read(job.place.server_id).house.gallery
        wish = self._wishes.kept.get(job.owner.id, Preferences()).showing
        showing = first_showing(job, gallery, wish)
        if showing is None or job.finished_at is None:
            return
        for image in in_turn(images):
            self._count += 1
            rated = job.place.age_rated
            self._rows.append(_Row(self._count, job.id, image, job.finished_at, showing, rated))

    def _narrow(self, server_id: int, gallery: Showing) -> None:
        allowed = choices(server_id, gallery)
        for row, work in self._works():
            if work.server_id == server_id and row.showing not in allowed:
                row.showing = allowed[0]

    def _works(self) -> list[tuple[_Row, Work]]:
        """Those whose pictures are there, the oldest first."""
        found: list[tuple[_Row, Work]] = []
        for row in self._rows:
            job = self._store.read(row.job_id)
            if job is None or job.deleted_at is not None:
                continue
            found.append((row, self._work(row, job)))
        return found

    def _work(self, row: _Row, job: Job) -> Work:
        return work_of(
            job,
            row.picture,
            seq=row.seq,
            created_at=row.created_at,
            showing=row.showing,
            age_rated=row.age_rated,
            likes=len(self._album.likers(job.id, row.picture.number)),
        )

    def _terms(self, work: Work) -> str:
        job = self._store.read(work.job_id)
        assert job is not None
        terms = terms_of(job.request, work.owner, work.server_id)
        return all_terms(terms, work.showing, work.server_id, age_rated=work.age_rated)

    async def find(self, query: Query, viewer: Viewer, after: str = "", limit: int = 40) -> Page:
        want = wanted(query, viewer)
        works = {work.id: work for _, work in self._works()}
        names = tuple(works) if query.works is None else query.works
        chosen = [works[id] for id in dict.fromkeys(names) if id in works]
        mine = own(query, viewer)
        found = [
            Found(work.seq, work.likes, terms)
            for work in chosen
            if listed(viewer, work, age_rated=query.age_rated, own=mine)
            and fits(want, terms := self._terms(work))
            and (query.since is None or work.created_at >= query.since)
            and (query.until is None or work.created_at < query.until)
            and (
                query.liked_by is None
                or query.liked_by in self._album.likers(work.job_id, work.number)
            )
        ]
        leaf = leaf_of(ShortShelf(found), query, want, after, limit, best_among=self._best_among)
        by_seq = {work.seq: work for work in works.values()}
        return Page(tuple(by_seq[one.seq] for one in leaf.found), leaf.next, leaf.before)

    async def get(self, work_id: str) -> Work:
        return self._one(work_id)[1]

    def _one(self, work_id: str) -> tuple[_Row, Work]:
        for row, work in self._works():
            if work.id == work_id:
                return row, work
        job_id, number = read_id(work_id)
        job = self._store.read(job_id)
        if number and job is not None and job.deleted_at is not None:
            raise GoneError
        raise ImageNotFoundError

    async def show(self, work_id: str, showing: Showing, *, age_rated: bool | None = None) -> Work:
        row, _ = self._one(work_id)
        row.showing = showing
        row.age_rated = row.age_rated if age_rated is None else age_rated
        return self._one(work_id)[1]

    async def count(self, owner_id: int) -> int:
        return sum(work.owner.id == owner_id for _, work in self._works())

    async def models(self) -> tuple[str, ...]:
        return tuple(sorted({work.model for _, work in self._works()}))
