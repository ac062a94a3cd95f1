"""A JobStore in plain dicts, for tests that are not about databases. It passes the same contract
suite as the real one, and each method is as indivisible: none awaits anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.allowance import CEILING, Rules
from core.errors import ImageNotFoundError, JobNotFoundError
from core.estimates import Measured
from core.jobs import (
    MAX_ATTEMPTS,
    MOST_IN_A_SET,
    Image,
    Job,
    NewJob,
    Outcome,
    State,
    Waiting,
    in_set,
)
from core.ports import Admission, Check, LedgerEntry, Usage
from core.quota import PRICES, Admit, pictures_computed
from core.request import Lane
from core.roll import as_waiting
from tests.fakes.memory_rulebook import MemoryRulebook


class MemoryJobStore:
    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._by_interaction: dict[str, str] = {}
        self._images: dict[str, list[Image]] = {}
        self._ledger: list[LedgerEntry] = []
        self.rules = MemoryRulebook(self._jobs, self._ledger)
        self.done: Callable[[Job, Sequence[Image]], None] = lambda job, images: None

    # Admission and reading

    async def admit(self, new: NewJob, check: Check) -> Admission:
        if new.interaction_id in self._by_interaction:
            return Admission(
                job=self._jobs[self._by_interaction[new.interaction_id]], repeated=True
            )
        return self._admit(new, check)

    async def admit_set(
        self, news: Sequence[NewJob], checks: Sequence[Check]
    ) -> Sequence[Admission]:
        numbers = range(1, MOST_IN_A_SET + 1)
        ids = [in_set(news[0].interaction_id, number) for number in numbers]
        if found := [self._by_interaction[id] for id in ids if id in self._by_interaction]:
            return [Admission(job=self._jobs[id], repeated=True) for id in found]
        lines = len(self._ledger)
        try:
            return [self._admit(new, check) for new, check in zip(news, checks, strict=True)]
        except BaseException:
            del self._ledger[lines:]
            for new in news:
                self._jobs.pop(new.id, None)
                self._images.pop(new.id, None)
                self._by_interaction.pop(new.interaction_id, None)
            raise

    def _admit(self, new: NewJob, check: Check) -> Admission:
        channel_id = new.budget_channel_id or new.place.channel_id
        terms = check(self._usage(new, channel_id)) or Admit(lane=new.request.lane)
        parent = self._jobs.get(new.parent.job_id) if new.parent else None
        rated = new.place.age_rated or (parent is not None and parent.place.age_rated)
        job = Job(
            id=new.id,
            interaction_id=new.interaction_id,
            owner=new.owner,
            place=replace(new.place, age_rated=rated),
            request=replace(new.request, lane=terms.lane),
            state=State.QUEUED,
            reserve_ms=max(0, new.reserve_ms),
            created_at=new.created_at,
            parent=new.parent,
            price=terms.price,
            max_running=terms.max_running,
        )
        if new.images:
            done_at = new.created_at
            job = replace(job, state=State.DONE, reserve_ms=0, cost_ms=0, finished_at=done_at)
        else:
            self._append(
                job,
                "reserve",
                job.reserve_ms,
                job.request.count,
                new.created_at,
                channel_id=channel_id,
                grant_id=terms.grant_id,
            )
        self._jobs[job.id] = job
        self._by_interaction[job.interaction_id] = job.id
        self._images[job.id] = [
            replace(image, job_id=job.id, number=n) for n, image in enumerate(new.images, 1)
        ]
        return Admission(job=job)

    def _usage(self, new: NewJob, channel_id: int) -> Usage:
        server_id, owner_id = new.place.server_id, new.owner.id
        mine = [job for job in self._jobs.values() if job.owner.id == owner_id]
        waiting = [job for job in mine if job.state is State.QUEUED]
        rules = Rules()
        if new.place.on_discord:
            whole = self.rules.read(server_id)
            rules = whole.for_member(owner_id, new.role_ids, channel_id)
        return Usage(
            waiting=len(waiting),
            running=sum(job.state is State.RUNNING for job in mine),
            waiting_here=sum(job.place.server_id == server_id for job in waiting),
            rules=rules,
            spent=lambda pot: self.rules.in_pot(server_id, owner_id, channel_id, pot),
        )

    async def paused_servers(self) -> frozenset[int]:
        kept = self.rules.kept.items()
        return frozenset(server_id for server_id, rules in kept if rules.house.paused)

    async def weights(self) -> Mapping[int, float]:
        found = {id: rules.of(CEILING).weight for id, rules in self.rules.kept.items()}
        return {id: weight for id, weight in found.items() if weight is not None}

    async def is_banned(self, server_id: int, member_id: int) -> bool:
        return member_id in self.rules.read(server_id).banned

    async def open_jobs(self, owner_id: int) -> Sequence[Job]:
        found = self._in_state(State.QUEUED) + self._in_state(State.RUNNING)
        mine = [job for job in found if job.owner.id == owner_id]
        return sorted(mine, key=lambda job: (job.created_at, job.id))

    async def get(self, job_id: str) -> Job:
        return self._job(job_id)

    async def waiting(
        self, after: tuple[float, str] | None = None, limit: int | None = None
    ) -> Sequence[Waiting]:
        return [
            as_waiting(job)
            for job in self._in_state(State.QUEUED)
            if after is None or (job.created_at, job.id) > after
        ][:limit]

    async def running(self) -> Sequence[Job]:
        return self._in_state(State.RUNNING)

    async def measured(self, *, limit: int = 200) -> Sequence[Measured]:
        timed = [
            job
            for job in self._jobs.values()
            if job.state is State.DONE and job.cost_ms and job.request.work > 0
        ]
        last = sorted(timed, key=lambda job: job.finished_at or 0.0)[-limit:]
        return [
            Measured(model=job.request.made_by, work=job.request.work, cost_ms=job.cost_ms or 0)
            for job in last
        ]

    async def images(self, job_id: str) -> Sequence[Image]:
        return list(self._images.get(job_id, []))

    async def image(self, job_id: str, number: int) -> Image:
        for image in self._images.get(job_id, []):
            if image.number == number:
                return image
        raise ImageNotFoundError

    async def history(self, owner_id: int | None, *, limit: int = 20) -> Sequence[Job]:
        mine = [job for job in self._jobs.values() if owner_id in (None, job.owner.id)]
        return sorted(mine, key=lambda job: (job.created_at, job.id), reverse=True)[:limit]

    async def undelivered(self, *, limit: int = 100) -> Sequence[Job]:
        owed = [
            job
            for job in self._jobs.values()
            if job.state.ended and job.place.on_discord and job.delivered_at is None
        ]
        return sorted(owed, key=lambda job: (job.finished_at or 0.0, job.id))[:limit]

    async def ledger(self, job_id: str | None = None) -> Sequence[LedgerEntry]:
        return [line for line in self._ledger if job_id in (None, line.job_id)]

    # Moves

    async def claim(self, job_id: str, *, by: str, now: float, lease_until: float) -> Job | None:
        job = self._jobs.get(job_id)
        if job is None or job.state is not State.QUEUED:
            return None
        owner = (job.owner.id, job.place.server_id)
        running = [(j.owner.id, j.place.server_id) for j in self._in_state(State.RUNNING)]
        if job.max_running is not None and running.count(owner) >= job.max_running:
            return None
        return self._change(
            job,
            state=State.RUNNING,
            attempts=job.attempts + 1,
            fence=job.fence + 1,
            leased_by=by,
            lease_until=lease_until,
            started_at=now,
        )

    async def extend_lease(self, job_id: str, fence: int, lease_until: float) -> bool | None:
        job = self._held(job_id, fence)
        if job is None:
            return None
        return self._change(job, lease_until=lease_until).cancel_requested

    async def finish(
        self,
        job_id: str,
        fence: int,
        *,
        images: Sequence[Image],
        grid: str,
        gpu_ms: int,
        now: float,
        note: str = "",
    ) -> Job | None:
        job = self._held(job_id, fence)
        if job is None:
            return None
        self._images[job_id] = sorted(
            (replace(image, job_id=job_id) for image in images), key=lambda image: image.number
        )
        job = self._change(job, grid=grid)
        job = self._settle(job, State.DONE, gpu_ms, len(images), now, note)
        self.done(job, self._images[job_id])
        return job

    async def fail(self, job_id: str, fence: int, *, sentence: str, now: float) -> Job | None:
        job = self._held(job_id, fence)
        return job and self._refund(job, State.FAILED, now, sentence)

    async def requeue(self, job_id: str, fence: int, *, tried: bool = True) -> Job | None:
        job = self._held(job_id, fence)
        if job is None:
            return None
        attempts = job.attempts - int(not tried)
        back = {"leased_by": "", "lease_until": 0.0}
        return self._change(job, state=State.QUEUED, attempts=attempts, **back)

    async def cancel(self, job_id: str, now: float) -> Job:
        job = self._job(job_id)
        if job.state is State.QUEUED:
            return self._refund(job, State.CANCELLED, now)
        if job.state is State.RUNNING:
            return self._change(job, cancel_requested=True)
        return job

    async def cancelled(self, job_id: str, fence: int, *, gpu_ms: int, now: float) -> Job | None:
        job = self._held(job_id, fence)
        if job is None:
            return None
        made = pictures_computed(job.request.count, gpu_ms, job.reserve_ms)
        return self._settle(job, State.CANCELLED, gpu_ms, made, now)

    async def relax(self, job_id: str, now: float, *, free: bool) -> Job:
        job = self._job(job_id)
        if job.state is not State.QUEUED or job.request.lane is Lane.RELAX:
            return job
        price = min(job.price, 0 if free else PRICES[Lane.RELAX])
        moved = self._change(job, request=replace(job.request, lane=Lane.RELAX), price=price)
        if price != job.price:
            self._append(moved, "relax", job.reserve_ms, job.request.count, now)
        return moved

    async def recover(self, now: float, is_dead: Callable[[str], bool]) -> Sequence[Job]:
        return [
            self._give_back(job, now)
            for job in self._in_state(State.RUNNING)
            if job.lease_until <= now or is_dead(job.leased_by)
        ]

    # Delivery

    async def shown_at(self, job_id: str, message_id: int) -> None:
        self._change(self._job(job_id), message_id=message_id)

    async def token_died(self, job_id: str) -> None:
        job = self._job(job_id)
        self._change(job, token_dead=True, place=replace(job.place, token=""))

    async def posting(self, job_id: str, now: float) -> float:
        job = self._job(job_id)
        first = now if job.post_began_at is None else job.post_began_at
        self._change(job, post_began_at=first)
        return first

    async def delivered(
        self, job_id: str, outcome: Outcome, now: float, message_id: int | None = None
    ) -> None:
        job = self._job(job_id)
        self._change(
            job,
            delivered_at=now if job.delivered_at is None else job.delivered_at,
            outcome=job.outcome or outcome,
            place=replace(job.place, token=""),
            message_id=job.message_id if message_id is None else message_id,
        )

    def read(self, job_id: str) -> Job | None:
        """For those beside it."""
        return self._jobs.get(job_id)

    def forget_pictures(self, job_id: str, now: float) -> Job:
        """For the Album beside it."""
        job = self._job(job_id)
        if not job.state.ended or job.deleted_at is not None:
            return job
        self._images.pop(job_id, None)
        delivered = now if job.delivered_at is None else job.delivered_at
        return self._change(job, deleted_at=now, grid="", delivered_at=delivered)

    # Inside

    def _job(self, job_id: str) -> Job:
        if job_id not in self._jobs:
            raise JobNotFoundError
        return self._jobs[job_id]

    def _held(self, job_id: str, fence: int) -> Job | None:
        job = self._jobs.get(job_id)
        held = job is not None and job.state is State.RUNNING and job.fence == fence
        return job if held else None

    def _in_state(self, state: State) -> list[Job]:
        found = [job for job in self._jobs.values() if job.state is state]
        return sorted(found, key=lambda job: (job.created_at, job.id))

    def _change(self, job: Job, **values: Any) -> Job:
        self._jobs[job.id] = replace(job, **values)
        return self._jobs[job.id]

    def _append(
        self,
        job: Job,
        kind: str,
        gpu_ms: int,
        pictures: int,
        at: float,
        *,
        channel_id: int = 0,
        grant_id: int = 0,
    ) -> None:
        """A line after which the job's lines sum to these, charged at its price."""
        held = [line for line in self._ledger if line.job_id == job.id]
        first = held[0] if held else None
        self._ledger.append(
            LedgerEntry(
                job_id=job.id,
                owner_id=job.owner.id,
                server_id=job.place.server_id,
                kind=kind,
                gpu_ms=gpu_ms - sum(line.gpu_ms for line in held),
                at=at,
                channel_id=first.channel_id if first else channel_id,
                pictures=pictures - sum(line.pictures for line in held),
                charged_ms=gpu_ms * job.price - sum(line.charged_ms for line in held),
                charged_pictures=pictures * min(job.price, 1)
                - sum(line.charged_pictures for line in held),
                grant_id=first.grant_id if first else grant_id,
                admitted_at=job.created_at,
            )
        )

    def _end(self, job: Job, state: State, cost_ms: int, now: float, sentence: str = "") -> Job:
        return self._change(
            job,
            state=state,
            cost_ms=cost_ms,
            finished_at=now,
            error=sentence,
            leased_by="",
            lease_until=0.0,
        )

    def _settle(
        self, job: Job, state: State, gpu_ms: int, pictures: int, now: float, note: str = ""
    ) -> Job:
        cost = max(0, gpu_ms)
        self._append(job, "settle", cost, pictures, now)
        return self._end(job, state, cost, now, note)

    def _refund(self, job: Job, state: State, now: float, sentence: str = "") -> Job:
        self._append(job, "refund", 0, 0, now)
        return self._end(job, state, 0, now, sentence)

    def _give_back(self, job: Job, now: float) -> Job:
        if job.cancel_requested:
            return self._refund(job, State.CANCELLED, now)
        if job.attempts >= MAX_ATTEMPTS:
            sentence = f"The worker stopped {MAX_ATTEMPTS} times; nothing was charged."
            return self._refund(job, State.FAILED, now, sentence)
        return self._change(job, state=State.QUEUED, leased_by="", lease_until=0.0)
