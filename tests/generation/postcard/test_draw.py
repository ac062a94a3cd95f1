"""The renderer: repeatable, every subject at every size, colours where the caption puts them."""

from dataclasses import replace

import numpy as np
import pytest

from generation.postcard.draw import NATIVE, draw
from generation.postcard.world import (
    COLOURS,
    GROUNDS,
    LIGHTS,
    STYLES,
    SUBJECTS,
    TIMES,
    WEATHERS,
    Scene,
)

SIZES = [NATIVE, (160, 104), (104, 160), (168, 96), (96, 168), (144, 112), (64, 64)]
SCENE = Scene(subject="house", colour="red", time="day", seed=5)


def pixels(scene: Scene, size: tuple[int, int] = NATIVE) -> np.ndarray:
    return np.asarray(draw(scene, size)).astype(int)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_can_be_drawn_at_every_size(
    subject: str, style: str, size: tuple[int, int]
) -> None:
    picture = draw(replace(SCENE, subject=subject, style=style), size)
    assert (picture.mode, picture.size) == ("RGB", size)
    assert np.asarray(picture).std() > 10


def test_same_scene_same_picture() -> None:
    assert np.array_equal(pixels(SCENE), pixels(SCENE))


def test_the_seed_moves_small_things() -> None:
    assert not np.array_equal(pixels(SCENE), pixels(replace(SCENE, seed=6)))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_colour_changes_the_subject_and_little_else(subject: str) -> None:
    scene = replace(SCENE, subject=subject)
    changed = (pixels(scene) != pixels(replace(scene, colour="blue"))).any(axis=2)
    assert 0.02 < changed.mean() < 0.40
    columns = np.flatnonzero(changed.any(axis=0))
    assert 32 < columns.mean() < 96


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_subject_is_large_enough_to_survive_the_autoencoder(subject: str) -> None:
    scene = replace(SCENE, subject=subject)
    changed = (pixels(scene) != pixels(replace(scene, colour="blue"))).any(axis=2)
    rows = np.flatnonzero(changed.any(axis=1))
    assert rows.max() - rows.min() > 0.2 * NATIVE[1]


def test_no_two_colours_look_alike() -> None:
    drawn = {c: pixels(replace(SCENE, subject="castle", colour=c)) for c in COLOURS}
    walls = (drawn["red"] != drawn["blue"]).all(axis=2) & (drawn["red"] != drawn["white"]).all(
        axis=2
    )
    mean = {colour: picture[walls].mean(axis=0) for colour, picture in drawn.items()}
    for one in COLOURS:
        for other in COLOURS:
            if one < other:
                assert np.abs(mean[one] - mean[other]).sum() > 40, (one, other)


def test_position_moves_the_subject() -> None:
    centres = []
    for position in ("left", "centre", "right"):
        scene = replace(SCENE, position=position)
        changed = (pixels(scene) != pixels(replace(scene, colour="blue"))).any(axis=2)
        centres.append(np.flatnonzero(changed.any(axis=0)).mean())
    assert centres[0] + 15 < centres[1] < centres[2] - 15


def test_times_of_day_differ_in_the_sky() -> None:
    skies = [pixels(replace(SCENE, time=time))[:20].mean((0, 1)) for time in TIMES]
    for index, sky in enumerate(skies):
        for other in skies[:index]:
            assert np.abs(sky - other).sum() > 60


def test_grounds_differ_at_the_lower_edge() -> None:
    grounds = [pixels(replace(SCENE, ground=ground))[-6:].mean((0, 1)) for ground in GROUNDS]
    for index, ground in enumerate(grounds):
        for other in grounds[:index]:
            assert np.abs(ground - other).sum() > 60


def test_a_far_subject_is_smaller_and_stands_higher() -> None:
    def rows(distance: str) -> np.ndarray:
        scene = replace(SCENE, distance=distance)
        changed = (pixels(scene) != pixels(replace(scene, colour="blue"))).any(axis=2)
        return np.flatnonzero(changed.any(axis=1))

    near, far = rows("near"), rows("far")
    assert np.ptp(far) < 0.75 * np.ptp(near)
    assert far.max() < near.max()


def test_weathers_differ_in_the_sky() -> None:
    skies = [pixels(replace(SCENE, weather=weather, light="none"))[:80] for weather in WEATHERS]
    for index, sky in enumerate(skies):
        for other in skies[:index]:
            assert np.abs(sky - other).mean() > 5


def test_a_rainbow_has_its_colours_in_order() -> None:
    bow = pixels(replace(SCENE, weather="rainbow", light="none"))
    plain = pixels(replace(SCENE, light="none"))
    column = bow[:40, 56:72].mean(axis=1) - plain[:40, 56:72].mean(axis=1)
    reddest, bluest = column[:, 0] - column[:, 2], column[:, 2] - column[:, 0]
    assert reddest.argmax() < bluest.argmax()


@pytest.mark.parametrize("light", [light for light in LIGHTS if light != "none"])
def test_what_shines_at_night_is_brighter_than_the_sky(light: str) -> None:
    night = replace(SCENE, time="night", light="none")
    gained = pixels(replace(night, light=light))[:80] - pixels(night)[:80]
    assert gained.max() > 120


@pytest.mark.parametrize("weather", ["cloudy", "rain"])
@pytest.mark.parametrize("light", ["sun", "moon"])
def test_heavy_clouds_leave_sun_and_moon_visible(weather: str, light: str) -> None:
    hidden = replace(SCENE, weather=weather, light="none", subject="pyramid")
    changed = (pixels(replace(hidden, light=light)) != pixels(hidden)).any(axis=2)
    assert changed[:84].sum() > 60


def test_ink_outlines_shapes_and_leaves_stars_and_rain_alone() -> None:
    def dark(scene: Scene) -> int:
        return int((pixels(scene).max(axis=2) < 70).sum())

    inked = replace(SCENE, subject="tree", style="ink", light="none")
    assert dark(inked) > dark(replace(inked, style="flat")) + 200
    dry, wet = pixels(inked), pixels(replace(inked, weather="rain"))
    streaks = (wet - dry).mean(axis=2) > 20
    assert streaks[90:].any()
    starry = replace(inked, time="night", light="stars")
    assert (pixels(starry)[:60].max(axis=2) > 180).any()


def test_nights_in_ink_are_darker_than_days() -> None:
    night, day = (pixels(replace(SCENE, style="ink", time=time)) for time in ("night", "day"))
    assert night[:40].mean() < day[:40].mean() - 80


def test_a_watercolour_has_a_paper_margin() -> None:
    painted, flat = pixels(replace(SCENE, style="watercolour")), pixels(SCENE)
    edge = np.concatenate([painted[0], painted[-1], painted[:, 0], painted[:, -1]])
    assert (edge > 225).mean() > 0.9
    assert painted[40:90, 40:90].std() < flat[40:90, 40:90].std()
