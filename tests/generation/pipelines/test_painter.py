"""A request's way through the painter: pixels, progress, previews, endings."""

from __future__ import annotations

import errno
import io
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.pipelines.auto_pipeline import (
    AutoPipelineForImage2Image,
    AutoPipelineForText2Image,
)
from PIL import Image, ImageStat

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
from core.request import Part, Source
from generation import denoising as denoising_module
from generation import painter as painter_module
from generation.images import read_record
from generation.painter import Painter
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Make, furthest

MODELS = ("sd", "small", "xl")


def bare(folder: Path, *, image_to_image: bool = False) -> Any:
    """The model as anybody loads it."""
    kind = AutoPipelineForImage2Image if image_to_image else AutoPipelineForText2Image
    pipeline = kind.from_pretrained(folder, use_safetensors=True, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def seeds(request: Any) -> list[torch.Generator]:
    return [
        torch.Generator().manual_seed(request.image_seed(index)) for index in range(request.count)
    ]


@pytest.mark.parametrize("model", MODELS)
def test_the_pixels_are_those_of_the_bare_pipeline(
    make: Make, folders: dict[str, Path], model: str
):
    changes: dict[str, Any] = {"width": 96, "height": 64, "guidance": 5.0, "avoid": ("fog", "rain")}
    made = make("a cat", model=model, **changes)
    request = a_request("a cat", **changes)
    expected = bare(folders[model])(
        prompt="a cat",
        negative_prompt="fog, rain",
        width=96,
        height=64,
        num_inference_steps=4,
        guidance_scale=5.0,
        num_images_per_prompt=4,
        generator=seeds(request),
    ).images
    assert isinstance(made.ending, Finished)
    assert len(made.pictures) == 4
    for one, other in zip(made.pictures, expected, strict=True):
        assert one.size == (96, 64)
        # Convolutions ordered for the CPU round the last bit in another way.
        assert furthest(one, other) <= 1


def test_a_distilled_transformer_is_painted_as_it_wants(make: Make, folders: dict[str, Path]):
    made = make("a cat", model="flux", width=96, height=64, steps=2, guidance=0.0)
    request = a_request("a cat")
    expected = bare(folders["flux"])(
        prompt="a cat",
        width=96,
        height=64,
        num_inference_steps=2,
        guidance_scale=0.0,
        num_images_per_prompt=4,
        generator=seeds(request),
    ).images
    assert isinstance(made.ending, Finished)
    assert made.steps == [1, 2]
    for one, other in zip(made.pictures, expected, strict=True):
        assert furthest(one, other) <= 1


@pytest.mark.parametrize("model", MODELS)
def test_a_variation_is_the_bare_pipelines_image_to_image(
    make: Make, folders: dict[str, Path], tmp_path: Path, model: str
):
    source = Image.effect_noise((64, 64), 90).convert("RGB")
    source.save(tmp_path / "source.png")
    request = a_request("a cat", source=Source("key", 0.6), steps=5)
    made = make(
        "a cat",
        model=model,
        steps=5,
        source=request.source,
        source_path=str(tmp_path / "source.png"),
    )
    expected = bare(folders[model], image_to_image=True)(
        prompt="a cat",
        image=source,
        strength=0.6,
        num_inference_steps=5,
        guidance_scale=4.0,
        num_images_per_prompt=4,
        generator=seeds(request),
    ).images
    assert made.events[0] == Started("j1", 3)
    assert made.steps == [1, 2, 3]
    for one, other in zip(made.pictures, expected, strict=True):
        assert furthest(one, other) <= 1


def test_a_barely_changed_variation_still_takes_a_step(make: Make, tmp_path: Path):
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "source.png")
    made = make(source=Source("key", 0.05), source_path=str(tmp_path / "source.png"))
    assert isinstance(made.ending, Finished)
    assert made.steps == [1]


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others(make: Make):
    first, again, other = make(seed=1), make(seed=1), make(seed=2)
    assert first.pixels == again.pixels
    assert not set(first.pixels) & set(other.pixels)
    assert len(set(first.pixels)) == 4


def test_picture_k_can_be_made_again_alone(make: Make):
    grid = make(seed=11)
    for index, picture in enumerate(grid.pictures):
        alone = make(seed=a_request(seed=11).image_seed(index), count=1)
        assert furthest(alone.pictures[0], picture) <= 1


def test_the_same_seed_for_all_gives_four_times_one_picture(make: Make):
    first, *others = make(same_seed=True).pictures
    assert all(furthest(first, other) <= 1 for other in others)


@pytest.mark.parametrize("model", ["sd", "xl"])
@pytest.mark.parametrize(
    "changes",
    [
        {"avoid": ("fog",)},
        {"parts": (Part("a cat", 2.0), Part("snow"))},
        {"parts": (Part("a cat"), Part("snow", -0.2))},
        {"guidance": 7.0},
        {"steps": 5},
        {"sampler": "EulerAncestralDiscreteScheduler"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_asked_for_changes_the_pixels(make: Make, model: str, changes: dict[str, Any]):
    plain, changed = make(model=model, count=1), make(model=model, count=1, **changes)
    assert isinstance(changed.ending, Finished)
    assert plain.pixels != changed.pixels


def test_events_come_in_order_and_name_real_files(make: Make):
    made = make(steps=8)
    kinds = [type(event) for event in made.events]
    assert kinds[0] is Started
    assert kinds[-4:] == [ImageReady] * 4
    assert made.steps == list(range(1, 9))
    assert isinstance(made.ending, Finished)
    assert made.ending.gpu_ms > 0
    for number, event in enumerate(made.of(ImageReady), 1):
        assert (event.number, event.width, event.height) == (number, 64, 64)
        assert event.seed == a_request().image_seed(number - 1)
        assert read_record(Path(event.path).read_bytes()) == (
            a_request("a cat", model="sd", steps=8),
            number,
        )
    grid = Path(made.ending.grid).read_bytes()
    assert read_record(grid) == (a_request("a cat", model="sd", steps=8), 0)
    with Image.open(io.BytesIO(grid)) as picture:
        assert picture.size == (512, 512)
        assert "Sampler: PLMS" in picture.info["parameters"]


@pytest.mark.parametrize("model", MODELS)
def test_previews_show_all_four_pictures_in_the_shape_of_the_grid(make: Make, model: str):
    made = make(model=model, steps=8, width=96, height=64)
    previews = made.of(Preview)
    assert previews[0].step == 2
    assert {event.step for event in previews} <= {2, 4, 6}
    with Image.open(made.previews[-1]) as picture:
        assert picture.size == (192, 128)
        cells = [picture.crop((x, y, x + 96, y + 64)) for y in (0, 64) for x in (0, 96)]
        assert len({cell.tobytes() for cell in cells}) == 4
        for cell in cells:
            assert max(ImageStat.Stat(cell).stddev) > 1


def test_no_preview_is_sent_after_the_last_step(make: Make):
    made = make(steps=4)
    assert all(event.step < 4 for event in made.of(Preview))
    assert not isinstance(made.events[-1], Preview)


def test_cancel_takes_effect_at_the_next_step(make: Make):
    stop = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.step == 3:
            stop.set()

    made = make(steps=50, listen=listen, halt=stop)
    assert isinstance(made.ending, Cancelled)
    assert made.ending.gpu_ms > 0
    assert made.steps == [1, 2, 3]
    assert make(steps=50, seed=1).steps == list(range(1, 51))


def test_cancel_takes_effect_while_the_model_is_loading(
    folders: dict[str, Path], make: Make, monkeypatch: pytest.MonkeyPatch
):
    from tests.generation.pipelines.conftest import catalogue

    slow, go = Painter(catalogue(folders), device="cpu"), threading.Event()
    load = slow._shelf.borrow
    monkeypatch.setattr(slow._shelf, "borrow", lambda name, stop: go.wait() and load(name))
    stop = threading.Event()
    stop.set()
    made = make(by=slow, halt=stop)
    assert made.ending == Cancelled("j1", 0)
    go.set()
    assert isinstance(make(by=slow).ending, Finished)


def test_a_sampler_that_does_not_fit_is_said(make: Make):
    ending = make(sampler="FlowMatchEulerDiscreteScheduler").ending
    assert isinstance(ending, Failed)
    assert ending.kind is FailureKind.REQUEST
    assert ending.sentence.startswith(
        "The sampler “FlowMatchEulerDiscreteScheduler” does not fit the model “sd”; it has euler, "
    )
    assert ending.sentence.endswith(", lcm, tcd. Nothing was charged.")


def test_a_model_that_is_not_offered_is_said(make: Make):
    ending = make(model="sdd").ending
    assert isinstance(ending, Failed)
    assert ending.kind is FailureKind.MODEL
    assert "Did you mean sd" in ending.sentence


def test_a_missing_source_is_said(make: Make):
    ending = make(source=Source("key", 0.5), source_path="/nowhere.png").ending
    assert isinstance(ending, Failed)
    assert ending.kind is FailureKind.REQUEST
    assert ending.sentence == "The picture to start from is no longer there; nothing was charged."


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Makes the next pipelines fail in the middle of their steps, unless they run one by one."""
    original = denoising_module.call_arguments

    def arguments(pipeline: Any, request: Any, words: Any, indices: range, *rest: Any) -> Any:
        if len(indices) > 1:
            real = pipeline.scheduler.step

            def step(*args: Any, **kwargs: Any) -> Any:
                if pipeline.scheduler.step_calls > 1:
                    raise error
                pipeline.scheduler.step_calls += 1
                return real(*args, **kwargs)

            pipeline.scheduler.step_calls = 0
            pipeline.scheduler.step = step
            pipeline.prepare_extra_step_kwargs = lambda generator, eta: {}
        return original(pipeline, request, words, indices, *rest)

    monkeypatch.setattr(denoising_module, "call_arguments", arguments)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"
        ),
    ],
)
def test_a_task_that_does_not_fit_says_so_and_fits_when_it_is_cautious(
    make: Make, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    whole = make()
    failing(monkeypatch, error)
    ending = make().ending
    assert isinstance(ending, Failed)
    assert ending.kind is FailureKind.OUT_OF_MEMORY
    assert "needs more GPU memory than there is" in ending.sentence
    cautious = make(cautious=True)
    assert isinstance(cautious.ending, Finished)
    assert cautious.steps == list(range(1, 17))
    for one, other in zip(cautious.pictures, whole.pictures, strict=True):
        assert furthest(one, other) <= 1


def test_what_a_cautious_task_switches_is_switched_back(make: Make, painter: Painter):
    make(cautious=True)
    vae = painter._shelf.get("sd").text_to_image.vae
    assert not vae.use_slicing
    assert not vae.use_tiling


def test_any_other_error_is_one_plain_sentence_and_the_next_task_is_unharmed(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    with monkeypatch.context() as patch:
        failing(patch, ZeroDivisionError("/secret/path"))
        ending = make().ending
    assert isinstance(ending, Failed)
    assert ending.kind is FailureKind.INTERNAL
    assert ending.sentence == "Making the picture failed; nothing was charged. Try again."
    assert "ZeroDivisionError" in caplog.text
    assert isinstance(make().ending, Finished)


def test_a_full_disk_is_said(make: Make, monkeypatch: pytest.MonkeyPatch):
    def full(path: Path, data: bytes) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(painter_module, "write_file", full)
    ending = make().ending
    assert isinstance(ending, Failed)
    assert ending.kind is FailureKind.DISK
    assert ending.sentence.startswith("The disk Easel keeps its pictures on is full")
    assert ending.gpu_ms > 0


def test_ten_thousand_letters_are_cut_and_counted(make: Make, caplog: pytest.LogCaptureFixture):
    caplog.set_level("INFO")
    ending = make("a" * 10_000).ending
    assert isinstance(ending, Finished)
    assert ending.note.startswith("The prompt is longer than the model “sd” can read; left out")
    short = make("a cat").ending
    assert isinstance(short, Finished)
    assert short.note == ""
    assert "9296 of 10000 characters of a prompt do not fit" in caplog.text
