"""Upscalers: nets of spandrel's ESRGAN and pipelines of diffusers, tiny, saved to files and loaded
by the real calls; what they make, and how they share the device and its memory."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from diffusers import StableDiffusionLatentUpscalePipeline, StableDiffusionUpscalePipeline
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from transformers.utils.import_utils import is_torchvision_available

from core.edits import ENLARGE_CREATIVE, ENLARGE_SUBTLE, Edit, Op
from core.errors import ModelBrokenError, OutOfMemoryError
from core.events import (
    Cancelled,
    Event,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Progress,
)
from core.models import Catalogue
from core.request import Source
from core.speed import Speed
from core.step_times import StepTimes
from core.steps import StepPolicy
from core.upscalers import Upscaler
from generation.batching import Batcher, Ride
from generation.models import Shelf
from generation.painter import Painter
from generation.provenance import read_record
from generation.room import Room
from generation.run import Run
from generation.thrift import use_least_memory
from generation.upscalers import nets, pipelines
from generation.upscalers.growing import Growth, reduced
from tests.generation import tiny
from tests.generation.build import a_request, a_task
from tests.generation.pipelines.conftest import Made, Make, furthest
from tests.generation.pipelines.test_edits import draw, scene, tones
from tests.generation.pipelines.test_enlarging import likeness, steps
from tests.generation.test_room import FakeMemory

__all__ = ["draw", "scene"]

HAS_SPANDREL = importlib.util.find_spec("spandrel") is not None
pytestmark = pytest.mark.skipif(not HAS_SPANDREL, reason="spandrel is not installed")

CPU = torch.device("cpu")
NAMES = ("near", "twice", "eight", "rough")


def named(source: object, name: str = "one") -> Upscaler:
    return Upscaler(name=name, source=str(source))


def esrgan(*, seed: int = 0, plain: bool = False, **shape: int) -> Any:
    """A tiny ESRGAN; a `plain` one draws every pixel as a square."""
    nets.library(named(""))
    from spandrel.architectures.ESRGAN import ESRGAN

    torch.manual_seed(seed)
    net = ESRGAN(**({"num_filters": 8, "num_blocks": 1, "scale": 4} | shape))
    if plain:
        for parameter in net.parameters():
            nn.init.zeros_(parameter)
        for part in net.model:
            if isinstance(part, nn.Conv2d):
                nn.init.dirac_(part.weight)
    return net


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Nets by name. `near` (4 times the side), `twice` and `eight` draw squares."""
    home = tmp_path_factory.mktemp("nets")
    made = {
        "near": esrgan(plain=True),
        "twice": esrgan(plain=True, scale=2),
        "eight": esrgan(plain=True, scale=8),
        "rough": esrgan(),
    }
    for name, net in made.items():
        save_file(net.state_dict(), home / f"{name}.safetensors")
    return {name: home / f"{name}.safetensors" for name in made}


@pytest.fixture(scope="module")
def box(files: dict[str, Path], folders: dict[str, Path]) -> Iterator[Painter]:
    lines = [f'{name} = "{file}"' for name, file in files.items()]
    toml = "\n".join(["[upscalers]", *lines, "[postcard]", f'[sd]\nsource = "{folders["sd"]}"'])
    painter = Painter(Catalogue.parse(toml), device="cpu", preview_every=50)
    yield painter
    painter.close()


@pytest.fixture(scope="module")
def ride() -> Iterator[Ride]:
    batcher = Batcher(StepPolicy(), StepTimes(), CPU)
    with batcher.ride(job="j", owner="o", stop=threading.Event(), steps=1) as ride:
        yield ride
    batcher.close()


def larger(
    upscaler: str = "near", *, creative: bool = False, side: int = 256, **changes: Any
) -> dict[str, Any]:
    strength = ENLARGE_CREATIVE if creative else ENLARGE_SUBTLE
    return {
        "edit": Edit(op=Op.ENLARGE, creative=creative, upscaler=upscaler),
        "source": Source("key", strength),
        "width": side,
        "height": side,
        "count": 1,
        "same_seed": True,
        **changes,
    }


def waves(width: int, height: int) -> torch.Tensor:
    """A smooth picture, 1 x 3 x H x W."""
    down, across = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    rows = [torch.sin(down / 9 + across / (5 + 3 * channel)) for channel in range(3)]
    return (torch.stack(rows)[None] + 1) / 2


# A net


@pytest.mark.parametrize("name", NAMES)
def test_a_net_in_parts_draws_what_it_draws_whole_and_leaves_no_seam(
    files: dict[str, Path], ride: Ride, monkeypatch: pytest.MonkeyPatch, name: str
):
    net = nets.load(named(files[name]), CPU, torch.float32)
    pixels, how = waves(90, 70), Growth(request=a_request(), ride=ride)
    with torch.no_grad():
        whole = reduced(net._model(pixels).clone(), (140, 180))
    assert torch.allclose(net.grown(pixels, 2, how), whole, atol=1e-5)
    monkeypatch.setattr(nets, "PART_ON_PROCESSOR", 40)
    parts = net.grown(pixels, 2, how)
    assert parts.shape == (1, 3, 140, 180)
    # Where a part ends a net sees nothing beyond, as at the edges of a picture.
    assert float((parts - whole).abs().max()) < 0.02
    assert float((parts - whole).abs().mean()) < 0.002


def test_parts_are_made_one_after_the_other_and_a_task_stops_between_them(
    make: Make, box: Painter, shape: str, monkeypatch: pytest.MonkeyPatch
):
    halt, made = threading.Event(), 0
    part = nets.Net._part

    def stops(self: nets.Net, *arguments: Any) -> Any:
        nonlocal made
        made += 1
        if made == 2:
            halt.set()
        return part(self, *arguments)

    monkeypatch.setattr(nets.Net, "_part", stops)
    monkeypatch.setattr(nets, "PART_ON_PROCESSOR", 32)
    found = make(by=box, halt=halt, source_path=shape, **larger(side=128))
    assert isinstance(found.ending, Cancelled)
    assert made == 2
    assert found.steps == []


@contextmanager
def short_of_memory(monkeypatch: pytest.MonkeyPatch, side: int) -> Iterator[list[int]]:
    """Parts above a side do not fit; the sides that were tried."""
    forward, tried = nets.Net._forward, list[int]()

    def fits(self: nets.Net, part: torch.Tensor) -> torch.Tensor:
        tried.append(max(part.shape[2:]))
        if max(part.shape[2:]) > side:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, part)

    with monkeypatch.context() as patch:
        patch.setattr(nets.Net, "_forward", fits)
        yield tried


def test_without_memory_parts_get_smaller(
    files: dict[str, Path], ride: Ride, monkeypatch: pytest.MonkeyPatch
):
    net = nets.load(named(files["near"]), CPU, torch.float32)
    how = Growth(request=a_request(), ride=ride)
    with torch.no_grad():
        whole = reduced(net._model(waves(140, 8)).clone(), (16, 280))
    with short_of_memory(monkeypatch, 100) as tried:
        # Squares are drawn alike in parts of any size, but for how they are reduced at their edges.
        assert float((net.grown(waves(140, 8), 2, how) - whole).abs().max()) < 0.05
    assert tried[:2] == [140, 96]
    with short_of_memory(monkeypatch, 10) as tried, pytest.raises(torch.OutOfMemoryError):
        net.grown(waves(140, 8), 2, how)
    assert tried == [140, 96, 64]
    with short_of_memory(monkeypatch, 1000) as tried:
        net.grown(waves(140, 8), 2, Growth(request=a_request(), ride=ride, thrifty=True))
    assert max(tried) == nets.PART_THRIFTY


def test_a_net_is_held_in_the_format_that_it_can_be(files: dict[str, Path], ride: Ride):
    net = nets.load(named(files["near"]), CPU, torch.bfloat16)
    assert net._model.dtype == torch.bfloat16
    numbers = sum(one.numel() for one in esrgan().parameters())
    assert net.held.resident == 2 * numbers
    large = net.grown(waves(20, 20), 4, Growth(request=a_request(), ride=ride))
    assert torch.allclose(large[:, :, ::4, ::4], waves(20, 20), atol=0.01)


def test_what_a_short_format_cannot_hold_is_computed_in_a_longer_one(
    files: dict[str, Path], tmp_path: Path, ride: Ride, monkeypatch: pytest.MonkeyPatch
):
    forward, how = nets.Net._forward, Growth(request=a_request(), ride=ride)

    def overflows(self: nets.Net, part: torch.Tensor) -> torch.Tensor:
        found = forward(self, part)
        return found if self._model.dtype == torch.float32 else found / 0 * 0

    monkeypatch.setattr(nets.Net, "_forward", overflows)
    net = nets.load(named(files["near"]), CPU, torch.float16)
    large = net.grown(waves(20, 20), 4, how)
    assert torch.allclose(large[:, :, ::4, ::4], waves(20, 20), atol=1e-5)
    bad = esrgan()
    nn.init.constant_(next(iter(bad.parameters())), float("nan"))
    save_file(bad.state_dict(), tmp_path / "nan.safetensors")
    net = nets.load(named(tmp_path / "nan.safetensors"), CPU, torch.float32)
    with pytest.raises(ModelBrokenError, match="what it draws is no picture"):
        net.grown(waves(8, 8), 2, how)


def test_a_tile_fits_itself_after_a_net(box: Painter, ride: Ride, tmp_path: Path):
    picture = Image.fromarray(tones_of(waves(64, 64)).round().astype(numpy.uint8))
    rolled = Image.fromarray(numpy.roll(numpy.asarray(picture), 24, 1))
    run = Run(a_task(tmp_path, **larger("rough", side=128)), lambda event: None, threading.Event())
    run.ride = ride
    for tile in (True, False):
        one, other = (
            tones(box._enlarger.enlarged(start, (128, 128), tile=tile, run=run))
            for start in (picture, rolled)
        )
        off = numpy.abs(numpy.roll(one, 48, 1) - other).max()
        assert off <= 1 if tile else off > 5


def tones_of(pixels: torch.Tensor) -> numpy.ndarray:
    return (pixels[0].permute(1, 2, 0) * 255).numpy()


# Upscale Subtle and Creative


def test_subtle_stays_the_picture_whatever_the_scale_and_creative_goes_further(
    draw: Callable[..., Made], scene: str
):
    words, source = "a lighthouse by day, meadow", Image.open(scene).convert("RGB")
    squares = source.resize((256, 256), Image.Resampling.NEAREST)
    other = draw(words, source_path=scene, **larger("eight")).pictures[0]
    assert other.size == (256, 256)
    assert likeness(other, source) >= 28
    plain = draw(words, source_path=scene, **larger("")).pictures[0]
    made = draw(words, source_path=scene, **larger())
    subtle = made.pictures[0]
    creative = draw(words, source_path=scene, **larger(creative=True)).pictures[0]
    assert subtle.size == creative.size == (256, 256)
    assert likeness(subtle, source) >= 28
    changed = [numpy.abs(tones(one) - tones(squares)).mean() for one in (subtle, creative)]
    assert 0.5 < changed[0] < changed[1]
    assert furthest(plain, subtle) > 8
    # Two windows of 160 along each side, so there are edges at 96 and at 160.
    for picture in (subtle, creative):
        sharper = steps(picture) / steps(squares).clip(0.5)
        assert sharper[[95, 159]].mean() <= 1.5 * sharper.mean()
    data = Path(made.of(ImageReady)[0].path).read_bytes()
    assert b"Upscaler: near" in data
    record = read_record(data)
    assert record is not None
    assert record[0].enlarger == "near"


def test_a_second_stage_starts_from_what_the_upscaler_made(make: Make, box: Painter):
    changes: dict[str, Any] = {"count": 2, "hires": 2.0}
    plain = make(by=box, **changes)
    sharp = make(by=box, upscaler="near", **changes)
    again = make(by=box, upscaler="near", **changes)
    assert [one.size for one in sharp.pictures] == [(128, 128)] * 2
    assert sharp.steps == plain.steps
    assert sharp.pixels == again.pixels != plain.pixels
    # An odd size, and one that takes the net twice.
    assert make(by=box, upscaler="twice", hires=1.5).pictures[0].size == (96, 96)
    four = make(by=box, upscaler="twice", hires=4.0, width=32, height=24, count=1)
    assert four.pictures[0].size == (128, 96)


def test_an_upscale_goes_on_from_its_checkpoint(
    make: Make, box: Painter, shape: str, tmp_path: Path
):
    changes = larger(creative=True, side=128, steps=30)
    whole = make(by=box, source_path=shape, **changes)
    halt = threading.Event()

    def stop_late(event: Event) -> None:
        if isinstance(event, Progress) and event.step == 8:
            halt.set()

    kept = str(tmp_path / "kept")
    how: dict[str, Any] = {"by": box, "source_path": shape, "checkpoint": kept, **changes}
    assert isinstance(make(halt=halt, listen=stop_late, **how).ending, Cancelled)
    before = Path(kept).read_bytes()
    rest = make(resume=True, **how)
    assert rest.steps[0] > 1
    assert rest.pixels == whole.pixels
    # With another upscaler of that name it starts over.
    Path(kept).write_bytes(before)
    sharp = box._catalogue.upscalers[0]
    other = replace(sharp, source=sharp.source.replace("near", "rough"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(box._catalogue, "upscalers", (other, *box._catalogue.upscalers[1:]))
        assert make(resume=True, **how).steps[0] == 1


# A pipeline of diffusers


@pytest.fixture(scope="module")
def larger_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("pipelines")
    return {"x4": tiny.save_x4(home / "x4"), "x2": tiny.save_x2(home / "x2")}


@pytest.mark.parametrize("name", ["x4", "x2"])
def test_a_pipeline_makes_in_company_what_it_makes_by_itself(
    larger_folders: dict[str, Path], ride: Ride, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setattr(pipelines, "STEPS", 3)
    loaded = pipelines.load(named(larger_folders[name]), Speed(), CPU, torch.float32)
    kind = {"x4": StableDiffusionUpscalePipeline, "x2": StableDiffusionLatentUpscalePipeline}[name]
    alone = kind.from_pretrained(larger_folders[name])
    alone.set_progress_bar_config(disable=True)
    request = a_request("a hat", avoid=("rain",), seed=5)
    pixels, how = waves(32, 48), Growth(request=request, ride=ride)
    generator = torch.Generator("cpu").manual_seed(5)
    arguments: dict[str, Any] = {"guidance_scale": 0.0}
    if name == "x4":
        arguments = {"guidance_scale": 6.0, "noise_level": 20, "negative_prompt": "rain"}
    theirs = alone(
        "a hat",
        image=pixels,
        num_inference_steps=3,
        generator=generator,
        output_type="pt",
        **arguments,
    ).images
    ours = loaded.grown(pixels, loaded.scale, how)
    assert torch.allclose(ours, theirs, atol=1e-4)
    half = loaded.grown(pixels, 2, how)
    assert torch.allclose(half, reduced(theirs, (96, 64)), atol=1e-4)
    # Sides that no autoencoder takes, and more of them than one window has.
    monkeypatch.setattr(pipelines, "_WINDOW", 32)
    wide = loaded.grown(waves(70, 43), 2, how)
    assert wide.shape == (1, 3, 86, 140)
    thrifty = Growth(request=request, ride=ride, thrifty=True)
    decoded: list[str] = []

    def told(pipeline: Any) -> None:
        decoded.append(type(pipeline).__name__)
        use_least_memory(pipeline)

    monkeypatch.setattr(pipelines, "use_least_memory", told)
    # In tiles, which flow into each other.
    assert loaded.grown(pixels, 2, thrifty).shape == half.shape
    assert decoded == [kind.__name__]


def test_windows_of_a_pipeline_leave_no_seam(
    larger_folders: dict[str, Path], ride: Ride, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pipelines, "STEPS", 3)
    loaded = pipelines.load(named(larger_folders["x4"]), Speed(), CPU, torch.float32)
    how = Growth(request=a_request(), ride=ride)
    whole = loaded.grown(waves(96, 32), 2, how)
    monkeypatch.setattr(pipelines, "_WINDOW", 48)
    parts = loaded.grown(waves(96, 32), 2, how)
    across = (parts[..., 1:] - parts[..., :-1]).abs().mean(dim=(0, 1, 2))
    usual = (whole[..., 1:] - whole[..., :-1]).abs().mean(dim=(0, 1, 2))
    # Windows begin at 0, 24 and 48 of 96.
    for edge in (48, 96, 144):
        assert across[edge - 2 : edge + 1].mean() <= 2 * usual.mean()


def test_a_pipeline_enlarges_under_a_button(
    make: Make,
    larger_folders: dict[str, Path],
    folders: dict[str, Path],
    shape: str,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(pipelines, "STEPS", 3)
    lines = [f'{name} = "{folder}"' for name, folder in larger_folders.items()]
    toml = "\n".join(["[upscalers]", *lines, f'[sd]\nsource = "{folders["sd"]}"'])
    painter = Painter(Catalogue.parse(toml), device="cpu", preview_every=50)
    halt, asked = threading.Event(), Ride.attach_beside
    try:
        for name in ("x4", "x2"):
            made = make(by=painter, source_path=shape, **larger(name, side=128))
            assert isinstance(made.ending, Finished)
            assert made.pictures[0].size == (128, 128)
            assert made.steps == [1]

        def stop_soon(self: Ride, *arguments: Any) -> None:
            asked(self, *arguments)
            halt.set()

        monkeypatch.setattr(Ride, "attach_beside", stop_soon)
        cut = make(by=painter, halt=halt, source_path=shape, **larger("x4", side=128))
        assert isinstance(cut.ending, Cancelled)
    finally:
        painter.close()


# What does not load


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, folders: dict[str, Path]) -> dict[str, Path]:
    """Of what is no upscaler."""
    home = tmp_path_factory.mktemp("wrong")
    torn = esrgan().state_dict()
    del torn["model.3.bias"]
    weights = {
        "cut": esrgan().state_dict(),
        "torn": torn,
        "unknown": {"weights": torch.zeros(3)},
        "same": esrgan(scale=1).state_dict(),
        "grey": esrgan(in_nc=1, out_nc=1).state_dict(),
    }
    found = {name: home / f"{name}.safetensors" for name in ("gone", *weights)}
    for name, tensors in weights.items():
        save_file(tensors, found[name])
    found["cut"].write_bytes(found["cut"].read_bytes()[:-100])
    found["draws"] = folders["sd"]
    found["channels"] = tiny.save_x4(home / "channels", in_channels=8)
    found["folder"] = home
    return found


@pytest.fixture(scope="module")
def wrong(sources: dict[str, Path], folders: dict[str, Path]) -> Iterator[Painter]:
    lines = [f'{name} = "{source}"' for name, source in sources.items()]
    toml = "\n".join(["[upscalers]", *lines, f'[sd]\nsource = "{folders["sd"]}"'])
    painter = Painter(Catalogue.parse(toml), device="cpu", preview_every=50)
    yield painter
    painter.close()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gone", "is not on this machine: there is no file “{source}”; correct it under"),
        ("cut", "the file is damaged or cut short; download it again."),
        ("torn", "its files are incomplete or do not fit together; download them again."),
        ("unknown", "it is of no kind that spandrel knows; use a model of the ESRGAN family."),
        ("same", "it is of the kind ESRGAN and draws nothing larger; use one that does."),
        ("grey", "it takes 1 and gives 1 channels of colour instead of 3; use another."),
        ("draws", "it is a StableDiffusionPipeline, which draws nothing larger; use one of"),
        ("channels", "its denoiser takes 8 channels instead of 7; use another."),
        ("folder", "it has no model_index.json, so it is no folder of a diffusers model."),
    ],
)
def test_what_is_no_upscaler_is_said_in_one_sentence_and_nothing_is_computed(
    make: Make, wrong: Painter, sources: dict[str, Path], shape: str, name: str, sentence: str
):
    made = make(by=wrong, source_path=shape, **larger(name, side=128))
    assert isinstance(made.ending, Failed)
    assert (made.ending.kind, made.ending.gpu_ms) == (FailureKind.MODEL, 0)
    assert f"“{name}”" in made.ending.sentence
    assert sentence.format(source=sources[name]) in made.ending.sentence


def test_what_is_not_configured_any_more_is_said_and_others_are_drawn(
    make: Make, wrong: Painter, shape: str
):
    made = make(by=wrong, source_path=shape, **larger("elsewhere", side=128))
    assert isinstance(made.ending, Failed)
    assert made.ending.sentence == (
        "There is no upscaler called “elsewhere” here any more; nothing was charged."
    )
    plain = make(by=wrong, source_path=shape, **larger("", side=128))
    assert isinstance(plain.ending, Finished)


def test_memory_that_does_not_suffice_for_its_weights_is_said(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(nn.Module, "to", full)
    with pytest.raises(OutOfMemoryError, match="“one” needs more memory than there is"):
        nets.load(named(files["near"]), CPU, torch.float32)


# The library


def test_without_spandrel_the_extra_to_install_is_named(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(ModelBrokenError) as caught:
        nets.load(named(files["near"]), CPU, torch.float32)
    assert caught.value.sentence == (
        "The upscaler “one” needs spandrel, which is not installed here; the operator adds it "
        "with: pip install 'easel[upscale]'"
    )


@pytest.mark.skipif(
    importlib.util.find_spec("torchvision") is not None, reason="torchvision is installed"
)
def test_what_stands_for_torchvision_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch):
    assert not any(name.split(".")[0] == "torchvision" for name in sys.modules)
    monkeypatch.delitem(sys.modules, "spandrel")
    is_torchvision_available.cache_clear()
    with nets.without_torchvision():
        # What others ask meanwhile has the right answer.
        assert not is_torchvision_available()
        rotate = importlib.import_module("torchvision.transforms.functional").rotate
    with pytest.raises(ModuleNotFoundError):
        rotate(1)
    assert importlib.util.find_spec("torchvision") is None
    assert not any(name.split(".")[0] == "torchvision" for name in sys.modules)


# Among the models


def test_an_upscaler_is_given_back_however_its_job_ends(
    make: Make, box: Painter, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    halt = threading.Event()

    def stop_late(event: Event) -> None:
        if isinstance(event, Progress) and event.step == 6:
            halt.set()

    how: dict[str, Any] = {"by": box, "upscaler": "near", "hires": 2.0, "count": 1}
    assert isinstance(make(**how).ending, Finished)
    assert isinstance(make(**how, halt=halt, listen=stop_late).ending, Cancelled)
    with short_of_memory(monkeypatch, 1):
        assert isinstance(make(**how).ending, Failed)
    # So whatever needs the room gets it.
    monkeypatch.setattr(box._shelf, "_limit", 1)
    other = partial(nets.load, named(files["twice"]), CPU, torch.float32)
    net = box._shelf.borrow_beside("upscaler one", lambda: 1, other, threading.Event())
    assert box._shelf.names() == ["upscaler one"]
    box._shelf.give_back(net)


def test_what_an_upscaler_took_is_not_taken_for_what_its_model_needs(
    make: Make, box: Painter, monkeypatch: pytest.MonkeyPatch
):
    needs_all_of_it = Room(FakeMemory(10**9, peak=2 * 10**9))
    monkeypatch.setattr(box, "_room", needs_all_of_it)
    sharp = make(by=box, upscaler="near", hires=2.0, count=2)
    assert isinstance(sharp.ending, Finished)
    # One that would not fit is made with care, picture by picture.
    assert make(by=box, count=2).steps == [1, 2, 3, 4]
    assert make(by=box, count=2).steps == [*range(1, 9)]


def test_an_upscaler_stays_while_there_is_room_and_waits_for_nobody(
    folders: dict[str, Path], files: dict[str, Path]
):
    toml = f'[sd]\nsource = "{folders["sd"]}"\n[small]\nsource = "{folders["small"]}"'
    shelf = Shelf(Catalogue.parse(toml), CPU, torch.float32, limit=1)
    loads, stop = 0, threading.Event()

    def load() -> nets.Net:
        nonlocal loads
        loads += 1
        return nets.load(named(files["near"]), CPU, torch.float32)

    def borrow() -> nets.Net:
        return shelf.borrow_beside("upscaler one", lambda: 1000, load, stop)

    model = shelf.borrow("sd")
    net = borrow()
    assert borrow() is net
    assert (shelf.names(), loads) == (["sd", "upscaler one"], 1)
    for loaned in (net, net, model):
        shelf.give_back(loaned)
    # There is room for one of them, and for no more.
    shelf.get("small")
    assert shelf.names() == ["small"]
    assert borrow() is not net
    assert (shelf.names(), loads) == (["upscaler one"], 2)
