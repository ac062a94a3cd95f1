"""What the built-in look sees, measured on pictures of a world where everything has a name."""

from __future__ import annotations

from collections import Counter

import numpy
import pytest
from PIL import Image, ImageDraw

from core.likeness import NORM, PICTURE, look_of_words
from generation.look import look
from generation.postcard.draw import draw
from generation.postcard.wording import plain_caption
from generation.postcard.world import Scene, fresh_scenes

SCENES = fresh_scenes(600, seed=5)
NEAREST = 5


def vector(data: bytes) -> numpy.ndarray:
    return numpy.frombuffer(data, numpy.int8).astype(numpy.float32)


def far(one: Image.Image, other: Image.Image) -> float:
    return float(numpy.linalg.norm(vector(look(one)) - vector(look(other))))


@pytest.fixture(scope="module")
def seen() -> numpy.ndarray:
    return numpy.stack([vector(look(draw(scene))) for scene in SCENES])


def shares(looks: numpy.ndarray) -> dict[str, float]:
    """How many times more often than by chance one of the nearest has the same of each."""
    squares = (looks**2).sum(axis=1)
    apart = squares[:, None] + squares - 2 * looks @ looks.T
    numpy.fill_diagonal(apart, numpy.inf)
    nearest = numpy.argsort(apart, axis=1)[:, :NEAREST]
    found: dict[str, float] = {}
    for name in ("subject", "colour", "time", "ground"):
        what = numpy.array([getattr(scene, name) for scene in SCENES])
        chance = sum((count / len(what)) ** 2 for count in Counter(what.tolist()).values())
        found[name] = float((what[nearest] == what[:, None]).mean()) / chance
    return found


def test_the_nearest_of_a_red_lighthouse_are_lighthouses_and_red(seen: numpy.ndarray) -> None:
    """Of the picture alone; a thing is a small part of it, the hour colours all of it."""
    found = shares(seen)
    assert found["subject"] > 1.6
    assert found["colour"] > 1.4
    assert found["time"] > 3
    assert found["ground"] > 2.3


def test_with_the_words_they_are_so_more_often(seen: numpy.ndarray) -> None:
    words = [vector(look_of_words(plain_caption(scene).text)) for scene in SCENES]
    alone, both = shares(seen), shares(numpy.hstack([seen, numpy.stack(words)]))
    assert both["subject"] > 1.5 * alone["subject"]
    assert both["colour"] > 1.4 * alone["colour"]


def test_a_look_has_its_size_and_its_length() -> None:
    for scene in SCENES[:20]:
        data = look(draw(scene))
        assert len(data) == PICTURE
        assert float(numpy.linalg.norm(vector(data))) == pytest.approx(NORM, rel=0.05)


def test_the_same_picture_looks_the_same_at_any_size_and_a_little_changed() -> None:
    scene = Scene(subject="lighthouse", colour="red", time="sunset", ground="sea")
    picture, other = draw(scene), draw(Scene(subject="cat", colour="blue", time="night"))
    large = picture.resize((1024, 1024), Image.Resampling.LANCZOS)
    darker = picture.point(lambda tone: tone * 0.9)
    assert far(picture, large) < 0.35 * far(picture, other)
    assert far(picture, darker) < 0.35 * far(picture, other)


@pytest.mark.parametrize(
    "picture",
    [Image.new("RGB", (1, 1)), Image.new("L", (5, 3000), 128), Image.new("RGBA", (64, 64))],
)
def test_pictures_with_nothing_to_see_have_a_look_too(picture: Image.Image) -> None:
    assert len(look(picture)) == PICTURE


def test_where_a_thing_stands_and_which_way_it_leans_is_seen() -> None:
    def line(*ends: int) -> Image.Image:
        picture = Image.new("RGB", (64, 64), "white")
        ImageDraw.Draw(picture).line(ends, fill="black", width=3)
        return picture

    upright, beside, lying = line(20, 5, 20, 60), line(24, 5, 24, 60), line(5, 20, 60, 20)
    assert far(upright, beside) < far(upright, lying)
