"""The queue as a member sees his part of it, and an admin the server's."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.admin import Stewardship
from core.compose import Limits
from core.errors import BannedError, NotAdminError, NotYoursError
from core.jobs import Actor, Job, Owner, State
from core.models import Catalogue
from core.overview import Overview
from core.queue import Queue
from core.studio import Studio
from storage.blobs import LocalBlobs
from tests.builders import ADA, BO, CHANNEL, FakeClock, actor, new_job
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.memory_wishes import MemoryWishes
from tests.fakes.pictures import some_pictures

HERE = CHANNEL.server_id
ELSEWHERE = HERE + 1
MEMBER = actor(ADA, server_id=HERE)
ADMIN = actor(BO, server_id=HERE, administers=True)


@dataclass
class Town:
    store: MemoryJobStore
    steward: Stewardship
    overview: Overview
    clock: FakeClock
    count: int = 0

    async def ask(self, owner: Owner = ADA, server_id: int = HERE) -> Job:
        self.count += 1
        place = replace(CHANNEL, server_id=server_id)
        new = new_job(
            f"{self.count:020}", owner=owner, place=place, created_at=self.clock.now() + self.count
        )
        return (await self.store.admit(new, lambda _: None)).job

    async def begin(self, job: Job) -> None:
        now = self.clock.now()
        assert await self.store.claim(job.id, by="worker", now=now, lease_until=now + 30)


@pytest.fixture
async def town(clock: FakeClock, tmp_path: Path) -> Town:
    store, catalogue = MemoryJobStore(), Catalogue.parse("[postcard]")
    queue = Queue(store, clock, devices=1)

    def moved(job_id: str) -> None: ...

    steward = Stewardship(store.rules, store, catalogue, queue=queue, clock=clock, moved=moved)
    blobs = await LocalBlobs.open(tmp_path)
    studio = Studio(
        store,
        blobs,
        catalogue,
        limits=Limits(),
        queue=queue,
        clock=clock,
        rng=random.Random(1),
        moved=moved,
        pictures=some_pictures(blobs),
        book=store.rules,
        wishes=MemoryWishes(),
    )
    return Town(store, steward, Overview(studio, steward), clock)


async def test_a_member_sees_his_own_jobs_wherever_they_are_and_nobody_elses(town: Town):
    mine, _, away = await town.ask(), await town.ask(BO), await town.ask(server_id=ELSEWHERE)
    shown = await town.overview.own(MEMBER)
    assert {receipt.job.id for receipt in shown.receipts} == {mine.id, away.id}
    assert not shown.admin
    assert shown.more == 0


async def test_a_banned_member_sees_nothing(town: Town):
    await town.steward.ban(ADMIN, HERE, ADA.id)
    with pytest.raises(BannedError):
        await town.overview.own(MEMBER)


async def test_an_admin_sees_all_of_the_server_the_running_first_and_no_other_server(town: Town):
    first, second, third = await town.ask(), await town.ask(BO), await town.ask()
    away = await town.ask(server_id=ELSEWHERE)
    await town.begin(second)
    shown = await town.overview.of_server(ADMIN, HERE)
    ids = [receipt.job.id for receipt in shown.receipts]
    assert ids[0] == second.id
    assert set(ids) == {first.id, second.id, third.id}
    assert away.id not in ids
    assert shown.admin
    assert shown.more == 0


async def test_who_is_no_admin_of_that_server_sees_nothing_of_it(town: Town):
    with pytest.raises(NotAdminError):
        await town.overview.of_server(MEMBER, HERE)
    with pytest.raises(NotAdminError):
        await town.overview.of_server(ADMIN, ELSEWHERE)


async def test_the_house_says_whether_the_server_is_paused(town: Town):
    await town.steward.pause(ADMIN, HERE, paused=True)
    assert (await town.overview.of_server(ADMIN, HERE)).house.paused


async def test_what_waits_in_a_paused_server_is_still_listed_without_a_place(town: Town):
    mine, others = await town.ask(), await town.ask(BO)
    await town.steward.pause(ADMIN, HERE, paused=True)
    town.clock.advance(10)
    shown = await town.overview.of_server(ADMIN, HERE)
    assert [receipt.job.id for receipt in shown.receipts] == [mine.id, others.id]
    assert {receipt.standing.place for receipt in shown.receipts} == {0}
    assert shown.more == 0


async def test_an_admin_cancels_on_his_server_and_not_on_another(town: Town):
    here, away = await town.ask(), await town.ask(server_id=ELSEWHERE)
    assert (await town.overview.cancel(ADMIN, here.id)).state is State.CANCELLED
    with pytest.raises(NotYoursError):
        await town.overview.cancel(ADMIN, away.id)


async def test_the_admin_role_cancels_like_an_admin(town: Town):
    await town.steward.set_admin_role(ADMIN, HERE, 77)
    job = await town.ask()
    warden: Actor = actor(Owner(9, "warden"), server_id=HERE, role_ids=frozenset({77}))
    assert (await town.overview.cancel(warden, job.id)).state is State.CANCELLED


async def test_a_member_cancels_his_own_and_nobody_elses(town: Town):
    mine, others = await town.ask(), await town.ask(BO)
    assert (await town.overview.cancel(MEMBER, mine.id)).state is State.CANCELLED
    with pytest.raises(NotYoursError):
        await town.overview.cancel(MEMBER, others.id)
