"""Several tasks at once in one painter: each gets the pictures it would get alone."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from PIL import Image

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
)
from core.request import HouseStyle, Part, Source
from core.room import PEAK_BYTES, REST_BYTES, USABLE
from generation.painter import Painter
from generation.room import Room
from tests.generation.pipelines.conftest import Made, Make, catalogue, furthest


@pytest.fixture
def painter(folders: dict[str, Path]) -> Iterator[Painter]:
    made = Painter(catalogue(folders), device="cpu", preview_every=2)
    yield made
    made.close()


@pytest.fixture
def together(make: Make) -> Iterator[Callable[[Sequence[dict[str, Any]]], list[Made]]]:
    """Makes tasks side by side: all begin at the same moment."""
    with ThreadPoolExecutor(8) as pool:

        def run(tasks: Sequence[dict[str, Any]]) -> list[Made]:
            ready = threading.Barrier(len(tasks))

            def one(task: dict[str, Any]) -> Made:
                heard = task.pop("listen", lambda event: None)

                def listen(event: Event) -> None:
                    if isinstance(event, Started):
                        ready.wait()
                    heard(event)

                return make(**task, listen=listen)

            return [made.result() for made in [pool.submit(one, dict(task)) for task in tasks]]

        yield run


@pytest.fixture
def source(tmp_path: Path) -> str:
    Image.effect_noise((64, 64), 90).convert("RGB").save(tmp_path / "source.png")
    return str(tmp_path / "source.png")


def same(made: Made, alone: Made) -> None:
    assert isinstance(made.ending, Finished), made.ending
    assert isinstance(alone.ending, Finished)
    assert [furthest(*pair) <= 1 for pair in zip(made.pictures, alone.pictures, strict=True)] == [
        True
    ] * len(alone.pictures)
    assert made.steps == alone.steps


def test_company_changes_no_picture(
    together: Callable[[Sequence[dict[str, Any]]], list[Made]], make: Make, source: str
):
    tasks: list[dict[str, Any]] = [
        {"steps": 12},
        {"steps": 4, "seed": 1, "guidance": 7.0, "avoid": ("fog",)},
        {"steps": 5, "seed": 2, "sampler": "EulerAncestralDiscreteScheduler", "count": 1},
        {"steps": 6, "seed": 3, "source": Source("key", 0.6), "source_path": source},
        {"steps": 4, "seed": 4, "chaos": 60, "weird": 500},
        {"steps": 4, "seed": 5, "tile": True, "hires": 1.5, "count": 2},
        {"steps": 4, "seed": 6, "stop": 50, "exp": 40, "guidance": 1.0},
        {"steps": 4, "seed": 7, "cautious": True, "count": 2, "clip_skip": 1},
    ]
    for made, task in zip(together(tasks), tasks, strict=True):
        same(made, make(**task))


def test_so_do_other_models_beside_it(
    together: Callable[[Sequence[dict[str, Any]]], list[Made]], make: Make, source: str
):
    style = HouseStyle(blob="look")
    tasks: list[dict[str, Any]] = [
        {"model": model, "seed": seed, "count": 2, "steps": steps}
        for seed, (model, steps) in enumerate(
            [("sd", 3), ("xl", 4), ("flux", 5), ("sd3", 4), ("small", 6), ("xl", 6)]
        )
    ]
    tasks[0] |= {"style": style, "style_path": source, "parts": (Part("a"), Part("b", 0.5))}
    for made, task in zip(together(tasks), tasks, strict=True):
        same(made, make(**task))


def test_they_share_forwards(
    together: Callable[[Sequence[dict[str, Any]]], list[Made]],
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
):
    make(steps=1)
    rows: list[int] = []
    forward = UNet2DConditionModel.forward

    @functools.wraps(forward)
    def counted(self: Any, sample: Any, *arguments: Any, **named: Any) -> Any:
        rows.append(len(sample))
        return forward(self, sample, *arguments, **named)

    monkeypatch.setattr(UNet2DConditionModel, "forward", counted)
    together([{"seed": seed, "count": 1, "steps": 8} for seed in range(4)])
    assert sum(rows) == 4 * 2 * 9  # PNDM asks twice in its second step.
    assert max(rows) >= 4
    assert len(rows) < 4 * 9


def test_each_is_charged_its_share_of_the_device(
    together: Callable[[Sequence[dict[str, Any]]], list[Made]], make: Make
):
    make(steps=1)
    tasks = [{"seed": seed, "steps": steps, "count": 1} for seed, steps in enumerate((4, 4, 24))]
    short, alike, long = (made.ending for made in together(tasks))
    assert (
        isinstance(short, Finished) and isinstance(alike, Finished) and isinstance(long, Finished)
    )
    assert 0 < short.gpu_ms < long.gpu_ms
    assert 0 < alike.gpu_ms < long.gpu_ms


def test_one_that_is_cancelled_leaves_within_a_step_and_the_others_stay(
    together: Callable[[Sequence[dict[str, Any]]], list[Made]], make: Make
):
    stop = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.step == 3:
            stop.set()

    tasks: list[dict[str, Any]] = [
        {"steps": 40, "listen": listen, "halt": stop},
        {"steps": 8, "seed": 1},
        {"steps": 6, "seed": 2},
    ]
    gone, *rest = together(tasks)
    assert isinstance(gone.ending, Cancelled)
    assert gone.steps == [1, 2, 3]
    for made, task in zip(rest, tasks[1:], strict=True):
        same(made, make(**task))


def test_one_that_cannot_be_made_takes_no_other_with_it(
    together: Callable[[Sequence[dict[str, Any]]], list[Made]], make: Make
):
    tasks: list[dict[str, Any]] = [
        {"steps": 6},
        {"source": Source("key", 0.5), "source_path": "/nowhere.png"},
        {"sampler": "FlowMatchEulerDiscreteScheduler"},
        {"model": "sdd"},
        {"steps": 4, "seed": 1},
    ]
    good, missing, unfit, unknown, other = together(tasks)
    assert [type(one.ending) for one in (missing, unfit, unknown)] == [Failed] * 3
    same(good, make(**tasks[0]))
    same(other, make(**tasks[4]))


def test_memory_that_does_not_do_for_all_does_for_each(
    together: Callable[[Sequence[dict[str, Any]]], list[Made]],
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
):
    forward = UNet2DConditionModel.forward

    @functools.wraps(forward)
    def small(self: Any, sample: Any, *arguments: Any, **named: Any) -> Any:
        if len(sample) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return forward(self, sample, *arguments, **named)

    tasks = [{"steps": 4, "seed": seed, "count": 2} for seed in range(4)]
    with monkeypatch.context() as patch:
        patch.setattr(UNet2DConditionModel, "forward", small)
        found = together(tasks)
    for made, task in zip(found, tasks, strict=True):
        same(made, make(**task))


def test_one_for_which_there_is_none_fails_alone(
    together: Callable[[Sequence[dict[str, Any]]], list[Made]],
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
):
    decode = AutoencoderKL.decode

    @functools.wraps(decode)
    def small(self: Any, z: Any, *arguments: Any, **named: Any) -> Any:
        if z.shape[-1] > 8:
            raise MemoryError
        return decode(self, z, *arguments, **named)

    tasks: list[dict[str, Any]] = [{"width": 128}, {"seed": 1}, {"seed": 2, "steps": 9}]
    with monkeypatch.context() as patch:
        patch.setattr(AutoencoderKL, "decode", small)
        large, *rest = together(tasks)
    assert isinstance(large.ending, Failed)
    assert large.ending.kind is FailureKind.OUT_OF_MEMORY
    for made, task in zip(rest, tasks[1:], strict=True):
        same(made, make(**task))


class Little:
    """A memory with so many bytes free."""

    def __init__(self, free: int) -> None:
        self._free = free

    def free(self) -> int:
        return self._free

    def begin(self) -> None: ...

    def peak(self) -> int | None:
        return None


def test_where_memory_is_for_one_the_other_waits(
    together: Callable[[Sequence[dict[str, Any]]], list[Made]],
    painter: Painter,
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
):
    one = 1 << 18  # The least pixels that a task counts for.
    needed = one * (2 * REST_BYTES + PEAK_BYTES) / USABLE
    heard: list[tuple[int, Event]] = []
    tasks: list[dict[str, Any]] = [
        {"steps": 8, "seed": seed, "listen": lambda event, seed=seed: heard.append((seed, event))}
        for seed in (1, 2)
    ]
    with monkeypatch.context() as patch:
        patch.setattr(painter, "_room", Room(Little(int(needed) - 1000)))
        found = together(tasks)
    for made, task in zip(found, tasks, strict=True):
        same(made, make(steps=8, seed=task["seed"]))
    order = [seed for seed, event in heard if isinstance(event, Progress)]
    assert order in ([1] * 8 + [2] * 8, [2] * 8 + [1] * 8)


def test_what_never_fits_is_made_picture_by_picture(
    painter: Painter, make: Make, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr(painter, "_room", Room(Little(1)))
        made = make(steps=4, count=2)
    assert made.steps == list(range(1, 9))
    alone = make(steps=4, count=2)
    assert all(furthest(*pair) <= 1 for pair in zip(made.pictures, alone.pictures, strict=True))


def test_one_that_is_rescued_in_company_is_the_one_that_would_have_come(
    together: Callable[[Sequence[dict[str, Any]]], list[Made]], make: Make, tmp_path: Path
):
    stop, kept = threading.Event(), tmp_path / "kept.safetensors"

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.step == 7:
            stop.set()

    task: dict[str, Any] = {"steps": 9, "checkpoint": str(kept)}
    others: list[dict[str, Any]] = [{"seed": 1, "steps": 12}, {"seed": 2, "steps": 5}]
    gone, *_ = together([task | {"listen": listen, "halt": stop}, *others])
    assert isinstance(gone.ending, Cancelled)
    rescued, *_ = together([task | {"resume": True}, *others])
    assert rescued.steps == [4, 5, 6, 7, 8, 9]
    whole = make(**task)
    assert all(furthest(*pair) <= 1 for pair in zip(rescued.pictures, whole.pictures, strict=True))


def test_all_have_previews(together: Callable[[Sequence[dict[str, Any]]], list[Made]]):
    for made in together([{"seed": seed, "steps": 8, "model": "small"} for seed in range(4)]):
        assert made.of(Preview)[0].step == 2
        assert isinstance(made.ending, Finished)
        assert len(made.of(ImageReady)) == 4


def test_nothing_is_left_running_after_the_end(folders: dict[str, Path], make: Make):
    before = set(threading.enumerate())
    painter = Painter(catalogue(folders), device="cpu", preview_every=2)
    assert isinstance(make(by=painter, steps=4).ending, Finished)
    painter.close()
    assert set(threading.enumerate()) <= before
