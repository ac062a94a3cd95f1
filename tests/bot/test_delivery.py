"""The loop that brings ended jobs to their owners: nothing forgotten, nothing twice, nobody held
up by somebody else's channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.delivery import AT_ONCE_PER_CHANNEL, BATCH, Delivery
from bot.ending import Endings
from bot.ladder import Ladder
from bot.render import Renderer
from bot.turns import Turns
from core.board import Board
from core.errors import BusyError, SettingsError
from core.jobs import Image, Outcome
from core.models import PRESETS, Catalogue
from storage.blobs import LocalBlobs
from tests.bot.faults import refusal
from tests.bot.messenger import MIB, FakeMessenger
from tests.bot.rest import rest, use_one_thread
from tests.builders import CHANNEL, NOON, FakeClock, new_job
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.worker import grid

PLACE = replace(CHANNEL, token_expires_at=NOON + 900)


def job_id(number: int) -> str:
    return f"{number:020x}"


class Post:
    """A delivery with a Discord that can be held back."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.store = MemoryJobStore()
        self.board = Board()
        self.turns = Turns()
        self.messenger = FakeMessenger()
        self.blobs = LocalBlobs(folder)
        ladder = Ladder(
            self.store,
            self.messenger,  # type: ignore[arg-type]
            Endings(self.store, self.blobs, Renderer(Catalogue(PRESETS))),
            self.clock,
            upload_bytes=10 * MIB,
        )
        self.delivery = Delivery(self.store, self.board, ladder, self.turns, self.clock)

    async def done(self, number: int, *, channel: int = 20) -> str:
        id = job_id(number)
        new = new_job(id, place=replace(PLACE, channel_id=channel, token=f"t{number}"))
        await self.store.admit(new, lambda usage: None)
        job = await self.store.claim(id, by="w", now=NOON, lease_until=NOON + 9)
        assert job is not None
        blob = await self.blobs.put(grid(job.request), ".png")
        image = Image(job_id=id, number=1, blob=blob, width=8, height=8, seed=1)
        await self.store.finish(id, job.fence, images=[image], grid=blob, gpu_ms=1, now=NOON)
        return id

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.delivery.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def delivered(self, *numbers: int) -> None:
        """Until these have been delivered."""
        async with asyncio.timeout(10):
            for number in numbers:
                while (await self.store.get(job_id(number))).delivered_at is None:
                    await asyncio.sleep(0)

    async def pass_time(self, seconds: float) -> None:
        """As if time went by and the loop woke by itself."""
        self.clock.advance(seconds)
        self.delivery._bell.ring()
        await rest()


@pytest.fixture
async def post(tmp_path: Path) -> Post:
    use_one_thread()
    await LocalBlobs.open(tmp_path)
    return Post(tmp_path)


async def test_what_was_done_and_not_delivered_is_delivered_at_the_start(post: Post) -> None:
    await post.done(1)
    await post.done(2)
    async with post.running():
        await post.delivered(1, 2)
    assert sorted(place for _, place, _ in post.messenger.calls) == ["t1", "t2"]


async def test_a_job_that_ends_is_delivered_at_once(post: Post) -> None:
    async with post.running():
        await rest()
        id = await post.done(1)
        post.board.changed(id)
        await post.delivered(1)


async def test_a_job_that_ended_without_a_word_is_found_by_the_sweep(post: Post) -> None:
    async with post.running():
        await rest()
        await post.done(1)
        await rest()
        assert post.messenger.calls == []
        await post.pass_time(31)
        await post.delivered(1)


async def test_many_words_about_one_job_deliver_it_once(post: Post) -> None:
    id = await post.done(1)
    async with post.running():
        for _ in range(5):
            post.board.changed(id)
            await asyncio.sleep(0)
        await post.delivered(1)
        post.board.changed(id)
        await post.pass_time(60)
    assert len(post.messenger.calls) == 1


async def test_a_job_that_is_being_answered_is_left_alone(post: Post) -> None:
    id = await post.done(1)
    async with post.running():
        with post.turns.answering(f"interaction of {id}"):
            await rest()
            assert post.messenger.calls == []
            await post.store.shown_at(id, 77)
        await post.delivered(1)
    assert (await post.store.get(id)).outcome is Outcome.EDITED_BY_TOKEN


async def test_a_refusal_for_now_is_tried_again_ever_more_rarely(post: Post) -> None:
    await post.done(1)
    post.messenger.will("token", *[refusal(500)] * 4)
    async with post.running():
        await rest()
        for pause, calls in ((0.9, 1), (0.2, 2), (1.8, 2), (0.3, 3), (3.8, 3), (0.3, 4), (8.1, 5)):
            await post.pass_time(pause)
            assert len(post.messenger.calls) == calls, pause
        await post.delivered(1)


async def test_discords_own_wish_to_wait_is_kept(post: Post) -> None:
    await post.done(1)
    post.messenger.will("token", refusal(429, 0, {"Retry-After": "40"}))
    async with post.running():
        await rest()
        await post.pass_time(39)
        assert len(post.messenger.calls) == 1
        await post.pass_time(2)
        await post.delivered(1)


async def test_a_pause_is_never_longer_than_five_minutes(post: Post) -> None:
    await post.done(1)
    post.messenger.will("token", *[refusal(503, 130000)] * 12)
    async with post.running():
        await rest()
        for _ in range(12):
            await post.pass_time(301)
        await post.delivered(1)


async def test_a_channel_that_does_not_answer_holds_up_no_other(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = asyncio.Event()
    real = post.messenger.edit_by_token
    under_way: list[str] = []

    async def edit_by_token(token: str, message: object) -> int:
        if token != "t99":
            under_way.append(token)
            await stuck.wait()
        return await real(token, message)  # type: ignore[arg-type]

    monkeypatch.setattr(post.messenger, "edit_by_token", edit_by_token)
    for number in range(1, 30):
        await post.done(number, channel=20)
    await post.done(99, channel=21)
    async with post.running():
        await post.delivered(99)
        await rest()
        assert len(under_way) == AT_ONCE_PER_CHANNEL
        stuck.set()
        await post.delivered(*range(1, 30))


async def test_jobs_that_cannot_be_delivered_hide_no_others(post: Post) -> None:
    refused = [refusal(500)] * BATCH
    for number in range(1, BATCH + 1):
        await post.done(number, channel=number)
    post.messenger.will("token", *refused)
    async with post.running():
        await rest()
        while len(post.messenger.calls) < BATCH:
            await rest()
        await post.done(500, channel=500)
        post.messenger.will("token", *refused, *refused, *refused)
        post.delivery._sweep_at = post.clock.now()
        post.delivery._bell.ring()
        await rest()
        while not any(place == "t500" for _, place, _ in post.messenger.calls):
            await rest()


async def test_one_broken_job_is_set_aside(
    post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = post.store.images

    async def images(id: str) -> object:
        if id == job_id(1):
            raise ValueError("a bug of ours")
        return await real(id)

    monkeypatch.setattr(post.store, "images", images)
    await post.done(1)
    post.store._jobs[job_id(1)] = replace(post.store._jobs[job_id(1)], grid="")
    await post.done(2)
    async with post.running() as task:
        await post.delivered(2)
        await rest()
        assert not task.done()
    assert f"delivering job {job_id(1)} failed" in caplog.text


async def test_a_busy_database_is_asked_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    await post.done(1)
    real, failures = post.store.undelivered, [BusyError(), BusyError()]

    async def undelivered(*, limit: int = 100) -> object:
        if failures:
            raise failures.pop()
        return await real(limit=limit)

    monkeypatch.setattr(post.store, "undelivered", undelivered)
    async with post.running():
        await rest()
        await post.pass_time(1.1)
        await post.pass_time(1.1)
        await post.delivered(1)


async def test_a_bot_that_is_turned_away_ends_the_loop(post: Post) -> None:
    await post.done(1)
    post.messenger.will("token", refusal(404, 10015))
    post.messenger.will("post", refusal(401))
    async with post.running() as task:
        await rest()
        with pytest.raises(ExceptionGroup) as caught:
            await asyncio.wait_for(task, 5)
    assert caught.group_contains(SettingsError)


async def test_jobs_of_the_shell_are_not_discords(post: Post) -> None:
    await post.done(1)
    post.store._jobs[job_id(1)] = replace(
        post.store._jobs[job_id(1)], place=replace(PLACE, channel_id=0)
    )
    async with post.running():
        post.board.changed(job_id(1))
        await rest()
    assert post.messenger.calls == []
