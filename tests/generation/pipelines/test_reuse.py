"""Rounds that are estimated: fewer forwards, nearly the same picture, the same in any company."""

# pyright: basic
from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from PIL import Image, ImageChops, ImageStat

from core.events import Cancelled, Event, Finished, Progress, Started
from core.models import Catalogue
from core.request import Source
from core.reuse import is_computed
from core.speed import Speed
from generation.painter import Painter
from generation.parking import Asked
from generation.postcard import WEIGHTS
from generation.reuse import Reuse, _Memory
from tests.generation.pipelines.conftest import Made, Make, catalogue, furthest

LONG: dict[str, Any] = {"steps": 14, "count": 2, "sampler": "EulerDiscreteScheduler"}
ON = Speed(feature_cache="on")


@pytest.fixture(scope="module")
def thrifty(folders: dict[str, Path]) -> Iterator[Painter]:
    made = Painter(catalogue(folders), device="cpu", preview_every=2, speed=ON)
    yield made
    made.close()


@pytest.fixture
def forwards(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of every forward of a UNet."""
    rows: list[int] = []
    forward = UNet2DConditionModel.forward

    @functools.wraps(forward)
    def counted(self: Any, sample: Any, *arguments: Any, **named: Any) -> Any:
        rows.append(len(sample))
        return forward(self, sample, *arguments, **named)

    monkeypatch.setattr(UNet2DConditionModel, "forward", counted)
    return rows


def computed(steps: int) -> int:
    return sum(is_computed(index, steps) for index in range(steps))


def test_a_long_picture_takes_fewer_forwards_and_is_nearly_the_same(
    make: Make, thrifty: Painter, forwards: list[int]
) -> None:
    made = make(by=thrifty, **LONG)
    assert isinstance(made.ending, Finished)
    assert len(forwards) == computed(14) == 10
    assert made.steps == list(range(1, 15))
    whole = make(**LONG)
    assert len(forwards) == 10 + 14
    assert made.pixels != whole.pixels
    far = [
        max(ImageStat.Stat(ImageChops.difference(*pair)).mean)
        for pair in zip(made.pictures, whole.pictures, strict=True)
    ]
    assert max(far) < 4


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": 8},
        {"steps": 14, "sampler": "HeunDiscreteScheduler"},
        {"steps": 14, "sampler": "LCMScheduler"},
    ],
    ids=["short", "two calls a step", "fresh noise"],
)
def test_where_there_is_nothing_to_spare_nothing_changes(
    make: Make, thrifty: Painter, changes: dict[str, Any]
) -> None:
    task = {"count": 1, "sampler": "EulerDiscreteScheduler"} | changes
    assert make(by=thrifty, **task).pixels == make(**task).pixels


def test_a_picture_is_the_same_in_company_and_alone_and_without_its_grid(
    make: Make, thrifty: Painter, forwards: list[int]
) -> None:
    tasks: list[dict[str, Any]] = [
        LONG,
        LONG | {"steps": 20, "seed": 3, "guidance": 7.0},
        LONG | {"steps": 16, "seed": 4, "sampler": "EulerAncestralDiscreteScheduler"},
        LONG | {"steps": 5, "seed": 5},
        LONG | {"seed": 6, "cautious": True},
    ]
    ready = threading.Barrier(len(tasks))

    def listen(event: Event) -> None:
        if isinstance(event, Started):
            ready.wait()

    with ThreadPoolExecutor(len(tasks)) as pool:
        making = [pool.submit(make, by=thrifty, listen=listen, **task) for task in tasks]
        together: list[Made] = [one.result() for one in making]
    assert max(forwards) > 4, "nobody shared a forward"
    for made, task in zip(together, tasks, strict=True):
        assert isinstance(made.ending, Finished)
        alone = make(by=thrifty, **task)
        assert made.pixels == alone.pixels
    single = make(by=thrifty, **(LONG | {"count": 1}))
    assert furthest(single.pictures[0], together[0].pictures[0]) <= 1


def test_whoever_has_it_off_is_not_touched_by_one_who_has_it_on(
    folders: dict[str, Path], make: Make
) -> None:
    """Two models of one server, one of which its operator has made faster."""
    lines = [f'[{name}]\nsource = "{folders["sd"]}"\n' for name in ("plain", "fast")]
    painter = Painter(Catalogue.parse("".join([*lines, 'feature_cache = "on"\n'])), device="cpu")
    ready = threading.Barrier(2)

    def listen(event: Event) -> None:
        if isinstance(event, Started):
            ready.wait()

    with ThreadPoolExecutor(2) as pool:
        making = [
            pool.submit(make, by=painter, listen=listen, model=name, **LONG)
            for name in ("plain", "fast")
        ]
        plain, fast = (one.result() for one in making)
    painter.close()
    assert plain.pixels == make(**LONG).pixels != fast.pixels


@pytest.mark.parametrize("family", ["flux", "sd2", "sd3"])
def test_other_families_can_too(make: Make, thrifty: Painter, family: str) -> None:
    task: dict[str, Any] = {"model": family, "steps": 14, "count": 1}
    made, whole = make(by=thrifty, **task), make(**task)
    assert isinstance(made.ending, Finished)
    assert made.steps == whole.steps
    assert made.pixels != whole.pixels
    assert max(ImageStat.Stat(ImageChops.difference(made.pictures[0], whole.pictures[0])).mean) < 8


def test_it_costs_its_owner_less(make: Make, thrifty: Painter) -> None:
    task = LONG | {"steps": 30}
    make(by=thrifty, steps=1)
    make(steps=1)
    less, whole = make(by=thrifty, **task).ending, make(**task).ending
    assert isinstance(less, Finished) and isinstance(whole, Finished)
    assert less.gpu_ms < 0.9 * whole.gpu_ms


@pytest.mark.parametrize(
    ("sampler", "at"),
    [
        ("EulerDiscreteScheduler", 7),
        ("EulerDiscreteScheduler", 10),
        ("DPMSolverMultistepScheduler", 11),
    ],
)
def test_a_rescued_one_is_the_same_to_the_last_bit(
    make: Make, thrifty: Painter, tmp_path: Path, sampler: str, at: int
) -> None:
    stop, kept = Flag(), tmp_path / "kept" / "j.safetensors"
    task = LONG | {"sampler": sampler, "by": thrifty}

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.step == at:
            stop.set()

    assert isinstance(
        make(checkpoint=str(kept), listen=listen, halt=stop, **task).ending, Cancelled
    )
    rescued = make(checkpoint=str(kept), resume=True, **task)
    assert rescued.steps[0] > 1
    assert rescued.pixels == make(**task).pixels
    # Somebody who computes every round begins anew.
    again = make(checkpoint=str(kept), resume=True, **(LONG | {"sampler": sampler}))
    assert again.steps[0] == 1


def test_a_variation_and_one_that_stops_early_leave_rounds_out_too(
    make: Make, thrifty: Painter, forwards: list[int], tmp_path: Path
) -> None:
    Image.effect_noise((64, 64), 90).convert("RGB").save(tmp_path / "source.png")
    source = {"source": Source("key", 0.5), "source_path": str(tmp_path / "source.png")}
    make(by=thrifty, **(LONG | {"steps": 28} | source))
    assert len(forwards) == computed(14)
    forwards.clear()
    make(by=thrifty, **(LONG | {"steps": 28, "stop": 50}))
    # Counted from those that are made: the last two are computed.
    assert len(forwards) == computed(14)


# One call after the other


class Model(torch.nn.Module):
    """Answers as it is told."""


class Sampler:
    order = 1

    def __init__(self, *times: float) -> None:
        self.timesteps = torch.tensor(times)


class Pipeline:
    def __init__(self, scheduler: Any, **parts: torch.nn.Module) -> None:
        self.scheduler = scheduler
        self.__dict__ |= parts


def asked(module: torch.nn.Module, rows: int = 1, kind: Any = "step") -> Asked:
    return Asked(module, module, "forward", kind, (torch.ones(rows, 4),), {})


def run(
    reuse: Reuse, pipeline: Any, modules: list[tuple[torch.nn.Module, int]], rounds: int
) -> list[list[Any]]:
    """What each call of each round is answered, where a call that is computed is answered with
    three times its round, or None instead where it was computed."""
    now = 0
    parked: list[bool] = []

    def park(call: Asked) -> Any:
        parked.append(True)
        return (torch.full((len(call.arguments[0]), 4), 3.0 * now),)

    ask = reuse.through(pipeline, park)
    found = []
    for now in range(rounds):
        line = []
        for module, rows in modules:
            parked.clear()
            answer = ask(asked(module, rows))
            line.append(None if parked else answer[0])
        found.append(line)
        reuse.after(now, rounds)
    return found


def left_out(found: list[list[Any]], call: int = 0) -> list[int]:
    return [index for index, line in enumerate(found) if line[call] is not None]


def test_what_is_estimated_lies_on_the_line_through_the_last_two() -> None:
    model = Model()
    pipeline = Pipeline(Sampler(*(float(99 - n) for n in range(14))), unet=model)
    found = run(Reuse(), pipeline, [(model, 2)], 14)
    assert left_out(found) == [5, 7, 9, 11]
    # Linear in time, so exactly what the model would have said.
    for index in left_out(found):
        assert torch.allclose(found[index][0], torch.full((2, 4), 3.0 * index))


def test_each_call_of_a_round_has_a_line_of_its_own() -> None:
    one, other = Model(), Model()
    pipeline = Pipeline(Sampler(*range(14, 0, -1)), transformer=one, transformer_2=other)
    found = run(Reuse(), pipeline, [(one, 1), (one, 2), (other, 1)], 14)
    assert [left_out(found, call) for call in range(3)] == [[5, 7, 9, 11]] * 3
    assert found[5][1].shape == (2, 4)


def test_a_model_that_is_no_denoiser_is_always_computed() -> None:
    unet, control = Model(), Model()
    pipeline = Pipeline(Sampler(*range(14, 0, -1)), unet=unet, controlnet=control)
    found = run(Reuse(), pipeline, [(control, 1), (unet, 1)], 14)
    assert left_out(found, 0) == [] and left_out(found, 1) == [5, 7, 9, 11]


def test_what_changes_its_shape_or_stands_still_in_time_is_computed() -> None:
    memory = _Memory()
    for time in (9.0, 8.0):
        memory.keep("shape", time, (torch.full((1,), time),))
    found = memory.estimate("shape", 7.0)
    assert found is not None and found[0].item() == found.sample.item() == 7.0
    assert memory.estimate("shape", 8.0) is memory.estimate("shape", 8.5) is None
    assert memory.estimate("other", 7.0) is None
    memory.keep("other", 7.0, (torch.ones(2),))
    assert memory.estimate("other", 6.0) is None
    still = Pipeline(Sampler(*[5.0] * 14), unet=(model := Model()))
    assert left_out(run(Reuse(), still, [(model, 1)], 14)) == []


def test_half_precision_and_lists_of_pictures_come_back_as_they_came() -> None:
    memory = _Memory()
    for time in (9.0, 8.0):
        answer = [torch.full((1,), time).bfloat16(), torch.full((2,), 2 * time).bfloat16()]
        memory.keep(None, time, (answer,))
        # What a pipeline does to what it is given is not remembered.
        answer[0].zero_()
    found = memory.estimate(None, 7.0)
    assert found is not None
    assert [one.tolist() for one in found[0]] == [[7.0], [14.0, 14.0]]
    assert {one.dtype for one in found[0]} == {torch.bfloat16}


@pytest.mark.parametrize(
    "scheduler", [Sampler(1.0, 2.0), object(), type("LCMScheduler", (Sampler,), {})(*range(14))]
)
def test_a_sampler_that_does_not_tell_its_times_is_left_alone(scheduler: Any) -> None:
    model = Model()
    assert left_out(run(Reuse(), Pipeline(scheduler, unet=model), [(model, 1)], 14)) == []


# What it does to pictures that mean something


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="the embedded model has not been trained yet")
def test_the_model_in_the_box_draws_what_was_asked_for(make: Make) -> None:
    painter = Painter(Catalogue.parse(""), device="cpu", speed=ON)
    plain = Painter(Catalogue.parse(""), device="cpu")
    task: dict[str, Any] = {"model": "postcard", "width": 128, "height": 128, "steps": 24}
    found = [
        make("a red lighthouse by day", by=by, count=1, **task).pictures for by in (painter, plain)
    ]
    painter.close()
    plain.close()
    decibels = [psnr(*pair) for pair in zip(*found, strict=True)]
    assert min(decibels) > 30, decibels


def psnr(one: Image.Image, other: Image.Image) -> float:
    error = sum(part**2 for part in ImageStat.Stat(ImageChops.difference(one, other)).rms) / 3
    return float(10 * torch.log10(torch.tensor(255.0**2 / max(error, 1e-9))))
