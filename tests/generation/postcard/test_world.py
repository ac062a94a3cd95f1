"""The world's captions name what is drawn, and held-out triples stay out of training."""

import random
from collections import Counter

import pytest

from generation.postcard.world import (
    ATTRIBUTES,
    COLOURS,
    SUBJECTS,
    TIMES,
    Scene,
    caption,
    fresh_scenes,
    full_caption,
    held_out_scenes,
    is_held_out,
    plain_caption,
    training_scenes,
)

LIGHTHOUSE = Scene("lighthouse", "red", "sunset", "sea", "left", 7)


def test_plain_caption_is_what_a_person_would_type() -> None:
    assert plain_caption(LIGHTHOUSE).text == "a red lighthouse at sea at sunset, on the left"


def test_captions_name_only_what_the_scene_shows() -> None:
    rng = random.Random(1)
    for scene in training_scenes(500, seed=1):
        for name, value in caption(scene, rng).names.items():
            assert getattr(scene, name) == value


def test_a_named_subject_or_colour_never_contradicts_the_text() -> None:
    rng = random.Random(2)
    for scene in training_scenes(500, seed=2):
        words = caption(scene, rng).text.lower().replace(",", " ").split()
        wrong_colours = set(COLOURS) - {scene.colour}
        # "blue sky", "green field" and "golden" dunes speak of other things than the subject.
        phrases = " ".join(words)
        for phrase in ("blue sky", "green field"):
            phrases = phrases.replace(phrase, "")
        assert not wrong_colours & set(phrases.split()), (scene, words)


def test_subject_and_colour_are_nearly_always_named() -> None:
    rng = random.Random(3)
    captions = [caption(scene, rng) for scene in training_scenes(2000, seed=3)]
    named = Counter(name for item in captions for name in item.names)
    assert named["subject"] > 1900
    assert named["colour"] > 1700


def test_attributes_are_left_out_often() -> None:
    rng = random.Random(4)
    captions = [caption(scene, rng) for scene in training_scenes(2000, seed=4)]
    named = Counter(name for item in captions for name in item.names)
    assert 700 < named["position"] < 1300


def test_one_scene_has_many_wordings() -> None:
    rng = random.Random(5)
    assert len({caption(LIGHTHOUSE, rng).text for _ in range(200)}) > 120


def test_full_caption_names_everything() -> None:
    assert set(full_caption(LIGHTHOUSE, random.Random(6)).names) == set(ATTRIBUTES)


def test_training_never_shows_a_held_out_triple() -> None:
    scenes = training_scenes(5000, seed=7)
    assert not any(is_held_out(s.subject, s.colour, s.time) for s in scenes)


def test_held_out_scenes_are_all_held_out_and_even() -> None:
    scenes = held_out_scenes(240, seed=8)
    assert all(is_held_out(s.subject, s.colour, s.time) for s in scenes)
    assert set(Counter(s.subject for s in scenes).values()) == {20}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_subject_keeps_most_of_its_triples_for_training(subject: str) -> None:
    kept_out = sum(is_held_out(subject, c, t) for c in COLOURS for t in TIMES)
    assert kept_out == 2


def test_every_subject_has_every_colour_equally_often() -> None:
    scenes = training_scenes(96 * 5, seed=9)
    assert set(Counter((s.subject, s.colour) for s in scenes).values()) == {5}


def test_scenes_follow_their_seed() -> None:
    assert training_scenes(50, seed=10) == training_scenes(50, seed=10)
    assert training_scenes(50, seed=10) != training_scenes(50, seed=11)
    assert fresh_scenes(50, seed=10) == fresh_scenes(50, seed=10)
