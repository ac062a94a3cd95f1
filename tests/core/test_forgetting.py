"""Who may have whose data deleted, and what happens first."""

from __future__ import annotations

import pytest

from core.departures import Departures
from core.errors import NotYoursError, RefusedError
from core.forgetting import Forgetting, Forgotten
from core.jobs import Job, Owner, State
from tests.builders import ADA, BO, FakeClock, actor, new_job
from tests.fakes.memory_notices import MemoryNotices
from tests.fakes.memory_store import MemoryJobStore


class Remembered:
    """An Eraser that keeps whom it was asked to forget."""

    def __init__(self) -> None:
        self.people: list[int] = []

    async def forget(self, person_id: int, now: float) -> Forgotten:
        self.people.append(person_id)
        return Forgotten(1, 4)


class House:
    def __init__(self, clock: FakeClock) -> None:
        self.store, self.notices, self.eraser = MemoryJobStore(), MemoryNotices(), Remembered()
        departures = Departures(self.notices, clock)
        self.forgetting = Forgetting(self.store, self.eraser, departures, clock)

    async def job(self, id: str, owner: Owner = ADA) -> Job:
        return (await self.store.admit(new_job(id, owner=owner), lambda usage: None)).job


@pytest.fixture
def house() -> House:
    return House(FakeClock())


async def test_the_person_and_the_operator_may_and_nobody_else(house: House) -> None:
    await house.forgetting.forget(actor(), ADA.id)
    await house.forgetting.forget(actor(Owner(0, "shell"), operator=True), ADA.id)
    for other in (actor(BO), actor(BO, administers=True, moderates=True)):
        with pytest.raises(NotYoursError):
            await house.forgetting.forget(other, ADA.id)
    with pytest.raises(RefusedError, match="nobody's id"):
        await house.forgetting.forget(actor(Owner(0, "shell"), operator=True), 0)
    assert house.eraser.people == [ADA.id, ADA.id]


async def test_what_waits_is_cancelled_and_others_wait_on(house: House) -> None:
    mine, theirs = await house.job("a"), await house.job("b", BO)
    await house.forgetting.forget(actor(), ADA.id)
    assert (await house.store.get(mine.id)).state is State.CANCELLED
    assert (await house.store.get(theirs.id)).state is State.QUEUED


async def test_what_is_being_made_stops_before_anything_is_forgotten(house: House) -> None:
    job = await house.job("a")
    claim = await house.store.claim(job.id, by="me", now=1.0, lease_until=9.0)
    assert claim is not None
    with pytest.raises(RefusedError, match="1 of these jobs"):
        await house.forgetting.forget(actor(), ADA.id)
    assert house.eraser.people == []
    assert (await house.store.get(job.id)).cancel_requested
    await house.store.cancelled(job.id, claim.fence, gpu_ms=1, now=2.0)
    await house.forgetting.forget(actor(), ADA.id)
    assert house.eraser.people == [ADA.id]


async def test_the_messages_on_discord_are_to_go_too(house: House) -> None:
    await house.job("a")
    await house.store.shown_at("a", 42)
    await house.job("b")
    await house.forgetting.forget(actor(), ADA.id)
    assert await house.notices.keys() == ["gone:20:42"]
