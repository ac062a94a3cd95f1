"""What members do with finished pictures besides making more of them: like and delete them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.clock import Clock
from core.errors import BannedError, ImageNotFoundError, NotYoursError, RefusedError
from core.jobs import Actor, Image, Job
from core.ports import JobStore
from core.request import Kind, Visibility
from core.sentences import say

AT_ONCE = 100
"""Jobs whose pictures are deleted in one transaction."""


class Album(Protocol):
    """Pictures that were kept. Each method is one transaction; all raise BusyError with nothing
    done."""

    async def children(self, job_ids: Sequence[str], *, limit: int = 100) -> Sequence[Job]:
        """The jobs that were made from pictures of these, oldest first."""
        ...

    async def delete(self, job_id: str, now: float) -> Job:
        """The job's pictures and their likes are gone, and the files that nothing else names. The
        job stays, and its account. A job that is not over, or was deleted before, stays as it is.
        Raises JobNotFoundError."""
        ...

    async def clear(self, owner_id: int, now: float, *, limit: int = 100) -> Sequence[Job]:
        """The same for jobs of a person that have pictures, at most `limit` of them, the oldest
        first; those are returned. None are left when there are fewer."""
        ...

    async def like(
        self, job_id: str, number: int, member_id: int, now: float, *, likes: bool
    ) -> int:
        """Whether a member likes a picture from now on; returns how many do. Raises
        ImageNotFoundError."""
        ...

    async def likes(self, job_id: str, number: int, member_id: int) -> bool: ...

    async def liked(self, member_id: int, *, limit: int = 100) -> Sequence[Image]:
        """The pictures that a member likes, the last liked first."""
        ...


@dataclass(frozen=True, slots=True)
class Liking:
    """`likes`: whether the member does now. `count`: how many members do."""

    likes: bool
    count: int


class Collector:
    """Raises errors of `core.errors` only, and then nothing was done."""

    def __init__(
        self,
        store: JobStore,
        album: Album,
        clock: Clock,
        changed: Callable[[str, int], None] = lambda job_id, number: None,
    ) -> None:
        """`changed` is told of a picture that is liked, or no more; 0 for all of a job, when they
        were deleted."""
        self._store = store
        self._album = album
        self._clock = clock
        self._changed = changed

    async def like(
        self, actor: Actor, job_id: str, number: int, *, likes: bool | None = None
    ) -> Liking:
        """`likes` None: the other way round than it was. A picture that was picked out of a grid
        is the one of the grid."""
        job = await self._seen(actor, job_id)
        check_there(job)
        job_id, number = await original(self._store, job, number)
        person = actor.owner.id
        if likes is None:
            likes = not await self._album.likes(job_id, number, person)
        now = self._clock.now()
        liking = Liking(likes, await self._album.like(job_id, number, person, now, likes=likes))
        self._changed(job_id, number)
        return liking

    async def delete(self, actor: Actor, job_id: str) -> Job:
        """For its owner, and for whoever moderates or administers the server it was made on."""
        job = await self._store.get(job_id)
        if await self._store.is_banned(actor.server_id, actor.owner.id):
            raise BannedError
        in_charge = actor.in_charge_at(job.place)
        if job.owner.id != actor.owner.id and not in_charge and not actor.operator:
            raise NotYoursError(
                say("Only the person who made this picture, or a moderator, can delete it.")
            )
        if not job.state.ended:
            raise RefusedError(say("That is still being made; cancel it instead."))
        gone = await self._album.delete(job_id, self._clock.now())
        self._changed(job_id, 0)
        return gone

    async def clear(self, actor: Actor) -> AsyncGenerator[Sequence[Job]]:
        """Deletes all that the actor has, on every server, some jobs at a time; gives those."""
        if await self._store.is_banned(actor.server_id, actor.owner.id):
            raise BannedError
        while True:
            gone = await self._album.clear(actor.owner.id, self._clock.now(), limit=AT_ONCE)
            for job in gone:
                self._changed(job.id, 0)
            yield gone
            if len(gone) < AT_ONCE:
                return

    async def _seen(self, actor: Actor, job_id: str) -> Job:
        job = await self._store.get(job_id)
        if await self._store.is_banned(actor.server_id, actor.owner.id):
            raise BannedError
        check_seen(job, actor)
        return job


async def original(store: JobStore, job: Job, number: int) -> tuple[str, int]:
    """The job and the number of the picture itself: one that was picked out of a grid is the
    grid's, as long as that is there."""
    if job.request.kind is not Kind.UPSCALE or job.parent is None:
        return job.id, number
    parent = job.parent
    try:
        await store.image(parent.job_id, parent.index)
    except ImageNotFoundError:
        return job.id, number
    return parent.job_id, parent.index


def check_seen(job: Job, actor: Actor) -> None:
    """Raises NotYoursError for somebody else's private picture."""
    if job.request.visibility is Visibility.STEALTH and job.owner.id != actor.owner.id:
        raise NotYoursError(say("That picture is private to the person who made it."))


def check_there(job: Job) -> None:
    """Raises ImageNotFoundError for a job whose pictures were deleted."""
    if job.deleted_at is not None:
        raise ImageNotFoundError(say("That picture was deleted; nothing can be made of it."))
