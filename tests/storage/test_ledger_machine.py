"""The ledger under anything that can happen: the SQL store and the one in memory are led through
the same random life, must answer alike at every step, and their accounts must add up."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core.errors import QueueFullError
from core.jobs import Job, NewJob, Outcome, Owner, Place, State
from core.ports import Admission, JobStore
from storage.opening import Storage, open_storage
from tests.fakes.memory_store import MemoryJobStore
from tests.storage.build import ADA, AT_THE_SHELL, BEN, ON_DISCORD, AtMost, new_job, pictures

T = TypeVar("T")

COSTS = st.integers(0, 5000)
DEEDS = st.sampled_from(["works", "lives", "finishes", "fails", "stops", "gives back"])
KINDS = st.sampled_from(["on Discord", "at the shell", "free"])
EVENTS = st.sampled_from(
    ["time passes", "the owner cancels", "it is delivered", "Discord repeats itself"]
)
LIMIT = 4
LEASE = 30.0


def plain(answer: Any) -> Any:
    """Answers without the sentence, which each store words for itself."""
    if isinstance(answer, Job):
        return replace(answer, error="an error" if answer.error else "")
    if isinstance(answer, Admission):
        return answer.repeated, plain(answer.job)
    if isinstance(answer, list | tuple):
        return [plain(one) for one in answer]
    return answer


class Life(RuleBasedStateMachine):
    """Members, workers that die or come late, cancellations, deliveries, a clock that rises."""

    migrated: Path
    jobs = Bundle("jobs")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        # In memory where there is such a folder: syncing is not what this is about.
        memory = Path("/dev/shm")
        self._folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        shutil.copyfile(self.migrated, self._folder / "easel.db")
        self._runner = asyncio.Runner()
        self._opened = AsyncExitStack()
        self._storage: Storage = self._runner.run(
            self._opened.enter_async_context(open_storage(self._folder))
        )
        self._stores: list[JobStore] = [MemoryJobStore(), self._storage.jobs]
        self.now = 1000.0

    def teardown(self) -> None:
        self._runner.run(self._opened.aclose())
        self._runner.close()
        shutil.rmtree(self._folder)

    def both(self, act: Any) -> Any:
        """Does the same to both stores; their answers, or errors, must be the same."""

        async def attempt(store: JobStore) -> Any:
            try:
                answer: Awaitable[Any] = act(store)
                return await answer
            except QueueFullError as error:
                return type(error)

        memory, sql = (self._runner.run(attempt(store)) for store in self._stores)
        assert plain(memory) == plain(sql)
        return sql

    # Few rules, each with much to draw: Hypothesis leaves whole rules out of a run at random.

    @initialize(target=jobs, costs=st.lists(COSTS, min_size=3, max_size=3))
    def members_start(self, costs: list[int]) -> Any:
        return multiple(*(self._ask(ADA, cost, ON_DISCORD, free=False) for cost in costs))

    @rule(target=jobs, owner=st.sampled_from([ADA, BEN]), cost=COSTS, kind=KINDS)
    def somebody_asks(self, owner: Owner, cost: int, kind: str) -> Any:
        place = AT_THE_SHELL if kind == "at the shell" else ON_DISCORD
        answer = self._ask(owner, cost, place, free=kind == "free")
        return multiple() if answer is None else answer

    def _ask(self, owner: Owner, reserve_ms: int, place: Place, *, free: bool) -> NewJob | None:
        images = tuple(pictures("elsewhere", 1)) if free else ()
        new = new_job(owner, place, reserve_ms=reserve_ms, created_at=self.now, images=images)
        answer = self.both(lambda store: store.admit(new, AtMost(LIMIT)))
        return None if answer is QueueFullError else new

    @rule(target=claims, new=jobs, by=st.sampled_from(["alive", "dead"]), does=DEEDS, cost=COSTS)
    def a_worker_takes_it(self, new: NewJob, by: str, does: str, cost: int) -> Any:
        claim = self._claim(new.id, by)
        if claim is None:
            return multiple()
        self._tell(claim, does, cost)
        return claim

    @rule(claim=claims, does=DEEDS, cost=COSTS, late=st.booleans())
    def a_worker_tells(self, claim: Job, does: str, cost: int, late: bool) -> None:
        """Late: the lease is over, and another has the job by then, unless it ended."""
        if late:
            self._let_time_pass(LEASE)
            self._claim(claim.id, "alive")
        self._tell(claim, does, cost)

    @rule(new=jobs, what=EVENTS, passed=st.floats(0.5, 60.0))
    def something_happens(self, new: NewJob, what: str, passed: float) -> None:
        if what == "time passes":
            self._let_time_pass(passed)
        elif what == "the owner cancels":
            self.both(lambda store: store.cancel(new.id, self.now))
        elif what == "it is delivered":
            self.both(lambda store: store.posting(new.id, self.now))
            self.both(lambda store: store.delivered(new.id, Outcome.POSTED, self.now, 5))
        else:
            again = self.both(lambda store: store.admit(replace(new, id="again"), AtMost(0)))
            assert again.repeated
            assert again.job.id == new.id

    def _let_time_pass(self, seconds: float) -> None:
        self.now += seconds
        self.both(lambda store: store.recover(self.now, lambda holder: holder == "dead"))

    def _claim(self, id: str, by: str) -> Job | None:
        until = self.now + LEASE
        return self.both(lambda store: store.claim(id, by=by, now=self.now, lease_until=until))

    def _tell(self, claim: Job, does: str, gpu_ms: int) -> None:
        id, fence, now = claim.id, claim.fence, self.now
        made = pictures(id)
        deeds: dict[str, Callable[[JobStore], Awaitable[Any]]] = {
            "works": lambda store: store.get(id),
            "lives": lambda store: store.extend_lease(id, fence, now + LEASE),
            "finishes": lambda store: store.finish(
                id, fence, images=made, grid="g", gpu_ms=gpu_ms, now=now
            ),
            "fails": lambda store: store.fail(id, fence, sentence="No.", now=now),
            "stops": lambda store: store.cancelled(id, fence, gpu_ms=gpu_ms, now=now),
            "gives back": lambda store: store.requeue(id, fence),
        }
        self.both(deeds[does])

    @invariant()
    def every_account_adds_up(self) -> None:
        async def read(store: JobStore) -> list[Any]:
            lines, history = await store.ledger(), await store.history(None, limit=1000)
            served, owed = await store.served_ms(0.0), await store.undelivered()
            return [lines, history, served, owed, await store.waiting(), await store.running()]

        lines, history, served, _, waiting, running = self.both(read)
        owners: dict[int, int] = {}
        for job in history:
            mine = [line for line in lines if line.job_id == job.id]
            total = sum(line.gpu_ms for line in mine)
            assert total == (job.reserve_ms if job.cost_ms is None else job.cost_ms)
            assert total >= 0
            assert (job.cost_ms is not None) == job.state.ended
            assert len({line.kind for line in mine}) == len(mine) <= 2
            if job.state is State.FAILED:
                assert total == 0
            owners[job.owner.id] = owners.get(job.owner.id, 0) + total
        assert {line.job_id for line in lines} <= {job.id for job in history}
        assert served == {owner: total for owner, total in owners.items() if total > 0}
        open_jobs = [job.owner_id for job in waiting] + [job.owner.id for job in running]
        assert all(open_jobs.count(owner) <= LIMIT for owner in open_jobs)


@pytest.mark.timeout(60)
def test_the_ledger_is_exact_whatever_happens(migrated: Path) -> None:
    Life.migrated = migrated
    run_state_machine_as_test(
        Life,
        settings=settings(
            # Each step talks to a disk, so there are few and a failure is not made smaller.
            max_examples=6,
            stateful_step_count=30,
            phases=[Phase.generate],
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
