"""A job whose worker is gone: the picture that comes is the one that would have come."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

import diffusers
import numpy
import pytest
import torch
from PIL import Image
from safetensors import safe_open

from core.events import Cancelled, Event, Failed, FailureKind, Finished, Progress, Started
from core.request import Lane, Source
from core.samplers import BASIC
from generation import rescue
from generation.checkpoints import (
    Checkpoint,
    Keeper,
    UnfitError,
    described,
    mark_of,
    read,
    restore_state,
    state_of,
    write,
)
from generation.painter import Painter
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Made, Make, catalogue

JSON = bool | int | float | str | list | None
CLASSES = ["DDIMScheduler", "DPMSolverMultistepScheduler", "EulerAncestralDiscreteScheduler"]
SAMPLERS = [name for name in BASIC if name not in ("ipndm", "dpm++2m-sde-heun", "dpm++3m-sde")]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "j.safetensors"


def interrupted(make: Make, kept: Path, at: int, **changes: Any) -> Made:
    """A task that is stopped after so many steps, and has left its checkpoint."""
    stop = Flag()

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.step == at:
            stop.set()

    made = make(checkpoint=str(kept), listen=listen, halt=stop, **changes)
    assert isinstance(made.ending, Cancelled)
    assert kept.exists()
    return made


@pytest.mark.parametrize("name", [None, *SAMPLERS])
def test_a_rescued_grid_is_the_same_to_the_last_bit(make: Make, kept: Path, name: str | None):
    changes: dict[str, Any] = {"sampler": name, "steps": 9, "count": 2}
    interrupted(make, kept, 7, **changes)
    rescued = make(checkpoint=str(kept), resume=True, **changes)
    assert rescued.events[0] == Started("j2", 9)
    assert rescued.steps == [4, 5, 6, 7, 8, 9]
    assert rescued.pixels == make(**changes).pixels


@pytest.mark.parametrize("cautious", [False, True])
@pytest.mark.parametrize("at", [4, 11])
def test_so_is_one_of_two_stages_in_either_of_them(make: Make, kept: Path, at: int, cautious: bool):
    changes: dict[str, Any] = {"steps": 8, "count": 2, "hires": 1.5, "exp": 30, "tile": True}
    changes["cautious"] = cautious
    interrupted(make, kept, at, **changes)
    rescued = make(checkpoint=str(kept), resume=True, **changes)
    assert rescued.steps[0] > 1
    assert rescued.steps[-1] == 12 * (2 if cautious else 1)
    assert rescued.pixels == make(**changes).pixels


def test_so_is_one_that_is_to_stop_early(make: Make, kept: Path):
    changes: dict[str, Any] = {"steps": 12, "count": 2, "stop": 75, "sampler": "heun"}
    interrupted(make, kept, 7, **changes)
    rescued = make(checkpoint=str(kept), resume=True, **changes)
    assert rescued.steps[0] > 1
    assert rescued.steps[-1] == 9
    assert rescued.pixels == make(**changes).pixels


@pytest.mark.parametrize("model", ["small", "xl"])
@pytest.mark.parametrize("sampler", [None, "EulerAncestralDiscreteScheduler", "DDPMScheduler"])
def test_so_is_a_variation(make: Make, kept: Path, tmp_path: Path, model: str, sampler: str | None):
    Image.effect_noise((64, 64), 90).convert("RGB").save(tmp_path / "source.png")
    changes: dict[str, Any] = {
        "model": model,
        "sampler": sampler,
        "steps": 12,
        "source": Source("key", 0.75),
        "source_path": str(tmp_path / "source.png"),
    }
    interrupted(make, kept, 6, **changes)
    rescued = make(checkpoint=str(kept), resume=True, **changes)
    assert rescued.steps == [4, 5, 6, 7, 8, 9]
    assert rescued.pixels == make(**changes).pixels


def test_so_is_a_careful_one_in_the_middle_of_its_third_picture(make: Make, kept: Path):
    changes: dict[str, Any] = {"cautious": True, "steps": 6}
    interrupted(make, kept, 17, **changes)
    rescued = make(checkpoint=str(kept), resume=True, **changes)
    assert rescued.steps[0] == 16
    assert rescued.pixels == make(**changes).pixels


def test_so_is_one_that_is_rescued_again_and_again(make: Make, kept: Path):
    changes: dict[str, Any] = {"steps": 14, "sampler": "EulerAncestralDiscreteScheduler"}
    interrupted(make, kept, 5, **changes)
    assert interrupted(make, kept, 9, resume=True, **changes).steps[0] == 4
    rescued = make(checkpoint=str(kept), resume=True, **changes)
    assert rescued.steps[0] == 8
    assert rescued.pixels == make(**changes).pixels


def test_the_denoiser_computes_only_what_was_not_kept(
    make: Make, kept: Path, monkeypatch: pytest.MonkeyPatch
):
    interrupted(make, kept, 7, steps=9)
    rounds: list[int] = []
    forward = diffusers.UNet2DConditionModel.forward

    def counted(self: Any, *arguments: Any, **named: Any) -> Any:
        rounds.append(1)
        return forward(self, *arguments, **named)

    monkeypatch.setattr(diffusers.UNet2DConditionModel, "forward", counted)
    make(checkpoint=str(kept), resume=True, steps=9)
    assert len(rounds) == 5


def test_time_spent_on_what_was_kept_is_counted_once(make: Make, kept: Path):
    interrupted(make, kept, 7, steps=9)
    mark = mark_in(kept)
    checkpoint = read(kept, mark)
    assert checkpoint is not None
    write(kept, replace(checkpoint, used_ms=60_000), mark)
    rescued = make(checkpoint=str(kept), resume=True, steps=9)
    assert isinstance(rescued.ending, Finished)
    assert 60_000 < rescued.ending.gpu_ms < 70_000


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "a dog"},
        {"seed": 8},
        {"steps": 10},
        {"model": "small"},
        {"sampler": "DDIMScheduler"},
        {"cautious": True},
        {"width": 96},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_another_picture_starts_over(
    make: Make, kept: Path, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
):
    interrupted(make, kept, 7, steps=9)
    changes = {"steps": 9} | changes
    made = make(changes.pop("text", "a cat"), checkpoint=str(kept), resume=True, **changes)
    assert isinstance(made.ending, Finished)
    assert made.steps[0] == 1
    assert len([m for m in caplog.messages if "starts over" in m]) == 1


def test_a_lane_changes_no_picture(make: Make, kept: Path):
    interrupted(make, kept, 7, steps=9)
    assert make(checkpoint=str(kept), resume=True, steps=9, lane=Lane.RELAX).steps[0] == 4


def test_without_leave_to_resume_it_starts_over(make: Make, kept: Path):
    interrupted(make, kept, 7, steps=9)
    assert make(checkpoint=str(kept), steps=9).steps[0] == 1


def damage(kept: Path, how: str) -> None:
    data = bytearray(kept.read_bytes())
    match how:
        case "cut":
            del data[len(data) // 2 :]
        case "bit":
            data[-100] ^= 1
        case "empty":
            data.clear()
        case _:
            data[:] = b"not at all" * 100
    kept.write_bytes(data)


@pytest.mark.parametrize("how", ["cut", "bit", "empty", "other"])
def test_a_damaged_file_starts_over(
    make: Make, kept: Path, how: str, caplog: pytest.LogCaptureFixture
):
    interrupted(make, kept, 7, steps=9)
    damage(kept, how)
    made = make(checkpoint=str(kept), resume=True, steps=9)
    assert isinstance(made.ending, Finished)
    assert made.steps[0] == 1
    assert len([m for m in caplog.messages if "starts over" in m]) == 1


def test_a_checkpoint_that_cannot_be_gone_back_to_starts_over(
    make: Make, kept: Path, monkeypatch: pytest.MonkeyPatch
):
    interrupted(make, kept, 7, steps=9)

    def fails(*_: Any) -> None:
        raise RuntimeError("a scheduler of another shape")

    monkeypatch.setattr(rescue, "restore_state", fails)
    made = make(checkpoint=str(kept), resume=True, steps=9)
    assert made.steps[0] == 1
    monkeypatch.undo()
    assert made.pixels == make(steps=9).pixels


def test_a_folder_that_cannot_be_written_costs_only_the_checkpoints(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "file").touch()
    made = make(checkpoint=str(tmp_path / "file" / "j.safetensors"), steps=12)
    assert isinstance(made.ending, Finished)
    assert len([m for m in caplog.messages if "no checkpoints" in m]) == 1


def test_no_checkpoints_when_they_are_off(folders: dict[str, Path], make: Make, kept: Path):
    painter = Painter(catalogue(folders), device="cpu", checkpoint_every=0)
    assert isinstance(make(by=painter, checkpoint=str(kept), steps=9).ending, Finished)
    assert not kept.exists()


def test_failing_for_want_of_memory_after_a_rescue_is_still_that(
    make: Make, kept: Path, monkeypatch: pytest.MonkeyPatch
):
    interrupted(make, kept, 7, steps=9)

    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(diffusers.AutoencoderKL, "decode", full)
    ending = make(checkpoint=str(kept), resume=True, steps=9).ending
    assert isinstance(ending, Failed)
    assert ending.kind is FailureKind.OUT_OF_MEMORY


# The file and the scheduler's state


def mark_in(kept: Path) -> str:
    with safe_open(kept, framework="pt") as file:
        return (file.metadata() or {})["mark"]


class Sampler:
    """Keeps a bit of everything between its steps."""

    def __init__(self) -> None:
        self.count, self.scale, self.name, self.none, self.on = 3, 0.1, "text", None, True
        self.outputs = [None, torch.arange(6.0).reshape(1, 2, 3).permute(0, 2, 1)]
        self.pair = (1, torch.ones(2, dtype=torch.bfloat16))
        self.table = {"a": torch.zeros(0), "b": [torch.tensor(True)]}
        self.array, self.scalar = numpy.linspace(0, 1, 3), numpy.float64(0.3)
        self.infinity = float("inf")
        self.function = len
        self.object = object()


def test_every_kind_of_number_a_scheduler_keeps_comes_back(kept: Path):
    sampler = Sampler()
    checkpoint = Checkpoint(
        step=4,
        calls=4,
        used_ms=12,
        latents=torch.randn(1, 4, 8, 8).to(memory_format=torch.channels_last),
        scheduler=state_of(sampler),
        generators=[torch.Generator().manual_seed(1).get_state()],
        pictures=[],
    )
    sampler.outputs[1] += 1  # a copy was kept
    write(kept, checkpoint, "mark")
    found = read(kept, "mark")
    assert found is not None
    assert torch.equal(found.latents, checkpoint.latents)
    assert found.latents.stride() == checkpoint.latents.stride()
    other = Sampler()
    for name in vars(other):
        setattr(other, name, None)
    restore_state(other, found.scheduler, torch.device("cpu"))
    fresh = Sampler()
    for name in ("count", "scale", "name", "none", "on", "infinity"):
        assert getattr(other, name) == getattr(fresh, name)
    assert other.outputs[0] is None
    assert torch.equal(other.outputs[1], fresh.outputs[1])
    assert other.outputs[1].stride() == fresh.outputs[1].stride()
    assert other.pair[0] == 1
    assert torch.equal(other.pair[1], fresh.pair[1])
    assert other.table["a"].shape == (0,)
    assert other.table["b"][0].item() is True
    assert numpy.array_equal(other.array, fresh.array)
    assert type(other.scalar) is numpy.float64
    assert other.scalar == fresh.scalar
    assert other.function is None
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_another_mark_is_not_read(kept: Path):
    checkpoint = a_checkpoint()
    assert read(kept, "one") is None
    write(kept, checkpoint, "one")
    with pytest.raises(UnfitError, match="another request, model or version"):
        read(kept, "two")
    assert mark_of(a_request(seed=1)) != mark_of(a_request(seed=2))


@pytest.mark.parametrize("name", CLASSES)
def test_the_mark_of_a_sampler_is_made_of_what_it_was_told_and_not_of_diffusers_notes(name: str):
    """The notes are made from sets, whose order is another one in the next worker."""
    scheduler: Any = getattr(diffusers, name)()
    notes = dict(scheduler.config)["_use_default_values"]
    before = described(scheduler)
    scheduler.register_to_config(_use_default_values=notes[::-1])
    assert described(scheduler) == before
    assert all(isinstance(one, JSON) for one in before["config"].values())


def a_checkpoint(step: int = 1) -> Checkpoint:
    return Checkpoint(
        step=step,
        calls=step,
        used_ms=0,
        latents=torch.zeros(1),
        scheduler={},
        generators=[],
        pictures=[],
    )


@pytest.mark.parametrize("every", [1, 2, 5, 7])
def test_never_more_steps_than_promised_lie_behind_the_last_checkpoint(kept: Path, every: int):
    """Even the one that is being made counts, and writing is as slow as can be."""
    with ThreadPoolExecutor(1) as pool:
        keeper = Keeper(kept, "mark", pool, every)
        for step in range(1, 40):
            before = read(kept, "mark")
            assert step - (before.step if before else 0) <= every
            keeper.after(step, lambda step=step: a_checkpoint(step))
        keeper.wait()
