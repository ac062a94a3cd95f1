"""Jobs from waiting to ended, as their owners would tell it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.board import Board
from core.edits import Edit, Op
from core.errors import BusyError, DiskFullError
from core.events import FailureKind
from core.jobs import MAX_ATTEMPTS, Job, State
from core.ports import Usage
from core.request import HouseStyle, Source
from generation import dispatcher as module
from generation.dispatcher import Dispatcher, Terms
from storage.blobs import LocalBlobs
from tests.builders import ADA, BO, NOON, FakeClock, new_job, request
from tests.fakes.engine import FakeEngine
from tests.fakes.memory_store import MemoryJobStore

FIRST = "00000000000000000001"
SECOND = "00000000000000000002"
THIRD = "00000000000000000003"


class Shop:
    """A dispatcher on memory, a folder and a scripted engine."""

    def __init__(self, folder: Path, clock: FakeClock, engine: FakeEngine) -> None:
        self.folder = folder
        self.clock = clock
        self.engine = engine
        self.store = MemoryJobStore()
        self.blobs = LocalBlobs(folder / "blobs")
        self.board = Board()
        self.changed = asyncio.Event()
        self.board.listen(lambda _: self.changed.set())
        self.terms = Terms(
            instance="me",
            spool=folder / "spool",
            checkpoints=folder / "checkpoints",
            lease_seconds=30,
            is_dead=lambda holder: holder == "dead",
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Dispatcher]:
        self.blobs = await LocalBlobs.open(self.folder / "blobs")
        dispatcher = Dispatcher(
            self.store, self.blobs, self.engine, self.board, self.clock, self.terms
        )
        running = asyncio.create_task(dispatcher.run())
        try:
            yield dispatcher
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def admit(self, *jobs: str, **changes: object) -> None:
        for job_id in jobs:
            await self.store.admit(new_job(job_id, **changes), _welcome)

    async def when(self, job_id: str, true: Callable[[Job], bool]) -> Job:
        """The job as soon as `true` holds of it."""
        while not true(job := await self.store.get(job_id)):
            self.changed.clear()
            await self.changed.wait()
        return job

    async def ended(self, job_id: str = FIRST) -> Job:
        return await self.when(job_id, lambda job: job.state.ended)


def _welcome(usage: Usage) -> None:
    """Anybody may come in."""


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def shop(tmp_path: Path, clock: FakeClock, engine: FakeEngine) -> Shop:
    return Shop(tmp_path, clock, engine)


async def test_a_waiting_job_becomes_four_kept_pictures_and_a_grid(shop: Shop) -> None:
    await shop.admit(FIRST)
    async with shop.open():
        job = await shop.ended()
    assert job.state is State.DONE
    images = await shop.store.images(FIRST)
    assert [image.number for image in images] == [1, 2, 3, 4]
    assert [image.seed for image in images] == [request().image_seed(k) for k in range(4)]
    for key in [job.grid, *(image.blob for image in images)]:
        assert (await shop.blobs.get(key)).startswith(b"\x89PNG")


async def test_what_it_cost_is_what_the_engine_measured(tmp_path: Path, clock: FakeClock) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(held=True))
    await shop.admit(FIRST, reserve_ms=1000)
    async with shop.open():
        await shop.engine.taken()
        shop.engine.finish(FIRST, gpu_ms=640)
        job = await shop.ended()
    assert job.cost_ms == 640
    assert sum(line.gpu_ms for line in await shop.store.ledger(FIRST)) == 640


async def test_progress_and_previews_show_on_the_board_and_nowhere_else(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(held=True))
    await shop.admit(FIRST)
    async with shop.open():
        await shop.engine.taken()
        shop.engine.step(FIRST, 6)
        shop.engine.preview(FIRST)
        while (glimpse := shop.board.get(FIRST)) is None or glimpse.preview is None:
            shop.changed.clear()
            await shop.changed.wait()
        assert glimpse.percent == 25
        assert glimpse.preview.read_bytes().startswith(b"\x89PNG")
        shop.engine.finish(FIRST)
        await shop.ended()
    assert shop.board.get(FIRST) is None


async def test_the_spool_is_empty_when_a_job_is_over(shop: Shop) -> None:
    await shop.admit(FIRST)
    async with shop.open():
        await shop.ended()
    assert list((shop.folder / "spool" / "me").iterdir()) == []


async def test_what_a_dead_process_left_in_the_spool_is_swept_at_start(shop: Shop) -> None:
    for name in ("dead", "living"):
        (shop.folder / "spool" / name / "task").mkdir(parents=True)
    async with shop.open():
        await shop.admit(FIRST)
        await shop.ended()
    assert not (shop.folder / "spool" / "dead").exists()
    assert (shop.folder / "spool" / "living").exists()


async def test_a_newcomer_is_served_before_the_rest_of_a_long_list(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(held=True))
    await shop.admit(FIRST, SECOND, owner=ADA)
    async with shop.open() as dispatcher:
        await shop.engine.taken(1)
        await shop.admit(THIRD, owner=BO, created_at=NOON + 5)
        dispatcher.wake()
        shop.engine.finish(FIRST)
        assert (await shop.engine.taken(2)).job_id == THIRD


async def test_two_slots_run_two_jobs_at_once_and_no_more(tmp_path: Path, clock: FakeClock) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(slots=2, held=True))
    await shop.admit(FIRST, SECOND, THIRD)
    async with shop.open():
        await shop.engine.taken(2)
        assert sorted(shop.engine.running_ids()) == [FIRST, SECOND]
        shop.engine.finish(FIRST)
        await shop.engine.taken(3)
    assert shop.engine.most_at_once == 2


async def test_a_job_survives_its_worker_dying_once(shop: Shop) -> None:
    shop.engine.will_end(FailureKind.WORKER_DIED, None)
    await shop.admit(FIRST)
    async with shop.open():
        job = await shop.ended()
    assert (job.state, job.attempts) == (State.DONE, 2)


async def test_the_first_rescue_goes_on_and_the_second_starts_afresh_with_care(shop: Shop) -> None:
    shop.engine.will_end(FailureKind.WORKER_DIED, FailureKind.WORKER_DIED, None)
    await shop.admit(FIRST)
    async with shop.open():
        assert (await shop.ended()).state is State.DONE
    assert [task.resume for task in shop.engine.tasks] == [False, True, False]
    assert [task.cautious for task in shop.engine.tasks] == [False, False, True]
    assert len({task.checkpoint for task in shop.engine.tasks}) == 1


async def test_a_job_left_by_a_dead_process_goes_on_where_it_was(shop: Shop) -> None:
    await shop.admit(FIRST)
    await shop.store.claim(FIRST, by="dead", now=NOON, lease_until=NOON + 3600)
    async with shop.open():
        await shop.ended()
    assert shop.engine.tasks[0].resume


@pytest.mark.parametrize("kind", [None, FailureKind.MODEL])
async def test_the_checkpoint_of_a_job_goes_when_it_ends_and_not_before(
    shop: Shop, kind: FailureKind | None
) -> None:
    kept = a_checkpoint(shop, FIRST)
    left: list[bool] = []
    shop.board.listen(lambda _: left.append(kept.exists()))
    shop.engine.will_end(FailureKind.WORKER_DIED, kind)
    await shop.admit(FIRST)
    async with shop.open():
        await shop.ended()
        await _until(lambda: not kept.exists())
    assert left[1]


async def test_checkpoints_of_jobs_that_are_over_or_unknown_are_swept_at_start(shop: Shop) -> None:
    await shop.admit(FIRST, SECOND)
    await shop.store.cancel(FIRST, NOON)
    over, waits, unknown = (a_checkpoint(shop, job_id) for job_id in (FIRST, SECOND, THIRD))
    passing = unknown.with_suffix(".77.tmp")
    passing.touch()
    shop.engine.held = True
    async with shop.open():
        await shop.engine.taken()
        assert waits.exists()
        assert [path.exists() for path in (over, unknown, passing)] == [False, False, False]


async def test_the_checkpoint_of_a_job_that_is_cancelled_while_it_waits_goes_too(
    shop: Shop,
) -> None:
    await shop.admit(FIRST, SECOND)
    kept = a_checkpoint(shop, SECOND)
    shop.engine.held = True
    async with shop.open() as dispatcher:
        await shop.engine.taken()
        await shop.store.cancel(SECOND, NOON)
        assert kept.exists()
        shop.clock.advance(5)
        dispatcher.wake()
        await _until(lambda: not kept.exists())


async def test_a_job_past_its_deadline_is_tried_once_more_and_then_refunded(shop: Shop) -> None:
    shop.engine.will_end(FailureKind.DEADLINE, FailureKind.DEADLINE)
    await shop.admit(FIRST, reserve_ms=12_000)
    async with shop.open():
        job = await shop.ended()
    assert [task.resume for task in shop.engine.tasks] == [False, True]
    assert shop.engine.tasks[0].estimate_seconds == 12
    assert (job.state, job.cost_ms) == (State.FAILED, 0)
    assert job.error


async def test_a_job_that_kills_three_workers_is_given_up_and_refunded(shop: Shop) -> None:
    await shop.admit(FIRST, request=request("a bomb [crash]"))
    await shop.admit(SECOND, created_at=NOON + 1)
    async with shop.open():
        job = await shop.ended(FIRST)
        good = await shop.ended(SECOND)
    assert (job.state, job.attempts, job.cost_ms) == (State.FAILED, 3, 0)
    assert job.error == "Easel tried 3 times. The worker stopped in the middle."
    assert good.state is State.DONE


async def test_out_of_memory_is_tried_once_more_with_care_then_refunded(shop: Shop) -> None:
    shop.engine.will_end(FailureKind.OUT_OF_MEMORY, FailureKind.OUT_OF_MEMORY)
    await shop.admit(FIRST)
    async with shop.open():
        job = await shop.ended()
    assert [task.cautious for task in shop.engine.tasks] == [False, True]
    assert job.state is State.FAILED
    assert sum(line.gpu_ms for line in await shop.store.ledger(FIRST)) == 0


async def test_a_broken_model_is_not_tried_again(shop: Shop) -> None:
    shop.engine.will_end(FailureKind.MODEL)
    await shop.admit(FIRST)
    async with shop.open():
        job = await shop.ended()
    assert (job.state, job.attempts) == (State.FAILED, 1)


async def test_cancelling_a_running_job_charges_only_what_was_computed(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(held=True))
    await shop.admit(FIRST)
    async with shop.open() as dispatcher:
        await shop.engine.taken()
        shop.engine.step(FIRST, 3)
        await shop.store.cancel(FIRST, clock.now())
        dispatcher.wake()
        job = await shop.ended()
    assert (job.state, job.cost_ms) == (State.CANCELLED, 30)


async def test_a_cancel_by_another_process_is_seen_however_much_happens_here(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.05)
    shop = Shop(tmp_path, clock, FakeEngine(slots=1, held=True))
    await shop.admit(FIRST)
    async with shop.open() as dispatcher:
        await shop.engine.taken()
        await shop.store.cancel(FIRST, clock.now())
        async with asyncio.timeout(5):
            while FIRST not in shop.engine.cancels:
                dispatcher.wake()
                await asyncio.sleep(0)


async def test_a_result_after_the_lease_passed_on_is_dropped(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(held=True))
    await shop.admit(FIRST)
    async with shop.open():
        await shop.engine.taken()
        clock.advance(31)
        await shop.store.recover(clock.now(), lambda _: False)
        other = await shop.store.claim(FIRST, by="other", now=clock.now(), lease_until=NOON + 99)
        assert other is not None
        shop.engine.finish(FIRST)
        await _until(lambda: not shop.engine.running_ids())
    job = await shop.store.get(FIRST)
    assert (job.state, job.leased_by) == (State.RUNNING, "other")


async def test_a_lost_lease_stops_the_run(tmp_path: Path, clock: FakeClock) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(held=True))
    shop.terms = replace(shop.terms, lease_seconds=0.03)
    await shop.admit(FIRST)
    async with shop.open():
        await shop.engine.taken()
        clock.advance(1)
        await shop.store.recover(clock.now(), lambda _: True)
        await shop.store.claim(FIRST, by="other", now=clock.now(), lease_until=NOON + 99)
        await _until(lambda: FIRST in shop.engine.cancels)


async def test_the_heartbeat_keeps_the_lease_of_a_long_run(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(held=True))
    shop.terms = replace(shop.terms, lease_seconds=0.03)
    await shop.admit(FIRST)
    async with shop.open():
        await shop.engine.taken()
        clock.advance(1)
        await _until_async(
            lambda: shop.store.get(FIRST), lambda job: job.lease_until == NOON + 1.03
        )
        shop.engine.finish(FIRST)
        assert (await shop.ended()).state is State.DONE


async def test_a_job_left_by_a_dead_process_is_run_at_once(shop: Shop) -> None:
    await shop.admit(FIRST)
    await shop.store.claim(FIRST, by="dead", now=NOON, lease_until=NOON + 3600)
    async with shop.open():
        job = await shop.ended()
    assert (job.state, job.attempts) == (State.DONE, 2)


async def test_stopping_puts_a_running_job_back_with_its_reservation(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(held=True))
    await shop.admit(FIRST, reserve_ms=1000)
    async with shop.open():
        await shop.engine.taken()
    job = await shop.store.get(FIRST)
    assert job.state is State.QUEUED
    assert sum(line.gpu_ms for line in await shop.store.ledger(FIRST)) == 1000
    assert shop.engine.left == [FIRST]


async def test_a_job_whose_claim_is_under_way_when_all_stops_goes_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed, answered = asyncio.Event(), asyncio.Event()
    claim = shop.store.claim

    async def slow_claim(*args: Any, **options: Any) -> Job | None:
        job = await claim(*args, **options)
        claimed.set()
        await answered.wait()
        return job

    monkeypatch.setattr(shop.store, "claim", slow_claim)
    await shop.admit(FIRST)
    async with shop.open():
        await claimed.wait()
        asyncio.get_running_loop().call_later(0, answered.set)
    job = await shop.store.get(FIRST)
    assert (job.state, job.attempts) == (State.QUEUED, 0)


async def test_a_job_that_was_taken_and_not_begun_when_all_stops_goes_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[asyncio.Task[None]] = []

    def taken(job_id: str) -> None:
        running[0].cancel()

    await shop.admit(FIRST)
    dispatcher = Dispatcher(shop.store, shop.blobs, shop.engine, shop.board, shop.clock, shop.terms)
    shop.board.listen(taken)
    running.append(asyncio.create_task(dispatcher.run()))
    with pytest.raises(asyncio.CancelledError):
        await running[0]
    job = await shop.store.get(FIRST)
    assert (job.state, job.attempts, shop.engine.tasks) == (State.QUEUED, 0, [])


async def test_a_job_survives_any_number_of_polite_stops_and_goes_on_where_it_was(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(held=True))
    await shop.admit(FIRST)
    for time in range(1, MAX_ATTEMPTS + 2):
        async with shop.open():
            await shop.engine.taken(time)
    assert (await shop.store.get(FIRST)).attempts == 0
    shop.engine.held = False
    async with shop.open():
        job = await shop.ended()
    assert (job.state, job.attempts) == (State.DONE, 1)
    assert [task.resume for task in shop.engine.tasks] == [False, True, True, True, True]
    assert not shop.engine.tasks[-1].cautious


async def test_a_polite_stop_lets_a_running_job_finish_and_takes_no_other(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(held=True))
    await shop.admit(FIRST, SECOND)
    async with shop.open() as dispatcher:
        await shop.engine.taken()
        stopping = asyncio.create_task(dispatcher.stop(grace_seconds=30))
        await asyncio.sleep(0)
        shop.engine.finish(FIRST)
        await stopping
    assert (await shop.store.get(FIRST)).state is State.DONE
    assert (await shop.store.get(SECOND)).state is State.QUEUED


async def test_a_full_disk_refunds_the_job_and_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(self: LocalBlobs, path: Path) -> str:
        raise DiskFullError

    monkeypatch.setattr(LocalBlobs, "put_file", full)
    await shop.admit(FIRST)
    async with shop.open():
        job = await shop.ended()
    assert (job.state, job.error, job.cost_ms) == (State.FAILED, DiskFullError().sentence, 0)


async def test_a_disk_too_full_for_the_database_stops_nobody_else(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = shop.store.finish

    async def full_for_the_first(job_id: str, fence: int, **how: Any) -> Job | None:
        if job_id == FIRST:
            raise DiskFullError
        return await finish(job_id, fence, **how)

    monkeypatch.setattr(shop.store, "finish", full_for_the_first)
    await shop.admit(FIRST)
    await shop.admit(SECOND, created_at=NOON + 1)
    async with shop.open() as dispatcher:
        assert (await shop.ended(SECOND)).state is State.DONE
        assert dispatcher.is_unwritten(FIRST)
        assert not dispatcher.is_unwritten(SECOND)
    assert (await shop.store.get(FIRST)).state is State.RUNNING


async def test_a_busy_database_delays_the_end_but_loses_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0)
    finish, busy = shop.store.finish, iter([True, True, False])

    async def sometimes_busy(*args: object, **kwargs: object) -> Job | None:
        if next(busy):
            raise BusyError
        return await finish(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(shop.store, "finish", sometimes_busy)
    await shop.admit(FIRST)
    async with shop.open():
        assert (await shop.ended()).state is State.DONE


async def test_the_shell_runs_only_its_own_job(shop: Shop) -> None:
    shop.terms = replace(shop.terms, accepts=lambda waiting: waiting.id == SECOND)
    await shop.admit(FIRST, SECOND)
    async with shop.open():
        assert (await shop.ended(SECOND)).state is State.DONE
    assert (await shop.store.get(FIRST)).state is State.QUEUED


async def test_a_variation_is_given_the_picture_it_starts_from(shop: Shop) -> None:
    blobs = await LocalBlobs.open(shop.folder / "blobs")
    key = await blobs.put(b"\x89PNG\r\n\x1a\n of a kind", ".png")
    await shop.admit(FIRST, request=request().variation(key, 9))
    async with shop.open():
        await shop.ended()
    path = shop.engine.tasks[0].source_path
    assert path is not None
    assert Path(path).read_bytes() == b"\x89PNG\r\n\x1a\n of a kind"


async def test_a_part_painted_anew_is_given_its_mask(shop: Shop) -> None:
    blobs = await LocalBlobs.open(shop.folder / "blobs")
    key = await blobs.put(b"\x89PNG\r\n\x1a\n of a kind", ".png")
    mask = await blobs.put(b"\x89PNG\r\n\x1a\n of a mask", ".png")
    edit = Edit(op=Op.REGION, mask=mask)
    await shop.admit(FIRST, request=request(source=Source(key, 1.0), edit=edit))
    async with shop.open():
        await shop.ended()
    path = shop.engine.tasks[0].mask_path
    assert path is not None
    assert Path(path).read_bytes() == b"\x89PNG\r\n\x1a\n of a mask"


async def test_a_style_with_a_picture_is_given_it(shop: Shop) -> None:
    blobs = await LocalBlobs.open(shop.folder / "blobs")
    key = await blobs.put(b"\x89PNG\r\n\x1a\n of a look", ".png")
    look = HouseStyle(blob=key, name="mist")
    await shop.admit(FIRST, request=request(style=look, stylize=300))
    await shop.admit(SECOND, request=request(style=HouseStyle(text="misty"), stylize=300))
    async with shop.open():
        await shop.ended(FIRST)
        await shop.ended(SECOND)
    first, second = shop.engine.tasks
    assert first.style_path is not None
    assert Path(first.style_path).read_bytes() == b"\x89PNG\r\n\x1a\n of a look"
    assert second.style_path is None


async def test_a_picture_that_is_gone_fails_its_variation_with_a_sentence(shop: Shop) -> None:
    await shop.admit(FIRST, request=request().variation("ab" * 32 + ".png", 9))
    async with shop.open():
        job = await shop.ended()
    assert job.state is State.FAILED
    assert job.error
    assert shop.engine.tasks == []


def a_checkpoint(shop: Shop, job_id: str) -> Path:
    path = shop.folder / "checkpoints" / f"{job_id}.safetensors"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return path


async def _until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0)


async def _until_async(read: Callable[[], Awaitable[Job]], true: Callable[[Job], bool]) -> None:
    while not true(await read()):
        await asyncio.sleep(0)
