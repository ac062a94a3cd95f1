"""Models that were taught to paint what a mask shows paint for those that were not."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from PIL import Image

from core.actions import Action, Button
from core.board import Board
from core.edits import PAINTED_WITH_HEAD, Box, Edit, Op, Painter
from core.errors import ModelBrokenError
from core.events import Cancelled, Event, Failed, FailureKind, Finished, ImageReady, Progress, Task
from core.forms import Form
from core.jobs import State
from core.models import Catalogue
from core.request import Kind, Source
from generation import painter as worker
from generation.dispatcher import Dispatcher, Terms
from generation.edits.canvas import canvas_of
from generation.edits.windows import Answer, use_windows
from generation.images import encode_png, read_record
from generation.inpainting import cells_of
from generation.models import Shelf
from storage.blobs import LocalBlobs
from tests.builders import FakeClock
from tests.core.test_studio import House
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Made, Make, furthest

HALF = Box(0.5, 0.25, 1.0, 1.0)
"""On whole cells of the latents."""
FILLS = {"sd": "sd-fill", "xl": "xl-fill", "flux": "flux-fill", "sd3": "sd3-fill"}
STEPS, RUN = 4, 3
"""Of the schedule, and really run: the first is left out."""
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def fills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Saved inpainting models."""
    from tests.generation import tiny

    home = tmp_path_factory.mktemp("fills")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "sd-fill": tiny.save_sd(home / "sd", seed=21, inpaint=True),
            "xl-fill": tiny.save_sdxl(home / "xl", seed=22, inpaint=True),
            "flux-fill": tiny.save_flux_fill(home / "flux", seed=23),
            "sd3-fill": tiny.save_sd3(home / "sd3", seed=24, inpaint=True),
        }


def tables(folders: dict[str, Path], fills: dict[str, Path], more: str = "") -> str:
    size = f"native_size = 64\nsize_step = 16\n{more}"
    return "\n".join(
        [
            *(f'[{one}]\nsource = "{folders[one]}"\ninpainting = "{FILLS[one]}"' for one in FILLS),
            *(f'[{name}]\nsource = "{folder}"\n{size}' for name, folder in fills.items()),
        ]
    ).replace("inpainting =", "size_step = 16\ninpainting =")


@pytest.fixture(scope="module")
def studio(folders: dict[str, Path], fills: dict[str, Path]) -> Iterator[worker.Painter]:
    catalogue = Catalogue.parse(tables(folders, fills))
    made = worker.Painter(catalogue, device="cpu", preview_every=2)
    yield made
    made.close()


def edit(model: str, op: Op = Op.REGION, **how: Any) -> dict[str, Any]:
    """A painting of `model`, by its inpainting model."""
    painter = Painter(model=FILLS[model], steps=STEPS, guidance=5.0)
    done = Edit(op=op, painter=painter, **(how or {"parts": (HALF,)}))
    return {"model": model, "edit": done, "source": Source("key", 1.0), "guidance": 1.5}


def tones(picture: Image.Image) -> numpy.ndarray:
    return numpy.asarray(picture.convert("RGB"), numpy.float32)


# On each family


@pytest.mark.parametrize("model", FILLS)
def test_a_part_is_what_the_inpainting_model_alone_paints_and_the_rest_stays(
    make: Make, studio: worker.Painter, fills: dict[str, Path], shape: str, model: str
):
    made = make("a cat", by=studio, source_path=shape, count=2, **edit(model))
    assert isinstance(made.ending, Finished), made.ending
    assert made.steps == [1, 2, 3]
    assert made.previews
    before = tones(Image.open(shape))
    for index, picture in enumerate(made.pictures):
        after = tones(picture)
        assert (after[:, :32] == before[:, :32]).all()
        assert (after[:16] == before[:16]).all()
        assert numpy.abs(after[20:, 36:] - before[20:, 36:]).mean() > 5
        alone = painted_alone(fills[FILLS[model]], shape, index, **edit(model))
        assert furthest(picture, alone) <= 1


def painted_alone(folder: Path, path: str, index: int, **changes: Any) -> Image.Image:
    """By diffusers' own pipeline, with the rest put back as ever."""
    request = a_request("a cat", **changes)
    canvas = canvas_of(request, path)
    assert canvas is not None
    pipeline = DiffusionPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    (picture,) = pipeline(
        prompt=request.text,
        image=canvas.start,
        mask_image=canvas.painted,
        width=64,
        height=64,
        strength=Fraction(RUN, STEPS),
        num_inference_steps=STEPS,
        guidance_scale=request.drawn.guidance,
        generator=torch.Generator().manual_seed(request.image_seed(index)),
    ).images
    return canvas.finished(picture)


@pytest.mark.parametrize("model", FILLS)
def test_more_is_painted_around_in_windows_too(
    make: Make, studio: worker.Painter, shape: str, model: str
):
    wide = make(
        by=studio,
        count=1,
        width=160,
        source_path=shape,
        chaos=30,
        weird=300,
        **edit(model, Op.EXTEND, keep=Box(0.6, 0, 1, 1)),
    )
    assert isinstance(wide.ending, Finished), wide.ending
    (picture,) = wide.pictures
    assert picture.size == (160, 64)
    assert (tones(picture)[:, 100:] == tones(Image.open(shape))[:, 4:]).all()
    assert tones(picture)[:, :90].std() > 1


def test_masks_that_cut_through_cells_are_told_in_whole_cells(studio: worker.Painter):
    painted = Image.new("L", (64, 40), 0)
    painted.paste(255, (20, 7, 33, 8))
    loaded = studio._shelf.get("sd-fill")
    cells = cells_of(painted, loaded.inpaint)
    assert cells.getbbox() == (16, 0, 40, 8)
    assert cells.getcolors() == [(64 * 40 - 24 * 8, 0), (24 * 8, 255)]
    assert cells_of(cells, loaded.inpaint).tobytes() == cells.tobytes()


def test_windows_answer_in_as_many_channels_as_the_denoiser():
    class Narrow(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.__dict__["forward"] = lambda sample, **_: Answer([sample[:, :4]])

    nothing = Image.new("L", (256, 128), 0)
    for painted in (None, nothing):
        pipeline = type("Pipeline", (), {"unet": Narrow()})()
        use_windows(pipeline, (256, 128), (128, 128), painted)
        latents = torch.randn(2, 9, 16, 32)
        answer = pipeline.unet(latents)[0]
        assert answer.shape == (2, 4, 16, 32)
        assert painted is not None or torch.allclose(answer, latents[:, :4], atol=1e-5)


# As any other task


def test_careful_and_in_company_comes_to_the_same(make: Make, studio: worker.Painter, shape: str):
    tasks = [
        {"seed": seed, "count": count, "source_path": shape, **edit("sd", parts=(part,))}
        for seed, count, part in ((1, 2, HALF), (2, 1, Box(0, 0, 0.5, 0.5)), (3, 2, HALF))
    ]
    alone = [make(by=studio, **task) for task in tasks]
    careful = make(by=studio, cautious=True, **tasks[0])
    assert careful.steps == list(range(1, 2 * RUN + 1))
    with ThreadPoolExecutor(3) as pool:
        together = [one.result() for one in [pool.submit(make, by=studio, **t) for t in tasks]]
    for made, other in zip([*together, careful], [*alone, alone[0]], strict=True):
        for picture, expected in zip(made.pictures, other.pictures, strict=True):
            assert furthest(picture, expected) <= 1


@pytest.mark.parametrize("model", ["xl", "flux"])
def test_a_painting_is_cancelled_and_goes_on_from_its_checkpoint(
    make: Make, studio: worker.Painter, shape: str, tmp_path: Path, model: str
):
    changes = edit(model)
    painter = replace(changes["edit"].painter, steps=12)
    changes["edit"] = replace(changes["edit"], painter=painter)
    changes |= {"count": 1, "source_path": shape, "by": studio}
    whole = make(**changes)
    halt = threading.Event()

    def stop_late(event: Event) -> None:
        if isinstance(event, Progress) and event.step == 8:
            halt.set()

    kept = str(tmp_path / "kept")
    cut = make(halt=halt, checkpoint=kept, listen=stop_late, **changes)
    assert isinstance(cut.ending, Cancelled)
    rest = make(checkpoint=kept, resume=True, **changes)
    assert rest.steps[0] > 1
    assert rest.pixels == whole.pixels


def test_an_inpainting_model_is_asked_for_nothing_else(
    make: Make, studio: worker.Painter, shape: str
):
    for changes in ({}, {"source": Source("key", 0.5), "source_path": shape}):
        made: Made = make(by=studio, model="sd-fill", **changes)
        assert isinstance(made.ending, Failed)
        assert made.ending.kind is FailureKind.REQUEST
        assert made.ending.sentence == (
            "The model “sd-fill” paints parts of pictures and draws none from words; use another "
            "one. Nothing was charged."
        )


def test_what_it_would_not_hear_is_refused(make: Make, studio: worker.Painter, shape: str):
    kept_out = {"avoid": ("fog",), "count": 1, "by": studio, "source_path": shape}
    assert isinstance(make(**kept_out, **edit("sd")).ending, Finished)
    made = make(**kept_out, **edit("flux"))
    assert isinstance(made.ending, Failed)
    assert made.ending.sentence == (
        "The model “flux-fill”, which paints parts of pictures, cannot keep anything out of them; "
        "leave --no and negative weights out. Nothing was charged."
    )


# Loading


def shelf(folders: dict[str, Path], fills: dict[str, Path], **options: Any) -> Shelf:
    catalogue = Catalogue.parse(tables(folders, fills))
    return Shelf(catalogue, CPU, torch.float32, **options)


def sentence_for(toml: str, name: str) -> str:
    with pytest.raises(ModelBrokenError) as caught:
        Shelf(Catalogue.parse(toml), CPU, torch.float32).get(name)
    return caught.value.sentence


def test_it_is_held_as_any_other_model_and_makes_room_for_others(
    folders: dict[str, Path], fills: dict[str, Path]
):
    subject = shelf(folders, fills)
    loaded = subject.get("sd-fill")
    assert loaded.text_to_image is None and loaded.image_to_image is None
    assert type(loaded.pipeline(from_picture=True, masked=True)).__name__ == (
        "StableDiffusionInpaintPipeline"
    )
    assert loaded.size == sum(one.stat().st_size for one in fills["sd-fill"].rglob("*.safetensors"))
    cramped = shelf(folders, fills, limit=1)
    for name in ("sd", "sd-fill"):
        cramped.get(name)
    assert cramped.names() == ["sd-fill"]
    low = Catalogue.parse(tables(folders, fills, 'memory = "low"\nquantize = "float8-storage"'))
    held = Shelf(low, CPU, torch.float32).get("sd-fill").held
    assert (held.memory, held.hooked) == ("low", True)


def test_files_that_name_the_usual_pipeline_are_loaded_with_the_one_that_paints(
    folders: dict[str, Path], fills: dict[str, Path], tmp_path: Path
):
    folder = Path(shutil.copytree(fills["xl-fill"], tmp_path / "mixed"))
    file = folder / "model_index.json"
    index = json.loads(file.read_text()) | {"_class_name": "StableDiffusionXLPipeline"}
    file.write_text(json.dumps(index))
    loaded = shelf(folders, fills | {"xl-fill": folder}).get("xl-fill")
    assert type(loaded.inpaint).__name__ == "StableDiffusionXLInpaintPipeline"


def test_a_model_that_cannot_paint_is_named_with_the_mend(
    folders: dict[str, Path], fills: dict[str, Path]
):
    here = tables(folders, fills | {"sd-fill": folders["small"]})
    assert sentence_for(here, "sd-fill") == (
        f"The model “sd-fill” cannot be loaded from “{folders['small']}”: it is no inpainting "
        "model, as its denoiser takes no mask; name another one as inpainting in models.toml."
    )
    for name, folder in fills.items():
        assert sentence_for(f'[{name}]\nsource = "{folder}"', name) == (
            f"The model “{name}” cannot be loaded from “{folder}”: it is an inpainting model, "
            "which draws nothing from words; name it in models.toml as the inpainting of the model "
            "that it is to paint for."
        )


def test_sizes_that_the_model_would_round_are_named_with_the_mend(
    folders: dict[str, Path], fills: dict[str, Path]
):
    here = tables(folders, fills).replace("size_step = 16", "size_step = 8")
    assert sentence_for(here, "flux-fill") == (
        "The model “flux-fill” paints in steps of 16 pixels, not of 8; give it and the models it "
        "paints for size_step = 16 in models.toml."
    )


# From the button to the record


class InProcess:
    """`core.ports.Engine` with a painter of this process."""

    workers = slots = 1

    def __init__(self, painter: worker.Painter) -> None:
        self._painter = painter
        self.made: dict[str, list[Event]] = {}

    def running(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def run(self, task: Task) -> AsyncIterator[Event]:
        events: list[Event] = []
        stop = threading.Event()
        ending = await asyncio.to_thread(self._painter.make, task, events.append, stop)
        self.made[task.job_id] = [*events, ending]
        for event in self.made[task.job_id]:
            yield event

    async def cancel(self, job_id: str) -> None:
        raise AssertionError("nobody cancels here")


async def test_a_pressed_region_is_painted_by_the_inpainting_model_and_its_record_says_so(
    studio: worker.Painter, folders: dict[str, Path], fills: dict[str, Path], tmp_path: Path
):
    clock, blobs = FakeClock(), await LocalBlobs.open(tmp_path / "blobs")
    toml = tables(folders, fills, "steps = 3\nguidance = 3.5")
    catalogue = Catalogue.parse(toml.replace("[sd]\n", "[sd]\nnative_size = 64\nsteps = 6\n"))
    house = House(blobs, clock, catalogue=catalogue)
    grid = await house.grid("a cat --model sd --n 1 --seed 7")
    pixels = Image.radial_gradient("L").convert("RGB").resize((64, 64))
    stored = await house.store.image(grid.id, 1)
    Path(await blobs.local(stored.blob)).write_bytes(encode_png(pixels))
    form = Form(region="right half")
    painted = (await house.press(Button(Action.REGION, grid.id, 1), form=form)).job
    varied = (await house.press(Button(Action.VARY, grid.id, 1))).job

    board, engine = Board(), InProcess(studio)
    changed = asyncio.Event()
    board.listen(lambda _: changed.set())
    folder = tmp_path / "spool"
    terms = Terms(
        instance="me",
        spool=folder,
        checkpoints=folder,
        lease_seconds=30,
        is_dead=lambda _: False,
    )
    dispatcher = asyncio.create_task(
        Dispatcher(house.store, blobs, engine, board, clock, terms).run()
    )
    try:
        for job_id in (painted.id, varied.id):
            while not (await house.store.get(job_id)).state.ended:
                changed.clear()
                await changed.wait()
    finally:
        dispatcher.cancel()
    done = await house.store.get(painted.id)
    assert done.state is State.DONE, done.error
    (picture,) = await house.store.images(painted.id)
    data = await blobs.get(picture.blob)
    request, number = read_record(data) or (None, 0)
    assert (request, number) == (done.request, 1)
    assert request is not None and request.edit is not None
    assert (request.model, request.made_by, request.kind) == ("sd", "sd-fill", Kind.REGION)
    assert request.edit.painter == Painter(model="sd-fill", steps=3, guidance=3.5)
    told = Image.open(io.BytesIO(data)).info["parameters"]
    assert "Steps: 3, " in told and "CFG scale: 3.5, " in told and "Model: sd-fill, " in told
    assert f"Denoising strength: {PAINTED_WITH_HEAD}" in told
    assert len([one for one in engine.made[painted.id] if isinstance(one, ImageReady)]) == 1
    # The same picture varied is drawn by its own model, without a mask.
    assert (await house.store.get(varied.id)).state is State.DONE
    assert varied.request.made_by == "sd"
