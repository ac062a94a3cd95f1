"""Parts of pictures painted anew, and pictures painted on: on the embedded model, and the way there
on tiny models of each family."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
import torch
from PIL import Image, ImageDraw
from torch import nn

from core.canvas import centred
from core.edits import EXTENDED, Box, Edit, Op
from core.events import Cancelled, Event, Failed, FailureKind, Finished, Progress
from core.models import Catalogue
from core.request import Source
from core.windows import passes, windows_of
from generation.edits.canvas import canvas_of
from generation.edits.fill import filled
from generation.edits.levelling import levelled
from generation.edits.windows import Answer, use_windows
from generation.painter import Painter
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Made, Make

SIDE = 128
RIGHT = Box(0.5, 0.25, 1.0, 1.0)
FAMILIES = ("sd", "sd2", "xl", "flux", "sd3")


@pytest.fixture(scope="module")
def box() -> Iterator[Painter]:
    painter = Painter(Catalogue.parse("[postcard]"), device="cpu")
    yield painter
    painter.close()


@pytest.fixture
def draw(make: Make, box: Painter) -> Callable[..., Made]:
    def run(text: str, **changes: Any) -> Made:
        usual = {"model": "postcard", "width": SIDE, "height": SIDE, "steps": 12, "count": 1}
        return make(text, by=box, **(usual | changes))

    return run


@pytest.fixture
def scene(draw: Callable[..., Made], tmp_path: Path) -> str:
    """The file of a picture that the model drew."""
    path = tmp_path / "scene.png"
    draw("a lighthouse by day, meadow", seed=5, steps=16).pictures[0].save(path)
    return str(path)


def tones(picture: Image.Image) -> numpy.ndarray:
    return numpy.asarray(picture.convert("RGB"), numpy.float32)


def region(**how: Any) -> dict[str, Any]:
    return {"edit": Edit(op=Op.REGION, **how), "source": Source("key", 1.0)}


def extend(keep: Box) -> dict[str, Any]:
    return {"edit": Edit(op=Op.EXTEND, keep=keep), "source": Source("key", EXTENDED)}


# A part is painted anew


def test_a_region_follows_the_prompt_and_leaves_the_rest_as_it_is(
    draw: Callable[..., Made], scene: str
):
    before = tones(Image.open(scene))
    made = draw("a mushroom, meadow", source_path=scene, count=4, **region(parts=(RIGHT,)))
    inside = numpy.zeros((SIDE, SIDE), bool)
    inside[SIDE // 4 :, SIDE // 2 :] = True
    for picture in made.pictures:
        after = tones(picture)
        assert (after[~inside] == before[~inside]).all()
        assert _inside(picture).std() > 8
        assert numpy.abs(_inside(picture) - before[SIDE // 4 :, SIDE // 2 :]).mean() > 5
    night = draw("a house at night, sea", source_path=scene, count=4, **region(parts=(RIGHT,)))
    brightness = [[_inside(picture).mean() for picture in one.pictures] for one in (made, night)]
    assert numpy.mean(brightness[0]) > numpy.mean(brightness[1]) + 15


def _inside(picture: Image.Image) -> numpy.ndarray:
    return tones(picture)[SIDE // 4 :, SIDE // 2 :]


def test_a_mask_says_which_part_and_reaches_a_little_beyond_its_strokes(
    draw: Callable[..., Made], scene: str, tmp_path: Path
):
    mask = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    ImageDraw.Draw(mask).ellipse((34, 20, 60, 60), fill="white")
    mask.save(tmp_path / "mask.png")
    made = draw(
        "a red flower, meadow",
        source_path=scene,
        mask_path=str(tmp_path / "mask.png"),
        **region(mask="key"),
    )
    change = numpy.abs(tones(made.pictures[0]) - tones(Image.open(scene))).sum(axis=2)
    assert change[48:112, 76:114].mean() > 5
    assert change[:, :60].max() == 0
    assert change[:30].max() == 0


def test_what_lies_under_the_part_does_not_show_through(tmp_path: Path):
    picture = Image.new("RGB", (64, 64), "navy")
    picture.paste("yellow", (16, 16, 48, 48))
    picture.save(tmp_path / "a.png")
    request = a_request(**region(parts=(Box(0.25, 0.25, 0.75, 0.75),)))
    canvas = canvas_of(request, str(tmp_path / "a.png"))
    assert canvas is not None
    assert canvas.start.getcolors() == [(64 * 64, (0, 0, 128))]
    assert canvas.kept.getpixel((32, 32)) == (255, 255, 0)


def test_a_ground_that_differs_a_little_is_levelled_and_a_thing_is_left():
    kept, painting = Image.new("RGB", (128, 128), (90, 160, 240)), Image.new("RGB", (128, 128))
    painting.paste((108, 172, 240), (0, 0, 128, 128))
    painting.paste((200, 20, 20), (60, 40, 128, 60))
    painted = Image.new("L", (128, 128), 0)
    painted.paste(255, (64, 0, 128, 128))
    level = tones(levelled(painting, kept, painted))
    before = tones(painting)
    # Right behind the edge it has the colour that is beside it, and far from it its own.
    assert numpy.abs(level[80:, 64:67] - tones(kept)[80:, 64:67]).max() <= 3
    assert numpy.abs(level[80:, 120:] - before[80:, 120:]).max() <= 4
    # A red thing that ends at the edge is no other ground.
    assert numpy.abs(level[45:55, 64:70] - before[45:55, 64:70]).max() <= 20
    assert (level[:, :64] == before[:, :64]).all()
    assert levelled(painting, kept, Image.new("L", (128, 128), 255)) is painting


def test_the_soft_edge_lies_inside_the_part_and_not_along_the_picture(tmp_path: Path):
    Image.new("RGB", (128, 128), "navy").save(tmp_path / "a.png")
    request = a_request(width=128, height=128, **region(parts=(Box(0.5, 0, 1, 1),)))
    canvas = canvas_of(request, str(tmp_path / "a.png"))
    assert canvas is not None
    row = list(canvas.soft.crop((0, 0, 128, 1)).tobytes())
    assert row[:64] == [0] * 64
    assert 0 < row[64] < 255
    assert row[68:] == [255] * 60


def test_a_picture_of_which_nothing_stays_starts_from_grey():
    grey = filled(Image.new("RGB", (20, 10), "red"), Image.new("L", (20, 10), 255))
    assert grey.getcolors() == [(200, (128, 128, 128))]


# More is painted around it


def seam(picture: Image.Image, edge: tuple[slice, slice], axis: int) -> float:
    """The step of the tones across an edge, in mean steps of the picture."""
    grey = tones(picture).mean(axis=2)
    steps = [numpy.abs(numpy.diff(grey, axis=one)) for one in (0, 1)]
    return float(steps[axis][edge].mean() / ((steps[0].mean() + steps[1].mean()) / 2))


def test_a_pan_keeps_the_picture_and_goes_on_with_it(draw: Callable[..., Made], scene: str):
    keep = Box(0, 0, 2 / 3, 1)
    made = draw(
        "a lighthouse by day, meadow", source_path=scene, width=192, count=2, **extend(keep)
    )
    seams: list[float] = []
    for picture in made.pictures:
        assert picture.size == (192, SIDE)
        assert (tones(picture)[:, :124] == tones(Image.open(scene))[:, :124]).all()
        assert tones(picture)[:, 128:].std() > 15
        seams.append(seam(picture, (slice(None), slice(127, 128)), 1))
    assert max(seams) <= 2


def test_a_zoom_keeps_the_picture_in_the_middle(draw: Callable[..., Made], scene: str):
    keep = centred((SIDE, SIDE), (SIDE, SIDE), 2.0)
    made = draw("a lighthouse by day, meadow", source_path=scene, count=2, steps=16, **extend(keep))
    small = Image.open(scene).convert("RGB").resize((64, 64), Image.Resampling.LANCZOS)
    inner = slice(36, 92)
    seams: list[float] = []
    for picture in made.pictures:
        assert (tones(picture)[inner, inner] == tones(small)[4:60, 4:60]).all()
        for part in (slice(0, 32), slice(96, SIDE)):
            assert tones(picture)[part].std() > 4
        seams += [seam(picture, (slice(32, 96), slice(x, x + 1)), 1) for x in (31, 95)]
        seams += [seam(picture, (slice(y, y + 1), slice(32, 96)), 0) for y in (31, 95)]
    assert sum(seams) / len(seams) <= 2


def test_a_pan_over_the_limit_cuts_the_far_side(tmp_path: Path):
    picture = Image.linear_gradient("L").rotate(90).resize((128, 64)).convert("RGB")
    picture.save(tmp_path / "a.png")
    # 128 wide, 64 more to the right, but only 160 may be.
    keep = Box(-32 / 160, 0, 96 / 160, 1)
    request = a_request(width=160, height=64, **extend(keep))
    canvas = canvas_of(request, str(tmp_path / "a.png"))
    assert canvas is not None
    assert (tones(canvas.kept)[:, :96] == tones(picture)[:, 32:]).all()
    assert canvas.painted.getbbox() == (96, 0, 160, 64)


# On each family


@pytest.fixture(scope="module")
def narrow(folders: dict[str, Path]) -> Iterator[Painter]:
    """Of models that draw pictures of 48 pixels well."""
    tables = [
        f'[{name}]\nsource = "{folders[name]}"\nnative_size = 48\nsize_step = 16\n'
        for name in FAMILIES
    ]
    painter = Painter(Catalogue.parse("\n".join(tables)), device="cpu", preview_every=2)
    yield painter
    painter.close()


@pytest.mark.parametrize("model", FAMILIES)
def test_every_family_paints_parts_and_around(make: Make, narrow: Painter, shape: str, model: str):
    part = make(model=model, count=1, source_path=shape, **region(parts=(RIGHT,)))
    assert isinstance(part.ending, Finished)
    assert part.steps == [1, 2, 3, 4]
    before, after = tones(Image.open(shape)), tones(part.pictures[0])
    assert (after[:, :32] == before[:, :32]).all()
    assert (after[24:, 40:] != before[24:, 40:]).any()
    # In windows.
    wide = make(
        model=model, by=narrow, count=2, width=96, source_path=shape, **extend(Box(1 / 3, 0, 1, 1))
    )
    assert isinstance(wide.ending, Finished)
    assert wide.ending.gpu_ms >= 0
    assert [one.size for one in wide.pictures] == [(96, 64)] * 2
    assert wide.previews
    for picture in wide.pictures:
        assert (tones(picture)[:, 36:] == before[:, 4:]).all()
        assert tones(picture)[:, :32].std() > 1


def test_careful_and_in_company_comes_to_the_same(make: Make, shape: str):
    changes: dict[str, Any] = {"count": 2, "source_path": shape, **region(parts=(RIGHT,))}
    plain, careful = make(**changes), make(cautious=True, **changes)
    assert careful.steps == list(range(1, 9))
    for one, other in zip(plain.pictures, careful.pictures, strict=True):
        assert numpy.abs(tones(one) - tones(other)).max() <= 2


def test_a_painting_goes_on_from_its_checkpoint(make: Make, shape: str, tmp_path: Path):
    changes: dict[str, Any] = {
        "count": 1,
        "steps": 12,
        "source_path": shape,
        **region(parts=(RIGHT,)),
    }
    whole = make(**changes)
    halt = threading.Event()

    def stop_late(event: Event) -> None:
        if isinstance(event, Progress) and event.step == 8:
            halt.set()

    kept = str(tmp_path / "kept")
    cut = make(
        halt=halt,
        checkpoint=kept,
        listen=stop_late,
        **changes,
    )
    assert isinstance(cut.ending, Cancelled)
    rest = make(checkpoint=kept, resume=True, **changes)
    assert rest.steps[0] > 1
    assert rest.pixels == whole.pixels


def test_a_mask_that_is_no_picture_is_said(make: Make, shape: str, tmp_path: Path):
    (tmp_path / "mask.png").write_text("no")
    made = make(source_path=shape, mask_path=str(tmp_path / "mask.png"), **region(mask="key"))
    assert isinstance(made.ending, Failed)
    assert made.ending.kind is FailureKind.REQUEST
    assert made.ending.sentence == "The mask is not a PNG, JPEG or WebP file; nothing was charged."


# Windows


class Echo(nn.Module):
    """Answers what it was asked, and remembers that."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self.__dict__["forward"] = self.answer

    def answer(self, sample: Any = None, *rest: Any, **named: Any) -> Any:
        self.asked.append({"sample": sample, "rest": rest, **named})
        return Answer([named.get("hidden_states", sample)])


def test_windows_cover_all_and_leave_no_edge():
    echo = Echo()
    use_windows(SimpleNamespace(unet=echo), (256, 256), (160, 160))
    latents = torch.randn(2, 4, 32, 32)
    words, more = torch.randn(2, 7, 5), {"time_ids": torch.randn(2, 6)}
    answer = echo(latents, torch.tensor(7), encoder_hidden_states=words, added_cond_kwargs=more)
    assert torch.allclose(answer[0], latents, atol=1e-5)
    assert sum(len(one["sample"]) for one in echo.asked) == 4 * 2
    for one in echo.asked:
        count = len(one["sample"])
        assert one["sample"].shape == (count, 4, 20, 20)
        assert len(one["encoder_hidden_states"]) == len(one["added_cond_kwargs"]["time_ids"])
        assert len(one["encoder_hidden_states"]) == count
        assert one["rest"][0].ndim == 0


@pytest.mark.parametrize(
    ("size", "edit"),
    [
        ((256, 256), Edit(op=Op.ENLARGE)),
        ((320, 192), Edit(op=Op.ENLARGE)),
        ((384, 96), Edit(op=Op.EXTEND, keep=Box(0, 0, 2 / 3, 1))),
        ((96, 384), Edit(op=Op.EXTEND, keep=Box(0, 0, 1, 0.5))),
        ((256, 256), Edit(op=Op.EXTEND, keep=Box(0.25, 0.25, 0.75, 0.75))),
        ((384, 96), Edit(op=Op.REGION, parts=(Box(0, 0, 0.25, 1), Box(0, 0, 0.1, 0.5)))),
    ],
)
def test_what_is_estimated_is_what_is_asked(size: tuple[int, int], edit: Edit, tmp_path: Path):
    Image.new("RGB", size).save(tmp_path / "a.png")
    width, height = size
    wanted = a_request(width=width, height=height, source=Source("key", 1.0), edit=edit)
    canvas = canvas_of(wanted, str(tmp_path / "a.png"))
    echo = Echo()
    painted = canvas.painted if canvas is not None else None
    use_windows(SimpleNamespace(unet=echo), size, windows_of(*size, 128, 8), painted)
    echo(torch.ones(1, 4, height // 8, width // 8))
    asked = sum(one["sample"][:, 0].numel() for one in echo.asked)
    assert passes(edit, *size, 128, 8) == pytest.approx(asked / (width * height / 64))


def test_windows_of_tokens_are_told_that_they_are_pictures():
    echo = Echo()
    use_windows(SimpleNamespace(transformer=echo), (96, 64), (64, 64))
    tokens = torch.randn(1, 4 * 6, 8)
    down, across = torch.meshgrid(torch.arange(4), torch.arange(6), indexing="ij")
    ids = torch.stack([torch.zeros_like(down), down, across], dim=2).flatten(0, 1)
    answer = echo(hidden_states=tokens, img_ids=ids)
    assert torch.allclose(answer.sample, tokens, atol=1e-5)
    for one in echo.asked:
        assert one["img_ids"].tolist() == [[0, y, x] for y in range(4) for x in range(4)]


def test_windows_with_nothing_to_paint_are_left_out():
    echo = Echo()
    painted = Image.new("L", (256, 128), 0)
    painted.paste(255, (0, 0, 64, 128))
    use_windows(SimpleNamespace(unet=echo), (256, 128), (128, 128), painted)
    answer = echo(torch.ones(1, 4, 16, 32))[0]
    assert sum(len(one["sample"]) for one in echo.asked) == 1
    assert answer[..., :16].min() > 0.99
    assert answer[..., 16:].abs().max() == 0


def test_a_denoiser_of_another_kind_answers_as_ever():
    echo = Echo()
    use_windows(SimpleNamespace(transformer=echo), (96, 64), (64, 64))
    given = [torch.ones(3, 3)]
    assert echo(given)[0] is given


def test_an_edit_that_keeps_nothing_has_no_canvas():
    request = a_request(source=Source("key", 0.25), edit=Edit(op=Op.ENLARGE))
    assert canvas_of(request, "nowhere.png") is None
    assert canvas_of(replace(request, edit=None), "nowhere.png") is None
