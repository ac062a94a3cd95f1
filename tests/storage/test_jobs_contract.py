"""What every JobStore promises, told as stories and run on each of them."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import pytest

from core.edits import Box, Edit, Op, Painter
from core.errors import BusyError, ImageNotFoundError, JobNotFoundError, QueueFullError
from core.estimates import Measured
from core.jobs import MAX_ATTEMPTS, Image, Job, NewJob, Outcome, State, Waiting
from core.ports import Admission, JobStore
from core.request import Lane, Source
from tests.storage.build import (
    ADA,
    AT_THE_SHELL,
    BEN,
    ON_DISCORD,
    AtMost,
    anything,
    full_job,
    new_job,
    pictures,
    request,
)
from tests.storage.conftest import POSTGRES, STORES


async def queued(store: JobStore, new: NewJob | None = None) -> Job:
    return (await store.admit(new or new_job(), anything)).job


async def claimed(store: JobStore, new: NewJob | None = None, *, by: str = "me") -> Job:
    job = await queued(store, new)
    found = await store.claim(job.id, by=by, now=100.0, lease_until=130.0)
    assert found is not None
    return found


async def finished(store: JobStore, new: NewJob | None = None, *, gpu_ms: int = 800) -> Job:
    job = await claimed(store, new)
    done = await store.finish(
        job.id, job.fence, images=pictures(job.id), grid="grid.png", gpu_ms=gpu_ms, now=200.0
    )
    assert done is not None
    return done


async def lines(store: JobStore, job_id: str) -> list[tuple[str, int, float]]:
    return [(line.kind, line.gpu_ms, line.at) for line in await store.ledger(job_id)]


def nobody_is_dead(holder: str) -> bool:
    return False


class TestAdmission:
    async def test_a_job_comes_back_as_it_went_in(self, store: JobStore) -> None:
        new = full_job()
        admission = await store.admit(new, anything)
        assert admission.job == Job(
            id=new.id,
            interaction_id=new.interaction_id,
            owner=new.owner,
            place=new.place,
            request=new.request,
            state=State.QUEUED,
            reserve_ms=1000,
            created_at=new.created_at,
            parent=new.parent,
        )
        assert not admission.repeated
        assert await store.get(new.id) == admission.job

    async def test_where_easel_was_only_brought_along_is_kept(self, store: JobStore) -> None:
        new = new_job(place=replace(ON_DISCORD, server_id=0, abroad=True))
        await store.admit(new, anything)
        assert (await store.get(new.id)).place == new.place

    async def test_its_estimate_is_held(self, store: JobStore) -> None:
        job = await queued(store, new_job(BEN))
        (line,) = await store.ledger(job.id)
        assert (line.owner_id, line.server_id) == (BEN.id, ON_DISCORD.server_id)
        assert (line.kind, line.gpu_ms, line.at) == ("reserve", 1000, job.created_at)

    async def test_a_replayed_interaction_is_the_same_job(self, store: JobStore) -> None:
        new = new_job()
        first = await store.admit(new, anything)
        again = await store.admit(replace(new, id="another-id"), AtMost(0))
        assert again.repeated
        assert again.job == first.job
        assert len(await store.history(None)) == 1
        assert len(await store.ledger()) == 1

    async def test_a_replayed_interaction_is_known_after_the_job_ended(
        self, store: JobStore
    ) -> None:
        new = new_job()
        job = await finished(store, new)
        again = await store.admit(new, AtMost(0))
        assert again.repeated
        assert again.job == job

    async def test_a_refusal_leaves_no_trace(self, store: JobStore) -> None:
        with pytest.raises(QueueFullError):
            await store.admit(new_job(), AtMost(0))
        assert await store.history(None) == []
        assert await store.ledger() == []

    async def test_the_check_is_shown_what_the_owner_has_open(self, store: JobStore) -> None:
        await queued(store)
        await queued(store)
        await claimed(store)
        await finished(store)
        await queued(store, new_job(BEN))
        check = AtMost(10)
        await store.admit(new_job(), check)
        (usage,) = check.shown
        assert (usage.waiting, usage.running) == (2, 1)

    async def test_fifty_clicks_at_once_against_a_limit_of_ten_admit_ten(
        self, store: JobStore
    ) -> None:
        async def click() -> Admission:
            new = new_job()
            while True:
                # A slow machine may answer “try again”, with nothing done.
                with suppress(BusyError):
                    return await store.admit(new, AtMost(10))

        answers = await asyncio.gather(*(click() for _ in range(50)), return_exceptions=True)
        kinds = Counter(type(answer).__name__ for answer in answers)
        assert kinds == {"Admission": 10, "QueueFullError": 40}
        assert len(await store.waiting()) == 10
        assert len(await store.ledger()) == 10

    async def test_one_interaction_arriving_ten_times_at_once_is_one_job(
        self, store: JobStore
    ) -> None:
        new = new_job()
        answers = await asyncio.gather(
            *(store.admit(replace(new, id=f"{new.id}-{n}"), anything) for n in range(10))
        )
        assert len({answer.job.id for answer in answers}) == 1
        assert [answer.repeated for answer in answers].count(False) == 1

    async def test_a_job_that_brings_its_pictures_is_done_and_free(self, store: JobStore) -> None:
        grid = await finished(store)
        third = await store.image(grid.id, 3)
        new = new_job(images=(third,), reserve_ms=500, created_at=150.0)
        job = (await store.admit(new, anything)).job
        assert job.state is State.DONE
        assert (job.reserve_ms, job.cost_ms, job.grid) == (0, 0, "")
        assert job.finished_at == new.created_at
        assert await store.images(job.id) == [replace(third, job_id=job.id, number=1)]
        assert await store.ledger(job.id) == []
        assert [owed.id for owed in await store.undelivered()] == [job.id, grid.id]


class TestReading:
    async def test_what_was_never_there_is_not_found(self, store: JobStore) -> None:
        job = await finished(store)
        with pytest.raises(JobNotFoundError):
            await store.get("nothing")
        with pytest.raises(ImageNotFoundError):
            await store.image("nothing", 1)
        with pytest.raises(ImageNotFoundError):
            await store.image(job.id, 5)
        assert await store.images("nothing") == []
        assert await store.ledger("nothing") == []

    async def test_the_waiting_are_listed_oldest_first(self, store: JobStore) -> None:
        late = await queued(store, new_job(created_at=50.0))
        early = await queued(store, new_job(BEN, created_at=40.0, request=request(lane=Lane.RELAX)))
        await claimed(store)
        assert await store.waiting() == [
            Waiting(
                id=early.id,
                owner_id=BEN.id,
                server_id=7,
                lane=Lane.RELAX,
                reserve_ms=1000,
                created_at=40.0,
                model="postcard",
                work=early.request.work,
            ),
            Waiting(
                id=late.id,
                owner_id=ADA.id,
                server_id=7,
                lane=Lane.FAST,
                reserve_ms=1000,
                created_at=50.0,
                model="postcard",
                work=late.request.work,
            ),
        ]

    async def test_what_an_inpainting_model_paints_counts_as_that_models(
        self, store: JobStore
    ) -> None:
        painter = Painter(model="fill", steps=20, guidance=7.0)
        edit = Edit(op=Op.REGION, parts=(Box(0, 0, 0.5, 1),), painter=painter)
        asked = request(edit=edit, source=Source("picture.png", 1.0))
        job = await queued(store, new_job(request=asked))
        (one,) = await store.waiting()
        assert (one.model, one.work) == ("fill", asked.work)
        assert (await store.get(job.id)).request == asked
        await finished(store, new_job(request=asked))
        assert [one.model for one in await store.measured()] == ["fill"]

    async def test_what_waits_says_whether_it_was_tried(self, store: JobStore) -> None:
        expected: dict[str, bool] = {}
        for tried in (True, False):
            job = await claimed(store)
            await store.requeue(job.id, job.fence, tried=tried)
            expected[job.id] = tried
        assert {one.id: one.tried for one in await store.waiting()} == expected

    async def test_the_waiting_can_be_read_page_by_page(self, store: JobStore) -> None:
        for id, at in (("c", 10.0), ("a", 20.0), ("b", 20.0), ("d", 30.0)):
            await queued(store, new_job(id=id, created_at=at))
        first = await store.waiting(limit=2)
        assert [job.id for job in first] == ["c", "a"]
        rest = await store.waiting((20.0, "a"))
        assert [job.id for job in rest] == ["b", "d"]
        assert [job.id for job in await store.waiting((10.0, "c"), limit=1)] == ["a"]
        assert await store.waiting((30.0, "d")) == []

    async def test_the_running_are_listed(self, store: JobStore) -> None:
        await queued(store)
        running = await claimed(store)
        await finished(store)
        assert await store.running() == [running]

    async def test_history_is_newest_first_of_one_or_of_all(self, store: JobStore) -> None:
        old = await queued(store, new_job(created_at=10.0))
        bens = await queued(store, new_job(BEN, created_at=20.0))
        new = await queued(store, new_job(created_at=30.0))
        assert await store.history(ADA.id) == [new, old]
        assert await store.history(None) == [new, bens, old]
        assert await store.history(None, limit=2) == [new, bens]
        assert await store.history(99) == []

    async def test_history_of_one_moment_has_a_fixed_order(self, store: JobStore) -> None:
        for id in ("b", "a", "c"):
            await queued(store, new_job(id=id, created_at=10.0))
        assert [job.id for job in await store.history(None)] == ["c", "b", "a"]

    async def test_what_finished_jobs_cost_is_told_oldest_first(self, store: JobStore) -> None:
        # Four pictures of a quarter of a megapixel, 20 steps: 20 megapixel-steps.
        await finished(store, gpu_ms=1000)
        last = await finished(store, new_job(request=request(model="sdxl", steps=10)), gpu_ms=5000)
        await claimed(store, new_job(request=request(model="unfinished")))
        told = await store.measured()
        assert Measured(model="postcard", work=20.0, cost_ms=1000) in told
        assert Measured(model="sdxl", work=last.request.work, cost_ms=5000) in told
        assert len(told) == 2
        assert len(await store.measured(limit=1)) == 1

    async def test_nothing_is_measured_before_a_job_finished(self, store: JobStore) -> None:
        job = await claimed(store)
        await store.cancelled(job.id, job.fence, gpu_ms=500, now=200.0)
        assert await store.measured() == []


class TestClaiming:
    async def test_a_claim_takes_the_job_under_a_lease(self, store: JobStore) -> None:
        job = await queued(store)
        running = await store.claim(job.id, by="me", now=100.0, lease_until=130.0)
        assert running == replace(
            job,
            state=State.RUNNING,
            attempts=1,
            fence=1,
            leased_by="me",
            lease_until=130.0,
            started_at=100.0,
        )
        assert await store.get(job.id) == running

    async def test_of_many_claims_at_once_one_wins(self, store: JobStore) -> None:
        job = await queued(store)
        answers = await asyncio.gather(
            *(store.claim(job.id, by=f"{n}", now=100.0, lease_until=130.0) for n in range(20))
        )
        (winner,) = [answer for answer in answers if answer is not None]
        assert await store.get(job.id) == winner
        assert winner.attempts == 1

    async def test_what_is_not_queued_cannot_be_claimed(self, store: JobStore) -> None:
        for job in (await claimed(store), await finished(store)):
            assert await store.claim(job.id, by="you", now=300.0, lease_until=330.0) is None
            assert await store.get(job.id) == job
        assert await store.claim("nothing", by="me", now=0.0, lease_until=1.0) is None

    async def test_the_holder_extends_its_lease(self, store: JobStore) -> None:
        job = await claimed(store)
        assert await store.extend_lease(job.id, job.fence, 160.0) is False
        assert (await store.get(job.id)).lease_until == 160.0

    async def test_a_heartbeat_brings_the_wish_to_cancel(self, store: JobStore) -> None:
        job = await claimed(store)
        await store.cancel(job.id, 110.0)
        assert await store.extend_lease(job.id, job.fence, 160.0) is True

    async def test_a_heartbeat_for_what_ended_says_the_lease_is_lost(self, store: JobStore) -> None:
        job = await finished(store)
        assert await store.extend_lease(job.id, job.fence, 160.0) is None
        assert await store.extend_lease("nothing", 1, 160.0) is None


class TestTheFence:
    async def test_a_late_result_is_not_wanted(self, store: JobStore) -> None:
        late = await claimed(store, by="slow")
        await store.recover(131.0, nobody_is_dead)
        await self._holds_nothing(store, late)
        now_mine = await store.claim(late.id, by="quick", now=140.0, lease_until=170.0)
        assert now_mine is not None
        assert now_mine.fence == late.fence + 1
        await self._holds_nothing(store, late)
        assert await store.get(late.id) == now_mine
        assert await lines(store, late.id) == [("reserve", 1000, late.created_at)]

    async def _holds_nothing(self, store: JobStore, late: Job) -> None:
        before = await store.get(late.id)
        id, fence = late.id, late.fence
        assert await store.extend_lease(id, fence, 999.0) is None
        some = pictures(id)
        assert await store.finish(id, fence, images=some, grid="late", gpu_ms=1, now=150.0) is None
        assert await store.fail(id, fence, sentence="late", now=150.0) is None
        assert await store.cancelled(id, fence, gpu_ms=1, now=150.0) is None
        assert await store.requeue(id, fence) is None
        assert await store.get(id) == before
        assert await store.images(id) == []

    async def test_a_result_counts_once(self, store: JobStore) -> None:
        job = await finished(store)
        again = await store.finish(
            job.id, job.fence, images=pictures(job.id), grid="again", gpu_ms=9, now=300.0
        )
        assert again is None
        assert await store.get(job.id) == job
        assert len(await store.ledger(job.id)) == 2


class TestEndings:
    async def test_a_finished_job_has_its_pictures_and_costs_what_it_took(
        self, store: JobStore
    ) -> None:
        running = await claimed(store)
        job = await store.finish(
            running.id,
            running.fence,
            images=pictures(running.id),
            grid="grid.png",
            gpu_ms=1300,
            now=200.0,
            note="The end was not read.",
        )
        assert job == replace(
            running,
            state=State.DONE,
            error="The end was not read.",
            cost_ms=1300,
            finished_at=200.0,
            grid="grid.png",
            leased_by="",
            lease_until=0.0,
        )
        assert await store.get(running.id) == job
        assert await store.images(running.id) == pictures(running.id)
        assert await store.image(running.id, 2) == pictures(running.id)[1]
        assert await lines(store, running.id) == [
            ("reserve", 1000, running.created_at),
            ("settle", 300, 200.0),
        ]

    async def test_a_failed_job_is_refunded_whole(self, store: JobStore) -> None:
        running = await claimed(store)
        job = await store.fail(running.id, running.fence, sentence="It broke.", now=200.0)
        assert job is not None
        assert (job.state, job.error, job.cost_ms) == (State.FAILED, "It broke.", 0)
        assert job.finished_at == 200.0
        assert await lines(store, job.id) == [
            ("reserve", 1000, job.created_at),
            ("refund", -1000, 200.0),
        ]

    async def test_a_cancelled_job_costs_what_it_had_used(self, store: JobStore) -> None:
        running = await claimed(store)
        await store.cancel(running.id, 150.0)
        job = await store.cancelled(running.id, running.fence, gpu_ms=250, now=200.0)
        assert job is not None
        assert (job.state, job.cost_ms, job.finished_at) == (State.CANCELLED, 250, 200.0)
        assert await lines(store, job.id) == [
            ("reserve", 1000, job.created_at),
            ("settle", -750, 200.0),
        ]

    async def test_a_requeued_job_keeps_its_reservation_and_its_turn(self, store: JobStore) -> None:
        running = await claimed(store)
        younger = await queued(store)
        job = await store.requeue(running.id, running.fence)
        assert job is not None
        assert (job.state, job.attempts, job.fence) == (State.QUEUED, 1, 1)
        assert (job.leased_by, job.lease_until) == ("", 0.0)
        assert [waiting.id for waiting in await store.waiting()] == [job.id, younger.id]
        assert await lines(store, job.id) == [("reserve", 1000, job.created_at)]
        again = await store.claim(job.id, by="me", now=300.0, lease_until=330.0)
        assert again is not None
        assert (again.attempts, again.fence, again.started_at) == (2, 2, 300.0)

    async def test_an_attempt_that_was_not_the_jobs_fault_does_not_count(
        self, store: JobStore
    ) -> None:
        running = await claimed(store)
        job = await store.requeue(running.id, running.fence, tried=False)
        assert job is not None
        assert (job.state, job.attempts, job.fence) == (State.QUEUED, 0, 1)
        again = await store.claim(job.id, by="me", now=300.0, lease_until=330.0)
        assert again is not None
        assert (again.attempts, again.fence) == (1, 2)


class TestCancelling:
    async def test_a_waiting_job_is_cancelled_at_once_for_nothing(self, store: JobStore) -> None:
        waiting = await queued(store)
        job = await store.cancel(waiting.id, 50.0)
        assert (job.state, job.cost_ms, job.finished_at) == (State.CANCELLED, 0, 50.0)
        assert await store.get(job.id) == job
        assert await lines(store, job.id) == [
            ("reserve", 1000, job.created_at),
            ("refund", -1000, 50.0),
        ]
        assert await store.claim(job.id, by="me", now=60.0, lease_until=90.0) is None

    async def test_a_running_job_is_asked_to_stop(self, store: JobStore) -> None:
        running = await claimed(store)
        job = await store.cancel(running.id, 150.0)
        assert job == replace(running, cancel_requested=True)
        assert await store.cancel(running.id, 160.0) == job

    async def test_an_ended_job_stays_as_it_is(self, store: JobStore) -> None:
        done = await finished(store)
        gone = await store.cancel((await queued(store)).id, 50.0)
        running = await claimed(store)
        failed = await store.fail(running.id, running.fence, sentence="No.", now=150.0)
        for job in (done, gone, failed):
            assert job is not None
            assert await store.cancel(job.id, 300.0) == job
            assert len(await store.ledger(job.id)) == 2

    async def test_an_unknown_job_cannot_be_cancelled(self, store: JobStore) -> None:
        with pytest.raises(JobNotFoundError):
            await store.cancel("nothing", 1.0)

    async def test_the_wish_to_cancel_outlives_a_requeue(self, store: JobStore) -> None:
        running = await claimed(store)
        await store.cancel(running.id, 150.0)
        job = await store.requeue(running.id, running.fence)
        assert job is not None
        assert job.cancel_requested


class TestRecovery:
    async def test_what_is_held_by_the_living_under_a_lease_is_left_alone(
        self, store: JobStore
    ) -> None:
        job = await claimed(store)
        await queued(store)
        await finished(store)
        assert await store.recover(129.9, nobody_is_dead) == []
        assert await store.get(job.id) == job

    async def test_the_job_of_a_dead_holder_is_queued_again_at_once(self, store: JobStore) -> None:
        lost = await claimed(store, by="dead")
        await claimed(store, by="alive")
        (job,) = await store.recover(101.0, lambda holder: holder == "dead")
        assert job == replace(lost, state=State.QUEUED, leased_by="", lease_until=0.0)
        assert await store.get(lost.id) == job
        assert await lines(store, lost.id) == [("reserve", 1000, lost.created_at)]

    async def test_a_lease_that_is_over_gives_the_job_back(self, store: JobStore) -> None:
        lost = await claimed(store)
        (job,) = await store.recover(130.0, nobody_is_dead)
        assert (job.id, job.state) == (lost.id, State.QUEUED)
        assert await store.recover(130.0, nobody_is_dead) == []

    async def test_a_job_that_cost_its_worker_three_times_fails(self, store: JobStore) -> None:
        job = await queued(store)
        for attempt in range(1, MAX_ATTEMPTS + 1):
            claim = await store.claim(job.id, by="dead", now=100.0, lease_until=130.0)
            assert claim is not None
            assert claim.attempts == attempt
            (job,) = await store.recover(200.0, nobody_is_dead)
        assert (job.state, job.cost_ms, job.finished_at) == (State.FAILED, 0, 200.0)
        assert "3 times" in job.error
        assert await lines(store, job.id) == [
            ("reserve", 1000, job.created_at),
            ("refund", -1000, 200.0),
        ]

    async def test_a_lost_job_that_should_stop_is_cancelled_for_nothing(
        self, store: JobStore
    ) -> None:
        lost = await claimed(store)
        await store.cancel(lost.id, 110.0)
        (job,) = await store.recover(140.0, nobody_is_dead)
        assert (job.state, job.cost_ms, job.finished_at) == (State.CANCELLED, 0, 140.0)
        assert await lines(store, job.id) == [
            ("reserve", 1000, job.created_at),
            ("refund", -1000, 140.0),
        ]


class TestDelivery:
    async def test_what_ended_on_discord_is_owed_until_delivered(self, store: JobStore) -> None:
        await queued(store)
        await claimed(store)
        await finished(store, new_job(place=AT_THE_SHELL))
        done = await finished(store)
        gone = await store.cancel((await queued(store)).id, 150.0)
        assert await store.undelivered() == [gone, done]
        assert await store.undelivered(limit=1) == [gone]
        await store.delivered(gone.id, Outcome.EDITED_BY_TOKEN, 210.0)
        await store.delivered(done.id, Outcome.POSTED, 220.0)
        assert await store.undelivered() == []

    async def test_a_delivery_is_noted_with_its_message(self, store: JobStore) -> None:
        job = await finished(store)
        await store.delivered(job.id, Outcome.POSTED, 250.0, message_id=2**62)
        delivered = await store.get(job.id)
        assert delivered.delivered_at == 250.0
        assert delivered.outcome is Outcome.POSTED
        assert delivered.message_id == 2**62

    async def test_the_first_delivery_counts(self, store: JobStore) -> None:
        job = await finished(store)
        await store.delivered(job.id, Outcome.POSTED, 250.0)
        await store.delivered(job.id, Outcome.HISTORY_ONLY, 260.0)
        delivered = await store.get(job.id)
        assert (delivered.delivered_at, delivered.outcome) == (250.0, Outcome.POSTED)

    async def test_the_message_that_shows_the_job_is_kept(self, store: JobStore) -> None:
        job = await queued(store)
        await store.shown_at(job.id, 42)
        assert (await store.get(job.id)).message_id == 42
        await store.delivered(job.id, Outcome.EDITED_BY_TOKEN, 250.0)
        assert (await store.get(job.id)).message_id == 42

    async def test_a_token_is_forgotten_when_it_is_of_no_more_use(self, store: JobStore) -> None:
        dead, delivered = await finished(store), await finished(store)
        await store.token_died(dead.id)
        await store.delivered(delivered.id, Outcome.EDITED_BY_TOKEN, 250.0)
        assert (await store.get(dead.id)).token_dead
        assert not (await store.get(delivered.id)).token_dead
        for job in (dead, delivered):
            assert (await store.get(job.id)).place == replace(ON_DISCORD, token="")

    async def test_posting_tells_when_the_first_post_began(self, store: JobStore) -> None:
        job = await finished(store)
        assert await store.posting(job.id, 250.0) == 250.0
        assert await store.posting(job.id, 260.0) == 250.0
        assert (await store.get(job.id)).post_began_at == 250.0

    async def test_notes_about_an_unknown_job_are_refused(self, store: JobStore) -> None:
        for note in (
            store.shown_at("nothing", 1),
            store.token_died("nothing"),
            store.posting("nothing", 1.0),
            store.delivered("nothing", Outcome.POSTED, 1.0),
        ):
            with pytest.raises(JobNotFoundError):
                await note


class TestTheLedger:
    async def test_all_lines_are_listed_in_the_order_they_were_written(
        self, store: JobStore
    ) -> None:
        first = await queued(store)
        second = await finished(store)
        await store.cancel(first.id, 300.0)
        assert [(line.job_id, line.kind) for line in await store.ledger()] == [
            (first.id, "reserve"),
            (second.id, "reserve"),
            (second.id, "settle"),
            (first.id, "refund"),
        ]

    async def test_a_job_cannot_cost_less_than_nothing(self, store: JobStore) -> None:
        job = await finished(store, gpu_ms=-5)
        assert job.cost_ms == 0
        assert sum(line.gpu_ms for line in await store.ledger(job.id)) == 0


@pytest.mark.skipif(POSTGRES not in os.environ, reason=f"{POSTGRES} is not set")
def test_the_suite_runs_on_postgresql() -> None:
    assert "postgres" in STORES


async def test_numbers_of_discords_size_fit(store: JobStore) -> None:
    big = 2**63 - 1
    place = replace(ON_DISCORD, server_id=big, channel_id=big, reply_to=big)
    new = new_job(replace(ADA, id=big), place)
    assert (await store.admit(new, anything)).job.place == place
    await store.shown_at(new.id, big)
    (job,) = await store.history(big)
    assert (job.owner.id, job.message_id) == (big, big)
    picture = Image(job_id=new.id, number=1, blob="x", width=1, height=1, seed=2**32 - 1)
    await store.claim(new.id, by="me", now=1.0, lease_until=2.0)
    await store.finish(new.id, 1, images=[picture], grid="g", gpu_ms=2**40, now=2.0)
    assert await store.images(new.id) == [picture]
    assert (await store.get(new.id)).cost_ms == 2**40
