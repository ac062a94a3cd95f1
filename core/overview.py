"""The queue as people are shown it: a member's own jobs, or those of a server for its admins."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.admin import Stewardship
from core.allowance import House
from core.errors import JobNotFoundError
from core.jobs import Actor, Job, State
from core.queue import EXACT_UP_TO, Standing
from core.studio import Receipt, Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """Running jobs first, then those that wait, in the order they will be made. `house` is how the
    server is run, `admin` whether the actor is one of its admins. `more`: jobs that are not
    listed, since they stand far back."""

    receipts: tuple[Receipt, ...]
    house: House
    admin: bool
    more: int = 0


class Overview:
    def __init__(self, studio: Studio, steward: Stewardship) -> None:
        self._studio = studio
        self._steward = steward

    async def own(self, actor: Actor) -> Lookout:
        """What the actor has running or waiting, wherever. Raises BannedError."""
        await self._steward.check_welcome(actor)
        receipts = await self._studio.own_jobs(actor)
        house = (await self._steward.my_rules(actor)).house
        admin = await self._steward.is_admin(actor, actor.server_id)
        return Lookout(receipts=tuple(receipts), house=house, admin=admin)

    async def of_server(self, actor: Actor, server_id: int) -> Lookout:
        """Everything on a server. Raises NotAdminError."""
        house = (await self._steward.rules(actor, server_id)).house
        store, queue = self._studio.store, self._studio.queue
        running = [job for job in await store.running() if job.place.server_id == server_id]
        receipts = [Receipt(job, Standing(0, 0.0)) for job in running]
        theirs = [job.id for job in await store.waiting() if job.server_id == server_id]
        front = dict(await queue.front(EXACT_UP_TO))
        known = set(theirs)
        shown = [job_id for job_id in front if job_id in known]
        if not shown:
            # None has a turn soon: the server is paused, or others go first for long.
            shown = theirs[:EXACT_UP_TO]
        for job_id in shown:
            if (job := await self._waiting(job_id)) is not None:
                receipts.append(Receipt(job, front.get(job_id, Standing(0, 0.0))))
        more = len(theirs) - len(shown)
        return Lookout(receipts=tuple(receipts), house=house, admin=True, more=more)

    async def cancel(self, actor: Actor, job_id: str) -> Job:
        """As `Studio.cancel`; admins by the server's admin role may too."""
        job = await self._studio.store.get(job_id)
        if job.owner.id != actor.owner.id:
            administers = await self._steward.is_admin(actor, job.place.server_id)
            actor = replace(actor, administers=actor.administers or administers)
        return await self._studio.cancel(job_id, actor)

    async def _waiting(self, job_id: str) -> Job | None:
        try:
            job = await self._studio.store.get(job_id)
        except JobNotFoundError:
            return None
        return job if job.state is State.QUEUED else None
