"""What flags do to how a picture is made, measured: on the model in the box, and on each family."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from PIL import Image

from core.events import Failed, FailureKind, Finished
from core.models import Catalogue
from core.request import HouseStyle, Source
from generation.painter import Painter
from generation.sharpening import Sharpening
from generation.stopping import softened
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Made, Make

FAMILIES = ("sd", "sd2", "xl", "sd3", "flux")
LIGHTHOUSE = "a red lighthouse at sunset"

Draw = Callable[..., Made]


@pytest.fixture(scope="module")
def box() -> Painter:
    """With the model that Easel brings along."""
    return Painter(Catalogue.parse(""), device="cpu", preview_every=50)


@pytest.fixture
def draw(make: Make, box: Painter) -> Draw:
    def run(text: str = LIGHTHOUSE, **changes: Any) -> Made:
        usual = {"width": 128, "height": 128, "steps": 10, "count": 1, "seed": 5}
        made = make(text, model="postcard", by=box, **(usual | changes))
        assert isinstance(made.ending, Finished)
        return made

    return run


def arrays(made: Made) -> list[numpy.ndarray]:
    return [numpy.asarray(one, dtype=float) for one in made.pictures]


def gradient(made: Made) -> float:
    """The mean difference of neighbouring pixels."""
    return float(
        numpy.mean(
            [abs(numpy.diff(one, axis=axis)).mean() for one in arrays(made) for axis in (0, 1)]
        )
    )


def rises(values: list[float]) -> bool:
    return all(one < other for one, other in pairwise(values))


# On the model in the box


def test_the_earlier_a_picture_is_stopped_the_softer_it_is(draw: Draw):
    stops = (10, 30, 50, 75, 100)
    made = [draw(stop=stop) for stop in stops]
    assert rises([gradient(one) for one in made])
    assert [one.steps[-1] for one in made] == [1, 3, 5, 8, 10]


def test_a_picture_has_the_more_detail_the_more_is_asked_for(draw: Draw):
    made = [draw(exp=exp) for exp in (0, 25, 50, 75, 100)]
    assert rises([gradient(one) for one in made])
    plain, half = (numpy.concatenate(arrays(one)) for one in (made[0], made[2]))
    # Still the same picture, and neither black nor burnt.
    assert numpy.corrcoef(plain.ravel(), half.ravel())[0, 1] > 0.75
    assert numpy.mean((half < 2) | (half > 253)) < 0.1


def test_the_colours_of_a_styles_picture_come_nearer_with_its_weight(draw: Draw, tmp_path: Path):
    waves = numpy.sin(numpy.mgrid[0:128, 0:128] / 8)
    look = numpy.stack([200 + 40 * waves[0], 120 + 40 * waves[1], 30 + 20 * waves[0]], axis=-1)
    Image.fromarray(look.astype("uint8")).save(tmp_path / "look.png")

    def statistics(picture: numpy.ndarray) -> numpy.ndarray:
        return numpy.concatenate([picture.mean((0, 1)), picture.std((0, 1))])

    def distance(stylize: int) -> float:
        made = draw(
            style=HouseStyle(blob="key"),
            stylize=stylize,
            style_path=str(tmp_path / "look.png"),
        )
        return float(
            numpy.mean(
                [numpy.linalg.norm(statistics(one) - statistics(look)) for one in arrays(made)]
            )
        )

    assert rises([-distance(stylize) for stylize in (0, 250, 500, 750, 1000)])
    assert draw(stylize=0).pixels == draw().pixels


def test_the_weaker_a_variation_the_nearer_it_is_to_its_source(draw: Draw, tmp_path: Path):
    source = draw(seed=9).pictures[0]
    source.save(tmp_path / "source.png")

    def distance(strength: float) -> float:
        given = {"source": Source("key", strength), "source_path": str(tmp_path / "source.png")}
        return float(
            numpy.mean([abs(one - numpy.asarray(source, float)) for one in arrays(draw(**given))])
        )

    assert rises([distance(strength) for strength in (0.1, 0.3, 0.5, 0.7, 1.0)])


def seam(made: list[Made]) -> float:
    """The difference across the edges when they are put together, in inner differences."""
    across, inner = [], []
    for picture in (one for few in made for one in arrays(few)):
        for axis in (0, 1):
            half = picture.shape[axis] // 2
            rolled = abs(numpy.diff(numpy.roll(picture, half, axis), axis=axis))
            steps = rolled.mean(axis=(1 - axis, 2))
            across.append(steps[half - 1])
            inner.append(numpy.delete(steps, half - 1).mean())
    return float(numpy.mean(across) / numpy.mean(inner))


def test_the_edges_of_a_tile_fit_each_other(draw: Draw):
    texts = (LIGHTHOUSE, "snowy mountains at night")
    assert seam([draw(text, tile=True, count=4, steps=6) for text in texts]) <= 1.3
    assert seam([draw(LIGHTHOUSE, steps=6)]) > 4


def test_a_picture_of_two_stages_is_larger_and_keeps_its_layout(draw: Draw):
    small, large = draw(), draw(hires=2.0)
    assert large.steps == list(range(1, 16))
    for one, other in zip(small.pictures, large.pictures, strict=True):
        assert other.size == (256, 256)
        shrunk = numpy.asarray(other.resize(one.size, Image.Resampling.BOX), float)
        assert numpy.corrcoef(numpy.asarray(one, float).ravel(), shrunk.ravel())[0, 1] > 0.8


def test_samplers_that_lose_their_way_in_this_models_noise_are_not_offered(
    make: Make, draw: Draw, box: Painter
):
    for name in ("heun", "dpm2-karras", "dpm-fast", "euler-beta"):
        refused = make(model="postcard", by=box, sampler=name).ending
        assert isinstance(refused, Failed)
        assert refused.kind is FailureKind.REQUEST
    plain = draw()
    for name in ("dpm++2m-karras", "sa-solver", "lms-karras"):
        other = draw(sampler=name)
        assert numpy.corrcoef(arrays(plain)[0].ravel(), arrays(other)[0].ravel())[0, 1] > 0.5


# On each family


def looked_at(path: Path) -> dict[str, Any]:
    Image.linear_gradient("L").convert("RGB").save(path)
    return {"style": HouseStyle(blob="key"), "stylize": 900, "style_path": str(path)}


@pytest.mark.parametrize("model", FAMILIES)
def test_every_family_does_each_of_these(make: Make, tmp_path: Path, model: str):
    plain = make(model=model, count=1)
    look = looked_at(tmp_path / "look.png")
    for changes in ({"stop": 50}, {"exp": 60}, {"hires": 1.5}, look, look | {"exp": 60}):
        made = make(model=model, count=1, **changes)
        request = a_request(**{key: changes[key] for key in changes if key != "style_path"})
        assert isinstance(made.ending, Finished)
        assert made.steps == list(range(1, request.denoising_steps + 1))
        assert made.pictures[0].size == request.size
        assert made.pixels != plain.pixels
    assert make(model=model, count=1).pixels == plain.pixels


@pytest.mark.parametrize("model", FAMILIES)
def test_as_many_steps_are_run_as_were_said(make: Make, tmp_path: Path, model: str):
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "source.png")
    for strength, steps, stop in ((0.5, 5, 100), (0.7, 22, 100), (0.9, 7, 60)):
        changes: dict[str, Any] = {"source": Source("key", strength), "steps": steps, "stop": stop}
        made = make(model=model, count=1, source_path=str(tmp_path / "source.png"), **changes)
        assert len(made.steps) == a_request(**changes).denoising_steps


@pytest.mark.parametrize("sampler", ["heun", "dpm2", "pndm", "dpm++sde"])
def test_a_stop_counts_steps_not_calls(make: Make, sampler: str):
    made = make(count=1, steps=8, stop=50, sampler=sampler)
    assert made.steps == [1, 2, 3, 4]
    assert made.pixels != make(count=1, steps=8, sampler=sampler).pixels


def test_a_careful_task_stops_and_grows_each_of_its_pictures(make: Make):
    changes: dict[str, Any] = {"count": 2, "stop": 60, "hires": 2.0, "steps": 4}
    whole, careful = make(**changes), make(cautious=True, **changes)
    assert whole.steps == list(range(1, 6))
    assert careful.steps == list(range(1, 11))
    assert [one.size for one in careful.pictures] == [(128, 128)] * 2


@pytest.mark.parametrize("model", ["sd", "sd2", "xl"])
def test_a_tile_leaves_nothing_behind(make: Make, painter: Painter, model: str):
    plain = make(model=model, count=1)
    tile = make(model=model, count=1, tile=True, cautious=True)
    assert isinstance(tile.ending, Finished)
    assert tile.pixels != plain.pixels
    assert make(model=model, count=1).pixels == plain.pixels
    shared = painter._shelf.get(model).text_to_image
    for part in (*shared.unet.modules(), *shared.vae.modules()):
        assert getattr(part, "padding_mode", "zeros") == "zeros"


@pytest.mark.parametrize("model", ["sd3", "flux"])
def test_a_transformer_draws_no_tiles_and_says_so(make: Make, model: str):
    ending = make(model=model, tile=True).ending
    assert isinstance(ending, Failed)
    assert ending.kind is FailureKind.REQUEST
    assert ending.sentence == (
        f"--tile needs a model that draws with convolutions, and “{model}” is a transformer; "
        "use postcard. Nothing was charged."
    )


# Parts


def test_sharpening_leaves_flat_planes_and_their_mean_alone():
    torch.manual_seed(0)
    flat, rough = torch.full((1, 4, 8, 8), 0.3), torch.randn(1, 4, 8, 8)
    assert torch.allclose(Sharpening(100)(flat, 0.1), flat)
    sharp = Sharpening(100, circular=True)(rough, 0.1)
    assert torch.allclose(sharp.mean(), rough.mean(), atol=1e-5)
    assert sharp.std() > rough.std()
    assert torch.equal(Sharpening(100)(rough, 0.9), rough)


def test_the_more_noise_there_was_the_softer_the_rest():
    torch.manual_seed(0)
    rough = torch.randn(1, 4, 16, 16)
    spreads = [softened(rough, level).std().item() for level in (1.0, 0.7, 0.4, 0.0)]
    assert rises(spreads)
    assert torch.equal(softened(rough, 0.0), rough)
    assert softened(rough[..., :3, :2], 0.5).shape == (1, 4, 3, 2)
