"""Edits of a running job: one at a time, not too often, and never after the last word."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.messenger import Post
from bot.progress import Progress
from bot.render import Renderer
from bot.turns import Turns
from core.board import Board
from core.jobs import Job
from core.models import PRESETS, Catalogue
from tests.bot.faults import refusal
from tests.bot.messenger import FakeMessenger
from tests.bot.rest import rest, use_one_thread
from tests.builders import CHANNEL, NOON, FakeClock, new_job
from tests.fakes.memory_store import MemoryJobStore

JOB = "00000000000000000001"


class Naps:
    """Sleeps that last until the test says so."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self._over.clear()
        await self._over.wait()

    def over(self) -> None:
        self._over.set()


class Show:
    def __init__(self) -> None:
        self.store = MemoryJobStore()
        self.board, self.turns, self.clock = Board(), Turns(), FakeClock()
        self.messenger, self.naps = FakeMessenger(), Naps()
        self.progress = Progress(
            self,  # type: ignore[arg-type] # of the studio, only its store is asked
            self.board,
            self.messenger,  # type: ignore[arg-type]
            Renderer(Catalogue(PRESETS)),
            self.turns,
            self.clock,
            every_seconds=2.5,
            sleep=self.naps,
        )

    async def running(self) -> Job:
        place = replace(CHANNEL, token_expires_at=NOON + 900)
        await self.store.admit(new_job(JOB, place=place), lambda usage: None)
        await self.store.shown_at(JOB, 500)
        job = await self.store.claim(JOB, by="w", now=NOON, lease_until=NOON + 9)
        assert job is not None
        self.board.started(JOB, 20)
        return job

    def texts(self) -> list[str]:
        return [post.content.rsplit(" ", 1)[1] for _, _, post in self.messenger.calls]


@pytest.fixture
async def show() -> object:
    use_one_thread()
    show = Show()
    task = asyncio.create_task(show.progress.run())
    yield show
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_many_steps_make_few_edits(show: Show) -> None:
    await show.running()
    await rest()
    for step in range(1, 11):
        show.board.progress(JOB, step, 20)
        await rest()
    assert show.texts() == ["(0%)"]
    show.naps.over()
    await rest()
    assert show.texts() == ["(0%)", "(50%)"]
    assert show.naps.asked == [2.5, 2.5]


async def test_nothing_new_is_nothing_sent(show: Show) -> None:
    await show.running()
    await rest()
    show.naps.over()
    show.board.progress(JOB, 0, 20)
    await rest()
    assert show.texts() == ["(0%)"]


async def test_a_preview_is_sent_once(show: Show, tmp_path: Path) -> None:
    await show.running()
    await rest()
    preview = tmp_path / "preview-4.png"
    preview.write_bytes(b"png")
    sent: list[bool] = []
    for step in (4, 5, 6):
        show.board.progress(JOB, step, 20)
        show.board.preview(JOB, preview)
        show.naps.over()
        await rest()
        sent.append(show.messenger.calls[-1][2].uploads is not None)
    assert sent == [True, False, False]


async def test_a_preview_whose_file_is_gone_is_left_out(show: Show, tmp_path: Path) -> None:
    await show.running()
    show.board.preview(JOB, tmp_path / "gone.png")
    await rest()
    assert show.messenger.calls[-1][2].uploads is None


async def test_the_last_word_waits_for_an_edit_under_way_and_none_follows(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await show.running()
    arrived, go_on = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def slow(token: str, post: Post) -> int:
        arrived.set()
        await go_on.wait()
        order.append("progress")
        return 500

    monkeypatch.setattr(show.messenger, "edit_by_token", slow)
    await arrived.wait()

    async def last_word() -> None:
        async with show.turns.of(JOB):
            order.append("result")

    await show.store.finish(JOB, job.fence, images=[], grid="x", gpu_ms=1, now=NOON)
    show.board.progress(JOB, 19, 20)
    final = asyncio.create_task(last_word())
    await rest()
    assert order == []
    go_on.set()
    await final
    show.naps.over()
    await rest()
    assert order == ["progress", "result"]


async def test_no_edit_before_the_first_answer(show: Show) -> None:
    with show.turns.answering(f"interaction of {JOB}"):
        await show.running()
        await rest()
        assert show.messenger.calls == []
    await rest()
    assert show.texts() == ["(0%)"]


async def test_a_dead_token_goes_on_as_the_bot(show: Show) -> None:
    show.messenger.will("token", refusal(401, 50027))
    await show.running()
    await rest()
    assert (await show.store.get(JOB)).token_dead
    show.board.progress(JOB, 10, 20)
    show.naps.over()
    await rest()
    assert show.messenger.kinds() == ["token", "edit"]


@pytest.mark.parametrize("error", [refusal(404, 10008), refusal(400, 200000), refusal(403, 50001)])
async def test_a_message_that_is_gone_or_refused_is_left_alone(
    show: Show, error: Exception
) -> None:
    show.messenger.will("token", error)
    await show.running()
    await rest()
    show.naps.over()
    await rest()
    assert len(show.messenger.calls) == 1


async def test_a_hiccup_is_no_reason_to_stop(show: Show) -> None:
    show.messenger.will("token", refusal(500))
    await show.running()
    await rest()
    show.board.progress(JOB, 10, 20)
    show.naps.over()
    await rest()
    assert show.texts() == ["(0%)", "(50%)"]


async def test_after_a_second_start_it_is_followed_again(show: Show) -> None:
    job = await show.running()
    await rest()
    await show.store.requeue(JOB, job.fence)
    show.board.changed(JOB)
    show.naps.over()
    await rest()
    await show.store.claim(JOB, by="w", now=NOON, lease_until=NOON + 9)
    show.board.started(JOB, 20)
    show.board.progress(JOB, 4, 20)
    await rest()
    assert show.texts() == ["(0%)", "(20%)"]
