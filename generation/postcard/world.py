"""The little world that `postcard` knows: what a scene may show, and scenes drawn by lot."""

import hashlib
import random
from dataclasses import dataclass
from functools import cache

SUBJECTS = (
    "lighthouse",
    "house",
    "tree",
    "boat",
    "mountain",
    "balloon",
    "castle",
    "pyramid",
    "rocket",
    "flower",
    "mushroom",
    "cat",
)
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")
TIMES = ("dawn", "day", "sunset", "night")
WEATHERS = ("clear", "cloudy", "rain", "rainbow")
GROUNDS = ("sea", "meadow", "desert", "snow", "city")
LIGHTS = ("sun", "moon", "stars", "none")
POSITIONS = ("left", "centre", "right")
DISTANCES = ("near", "far")
STYLES = ("flat", "watercolour", "ink")

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "subject": SUBJECTS,
    "colour": COLOURS,
    "time": TIMES,
    "weather": WEATHERS,
    "ground": GROUNDS,
    "light": LIGHTS,
    "position": POSITIONS,
    "distance": DISTANCES,
    "style": STYLES,
}

# How often each is drawn. What a person would take for granted is drawn most and named least, so
# that a prompt which does not speak of it gets it.
_WEATHER_WEIGHTS = (0.46, 0.20, 0.17, 0.17)
_DISTANCE_WEIGHTS = (0.68, 0.32)
_STYLE_WEIGHTS = (0.46, 0.27, 0.27)
_LIGHT_WEIGHTS: dict[str, tuple[float, ...]] = {
    "dawn": (0.76, 0.14, 0.0, 0.10),
    "day": (0.82, 0.10, 0.0, 0.08),
    "sunset": (0.78, 0.12, 0.0, 0.10),
    "night": (0.0, 0.56, 0.40, 0.04),
}
_HIDDEN_BY_CLOUDS = 0.5

HELD_OUT_PER_SUBJECT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One picture to draw. `seed` decides the small things no caption speaks of (clouds, hills)."""

    subject: str
    colour: str
    time: str
    weather: str = "clear"
    ground: str = "meadow"
    light: str = "sun"
    position: str = "centre"
    distance: str = "near"
    style: str = "flat"
    seed: int = 0


def is_held_out(subject: str, colour: str, time: str) -> bool:
    """Whether this triple is kept out of training, to be asked for only by the evaluation."""
    return (colour, time) in _held_out(subject)


@cache
def _held_out(subject: str) -> tuple[tuple[str, str], ...]:
    """Two of a subject's 32 (colour, time) pairs, picked by a hash: the same on every machine."""

    def rank(pair: tuple[str, str]) -> bytes:
        return hashlib.sha256(f"{subject}|{pair[0]}|{pair[1]}".encode()).digest()

    pairs = [(colour, time) for colour in COLOURS for time in TIMES]
    return tuple(sorted(pairs, key=rank)[:HELD_OUT_PER_SUBJECT])


def training_scenes(count: int, seed: int) -> list[Scene]:
    """`count` scenes, every (subject, colour) pair equally often, without held-out triples."""
    rng = random.Random(seed)
    pairs = [(subject, colour) for subject in SUBJECTS for colour in COLOURS]
    scenes: list[Scene] = []
    while len(scenes) < count:
        rng.shuffle(pairs)
        for subject, colour in pairs:
            times = [time for time in TIMES if not is_held_out(subject, colour, time)]
            scenes.append(_scene_with(rng, subject, colour, rng.choice(times)))
    return scenes[:count]


def fresh_scenes(count: int, seed: int) -> list[Scene]:
    """`count` scenes over the whole world, held-out triples included; for the classifier."""
    rng = random.Random(seed)
    return [
        _scene_with(
            rng,
            SUBJECTS[index % len(SUBJECTS)],
            rng.choice(COLOURS),
            rng.choice(TIMES),
        )
        for index in range(count)
    ]


def held_out_scenes(count: int, seed: int) -> list[Scene]:
    """`count` scenes of held-out triples only, every subject equally often."""
    rng = random.Random(seed)
    subjects = [SUBJECTS[index % len(SUBJECTS)] for index in range(count)]
    return [_scene_with(rng, subject, *rng.choice(_held_out(subject))) for subject in subjects]


def _scene_with(rng: random.Random, subject: str, colour: str, time: str) -> Scene:
    weather = rng.choices(WEATHERS, _WEATHER_WEIGHTS)[0]
    light = rng.choices(LIGHTS, _LIGHT_WEIGHTS[time])[0]
    if weather in ("cloudy", "rain") and rng.random() < _HIDDEN_BY_CLOUDS:
        light = "none"
    return Scene(
        subject=subject,
        colour=colour,
        time=time,
        weather=weather,
        ground=rng.choice(GROUNDS),
        light=light,
        position=rng.choice(POSITIONS),
        distance=rng.choices(DISTANCES, _DISTANCE_WEIGHTS)[0],
        style=rng.choices(STYLES, _STYLE_WEIGHTS)[0],
        seed=rng.randrange(2**31),
    )


def vocabulary() -> dict[str, tuple[str, ...]]:
    """The words to offer a person: attribute to the plain names of its values."""
    return {
        name: tuple(value for value in values if value != "none")
        for name, values in ATTRIBUTES.items()
    }
