"""The engine for tests keeps the port's promises."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.events import (
    Cancelled,
    Event,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Preview,
    Progress,
    Started,
    Task,
)
from core.ports import Engine
from tests.fakes.engine import FakeEngine
from tests.generation.build import a_task


async def run(engine: Engine, task: Task) -> list[Event]:
    return [event async for event in engine.run(task)]


async def test_a_free_task_ends_well_at_once(tmp_path: Path):
    engine = FakeEngine()
    async with engine.running():
        events = await run(engine, a_task(tmp_path))
    assert [type(event) for event in events] == [
        Started,
        *[Progress] * 2,
        Preview,
        *[Progress] * 2,
        *[ImageReady] * 4,
        Finished,
    ]
    assert not engine.up


@pytest.mark.parametrize(
    ("marker", "kind"),
    [("[oom]", FailureKind.OUT_OF_MEMORY), ("[crash]", FailureKind.WORKER_DIED)],
)
async def test_markers_mean_what_they_mean_to_the_fake_worker(
    tmp_path: Path, marker: str, kind: FailureKind
):
    ending = (await run(FakeEngine(), a_task(tmp_path, marker)))[-1]
    assert isinstance(ending, Failed)
    assert ending.kind is kind


async def test_endings_can_be_scripted(tmp_path: Path):
    engine = FakeEngine()
    engine.will_end(FailureKind.INTERNAL, None)
    endings = [(await run(engine, a_task(tmp_path)))[-1] for _ in range(2)]
    assert [type(ending) for ending in endings] == [Failed, Finished]


async def test_a_held_task_does_only_what_the_test_says(tmp_path: Path):
    engine = FakeEngine(slots=2, held=True)
    runs = [asyncio.create_task(run(engine, a_task(tmp_path, job_id=name))) for name in ("a", "b")]
    assert (await engine.taken(2)).job_id == "b"
    assert engine.running_ids() == ["a", "b"]
    engine.step("a")
    engine.preview("a")
    engine.finish("a")
    await engine.cancel("b")
    await engine.cancel("nobody")
    made, cancelled = await asyncio.gather(*runs)
    assert [type(event) for event in made[:3]] == [Started, Progress, Preview]
    assert isinstance(made[-1], Finished)
    assert cancelled == [Started("b", 4), Cancelled("b", 0)]
    assert engine.most_at_once == 2
    assert engine.cancels == ["b", "nobody"]
    assert engine.left == []


async def test_a_run_left_early_is_noted(tmp_path: Path):
    engine = FakeEngine(held=True)
    started = engine.run(a_task(tmp_path))
    await anext(started)
    await started.aclose()
    assert engine.left == ["j1"]
    assert engine.running_ids() == []
