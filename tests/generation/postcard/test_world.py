"""The world's captions name what is drawn, and held-out triples stay out of training."""

import random
from collections import Counter

import pytest

from generation.postcard.wording import READ_AS, asking_caption, caption, plain_caption
from generation.postcard.world import (
    COLOURS,
    SUBJECTS,
    TIMES,
    Scene,
    fresh_scenes,
    held_out_scenes,
    is_held_out,
    training_scenes,
    vocabulary,
)

LIGHTHOUSE = Scene(
    subject="lighthouse", colour="red", time="sunset", ground="sea", position="left", seed=7
)


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
        # A "green field" speaks of another thing than the subject.
        phrases = " ".join(words)
        phrases = phrases.replace("green field", "")
        assert not wrong_colours & set(phrases.split()), (scene, words)


def test_subject_and_colour_are_nearly_always_named() -> None:
    rng = random.Random(3)
    captions = [caption(scene, rng) for scene in training_scenes(2000, seed=3)]
    named = Counter(name for item in captions for name in item.names)
    assert named["subject"] > 1800
    assert named["colour"] > 1600


def test_attributes_are_left_out_often() -> None:
    rng = random.Random(4)
    captions = [caption(scene, rng) for scene in training_scenes(2000, seed=4)]
    named = Counter(name for item in captions for name in item.names)
    assert 700 < named["position"] < 1300


def test_one_scene_has_many_wordings() -> None:
    rng = random.Random(5)
    assert len({caption(LIGHTHOUSE, rng).text for _ in range(200)}) > 120


def test_what_is_asked_for_names_subject_colour_and_time() -> None:
    rng = random.Random(6)
    for scene in training_scenes(200, seed=6):
        assert {"subject", "colour", "time"} <= set(asking_caption(scene, rng).names)


def test_what_goes_without_saying_is_drawn_most_and_named_least() -> None:
    rng = random.Random(11)
    scenes = training_scenes(4000, seed=11)
    for name, usual in {"weather": "clear", "distance": "near", "style": "flat"}.items():
        values = Counter(getattr(scene, name) for scene in scenes)
        assert values.most_common(1)[0][0] == usual
        silent = [scene for scene in scenes if name not in caption(scene, rng).names]
        assert sum(getattr(scene, name) == usual for scene in silent) > 0.8 * len(silent)


def test_plain_caption_speaks_of_what_is_unusual() -> None:
    scene = Scene(
        subject="cat",
        colour="pink",
        time="night",
        weather="rain",
        ground="city",
        light="moon",
        position="right",
        distance="far",
        style="ink",
    )
    assert plain_caption(scene).text == (
        "a pink cat in the city at night, in the rain, with the moon, on the right, far away, "
        "ink drawing"
    )


def test_no_light_is_never_named() -> None:
    rng = random.Random(12)
    for scene in training_scenes(1000, seed=12):
        assert caption(scene, rng).names.get("light") != "none"
    assert "none" not in vocabulary()["light"]


def test_the_sun_does_not_shine_at_night() -> None:
    assert not any(s.time == "night" and s.light == "sun" for s in training_scenes(2000, seed=13))


def test_other_words_are_not_those_of_captions() -> None:
    rng = random.Random(14)
    used = {
        word.strip(".,").lower()
        for scene in fresh_scenes(3000, seed=14)
        for word in caption(scene, rng).text.split()
    }
    # A word of captions too; the tokenizer keeps what captions taught.
    assert used & set(READ_AS) <= {"mountains"}


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
