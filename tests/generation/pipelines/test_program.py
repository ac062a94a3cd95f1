"""The whole of it: the engine, a real worker with torch, and the model in the box."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.events import Cancelled, Event, Failed, FailureKind, Finished, Progress, Started, Task
from generation.engines.subprocess import SubprocessEngine
from generation.postcard import NATIVE_SIZE, WEIGHTS
from tests.generation.build import a_task
from tests.generation.engines.test_subprocess import children, environment_of

pytestmark = pytest.mark.xdist_group("worker")


@pytest.fixture
async def engine(folders: dict[str, Path], tmp_path: Path) -> AsyncIterator[SubprocessEngine]:
    """On a worker that knows the model `sd`, and `broken`, which is nowhere."""
    file = tmp_path / "models.toml"
    file.write_text(f'[sd]\nsource = "{folders["sd"]}"\n[broken]\nsource = "/no/such/folder"\n')
    command = [sys.executable, "-P", "-m", "generation.worker"]
    command += ["--models-file", str(file), "--device", "cpu", "--preview-every", "2"]
    secrets = {"DISCORD_TOKEN": "sesame", "EASEL_DATABASE_URL": "sesame", "HF_TOKEN": "sesame"}
    made = SubprocessEngine(command, environment=dict(os.environ) | secrets)
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
