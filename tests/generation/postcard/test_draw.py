"""The renderer: repeatable, every subject at every size, colours where the caption puts them."""

from dataclasses import replace

import numpy as np
import pytest

from generation.postcard.draw import NATIVE, draw
from generation.postcard.world import COLOURS, GROUNDS, SUBJECTS, TIMES, Scene

SIZES = [NATIVE, (160, 104), (104, 160), (168, 96), (96, 168), (144, 112), (64, 64)]
SCENE = Scene("house", "red", "day", "meadow", "centre", 5)


def pixels(scene: Scene, size: tuple[int, int] = NATIVE) -> np.ndarray:
    return np.asarray(draw(scene, size)).astype(int)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_can_be_drawn_at_every_size(subject: str, size: tuple[int, int]) -> None:
    picture = draw(replace(SCENE, subject=subject), size)
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
    mean = {
        colour: pixels(replace(SCENE, subject="castle", colour=colour))[78:84, 58:70].mean((0, 1))
        for colour in COLOURS
    }
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
