"""The whole of it: the engine, a real worker with torch, and the model in the box."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from core.events import (
    Cancelled,
    Event,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Progress,
    Started,
    Task,
)
from core.request import Source
from generation.engines.subprocess import SubprocessEngine
from generation.postcard import NATIVE_SIZE, WEIGHTS
from tests.generation.build import a_task
from tests.generation.engines.test_subprocess import children, environment_of
from tests.generation.pipelines.conftest import furthest


@pytest.fixture
async def engine(folders: dict[str, Path], tmp_path: Path) -> AsyncIterator[SubprocessEngine]:
    """On a worker that knows the model `sd`, and `broken`, which is nowhere."""
    file = tmp_path / "models.toml"
    file.write_text(f'[sd]\nsource = "{folders["sd"]}"\n[broken]\nsource = "/no/such/folder"\n')
    command = [sys.executable, "-P", "-m", "generation.worker"]
    command += ["--models-file", str(file), "--device", "cpu", "--preview-every", "2"]
    command += ["--together", "8"]
    secrets = {"DISCORD_TOKEN": "sesame", "EASEL_DATABASE_URL": "sesame", "HF_TOKEN": "sesame"}
    made = SubprocessEngine(command, together=8, environment=dict(os.environ) | secrets)
    async with made.running():
        yield made
    assert children() == []


async def run(engine: SubprocessEngine, task: Task) -> list[Event]:
    return [event async for event in engine.run(task)]


async def test_a_worker_serves_a_broken_model_a_good_one_a_cancel_and_a_variation(
    engine: SubprocessEngine, tmp_path: Path
):
    broken = (await run(engine, a_task(tmp_path, job_id="a", model="broken")))[-1]
    assert isinstance(broken, Failed)
    assert broken.kind is FailureKind.MODEL
    assert "there is no folder “/no/such/folder”" in broken.sentence
    (pid,) = children()
    assert "sesame" not in environment_of(int(pid))

    made = await run(engine, a_task(tmp_path, job_id="b", model="sd"))
    assert isinstance(made[0], Started)
    assert isinstance(made[-1], Finished)

    cancelled = engine.run(a_task(tmp_path, job_id="c", model="sd", steps=500))
    async for event in cancelled:
        if isinstance(event, Progress) and event.step == 2:
            await engine.cancel("c")
    assert isinstance(event, Cancelled)
    assert event.gpu_ms > 0
    assert children() == [pid]


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="the embedded model has not been trained yet")
async def test_the_model_in_the_box_makes_a_grid(engine: SubprocessEngine, tmp_path: Path):
    size = NATIVE_SIZE
    task = a_task(tmp_path, model="postcard", width=size, height=size, steps=8)
    assert isinstance((await run(engine, task))[-1], Finished)


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="the embedded model has not been trained yet")
async def test_six_members_draw_at_once_and_each_gets_what_was_asked_for(
    engine: SubprocessEngine, tmp_path: Path
):
    """Five at work when a sketch is asked for: it is done before any of them."""
    names = ("long", "longer", "longest", "cancelled", "missing", "sketch")
    steps = dict(zip(names, (30, 34, 38, 500, 20, 4), strict=True))
    ended: list[str] = []
    at_work = {name: asyncio.Event() for name in names}

    def task(name: str, again: str = "") -> Task:
        size = {"width": 64, "height": 64, "model": "postcard", "count": 1, "steps": steps[name]}
        if name == "missing":
            size |= {"source": Source("key", 0.5), "source_path": "/nowhere.png"}
        job_id = name + again
        return a_task(tmp_path, f"a {name} lighthouse", job_id, seed=len(name), **size)

    async def draw(name: str) -> list[Event]:
        events: list[Event] = []
        async for event in engine.run(task(name)):
            events.append(event)
            if isinstance(event, Progress) and event.step == 2:
                at_work[name].set()
            if isinstance(event, Progress) and event.step == 5 and name == "cancelled":
                await engine.cancel(name)
        ended.append(name)
        return events

    # One before the others: until it is ready, a worker is given one job.
    assert isinstance((await run(engine, task("sketch", " first")))[-1], Finished)
    others = [asyncio.create_task(draw(name)) for name in names[:-1]]
    for name in ("long", "longer", "longest"):
        await at_work[name].wait()
    found = {"sketch": await draw("sketch")}
    found |= dict(zip(names, await asyncio.gather(*others), strict=False))

    assert max(map(ended.index, ("sketch", "missing"))) < min(
        map(ended.index, ("long", "longer", "longest"))
    )
    gone, wrong = found["cancelled"][-1], found["missing"][-1]
    assert isinstance(gone, Cancelled)
    assert isinstance(wrong, Failed)
    assert wrong.kind is FailureKind.REQUEST
    assert len([event for event in found["cancelled"] if isinstance(event, Progress)]) < 500
    for name in ("sketch", "long", "longest"):
        made, alone = found[name], await run(engine, task(name, " alone"))
        assert isinstance(made[-1], Finished)
        pairs = zip(pictures(made), pictures(alone), strict=True)
        assert [furthest(one, other) <= 1 for one, other in pairs] == [True]


def pictures(events: list[Event]) -> list[Image.Image]:
    return [Image.open(one.path).convert("RGB") for one in events if isinstance(one, ImageReady)]
