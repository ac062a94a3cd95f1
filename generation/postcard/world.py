"""The little world that `postcard` knows: its words, and captions for its scenes. Pure."""

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
GROUNDS = ("sea", "meadow", "desert", "snow")
POSITIONS = ("left", "centre", "right")

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "subject": SUBJECTS,
    "colour": COLOURS,
    "time": TIMES,
    "ground": GROUNDS,
    "position": POSITIONS,
}

_OTHER_SUBJECT_WORDS: dict[str, tuple[str, ...]] = {
    "lighthouse": ("light house", "beacon tower"),
    "house": ("cottage", "little house", "cabin"),
    "tree": ("oak tree", "round tree"),
    "boat": ("sailboat", "sailing boat", "ship"),
    "mountain": ("mountain peak", "snowy mountain", "mountains"),
    "balloon": ("hot air balloon", "hot-air balloon", "balloon in the sky"),
    "castle": ("fortress", "old castle", "fairy tale castle"),
    "pyramid": ("great pyramid", "stone pyramid"),
    "rocket": ("space rocket", "spaceship", "rocket ship"),
    "flower": ("blossom", "big flower", "daisy"),
    "mushroom": ("toadstool", "giant mushroom"),
    "cat": ("kitten", "sitting cat", "kitty"),
}
_OTHER_COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "red": ("crimson", "scarlet", "bright red"),
    "orange": ("bright orange",),
    "yellow": ("golden", "bright yellow"),
    "green": ("bright green", "emerald"),
    "blue": ("bright blue", "azure"),
    "purple": ("violet", "bright purple"),
    "pink": ("rose pink", "bright pink"),
    "white": ("pure white", "snow-white"),
}
_TIME_PHRASES: dict[str, tuple[str, ...]] = {
    "dawn": ("at dawn", "at sunrise", "in the early morning", "dawn", "sunrise"),
    "day": ("by day", "at noon", "in daylight", "on a sunny day", "day", "blue sky"),
    "sunset": ("at sunset", "at dusk", "in the evening", "sunset", "dusk"),
    "night": ("at night", "at midnight", "under the stars", "in the moonlight", "night"),
}
_GROUND_PHRASES: dict[str, tuple[str, ...]] = {
    "sea": ("at sea", "by the sea", "in the ocean", "on the water", "sea", "ocean"),
    "meadow": ("in a meadow", "on the grass", "in a green field", "meadow", "grassy hills"),
    "desert": ("in the desert", "on the sand", "among dunes", "desert", "sand dunes"),
    "snow": ("in the snow", "in winter", "on a snowy field", "snow", "winter"),
}
_POSITION_PHRASES: dict[str, tuple[str, ...]] = {
    "left": ("on the left", "to the left", "left side", "left"),
    "centre": ("in the middle", "in the centre", "in the center", "centered"),
    "right": ("on the right", "to the right", "right side", "right"),
}
_OPENERS = (
    "a picture of",
    "a postcard of",
    "an illustration of",
    "a poster of",
    "a drawing of",
    "a painting of",
    "a photo of",
)
_FILLERS = (
    "beautiful",
    "highly detailed",
    "flat design",
    "minimal",
    "postcard",
    "poster art",
    "travel poster",
    "calm mood",
    "4k",
    "cinematic",
    "masterpiece",
    "wide view",
    "vector art",
    "peaceful",
    "lovely colours",
    "very happy",
    "warm light",
    "a quiet place",
    "for my friend",
    "with love",
    "best quality",
    "oil painting",
    "watercolor",
    "sharp focus",
    "dramatic",
    "cute",
    "magical",
)
_SYLLABLES = (
    "ba be bo da del du fa fi ga go ka ken la lin lo ma mi mor na ner no ra ri ro sa sta ti vo"
)

# Words no caption uses, and the word they are read as.
READ_AS: dict[str, str] = {
    **{f"{subject}s": subject for subject in SUBJECTS},
    **dict.fromkeys(("yacht", "ships", "vessel", "sailboats"), "boat"),
    **dict.fromkeys(("home", "hut", "barn", "cottages", "villa", "cabins"), "house"),
    **dict.fromkeys(("palace", "fort", "citadel"), "castle"),
    **dict.fromkeys(("tulip", "sunflower", "poppy", "daisies"), "flower"),
    **dict.fromkeys(("fungus", "toadstools"), "mushroom"),
    **dict.fromkeys(("volcano", "peaks", "alps", "summit"), "mountain"),
    **dict.fromkeys(("spaceships", "starship", "rocketship"), "rocket"),
    **dict.fromkeys(("kittens", "kitties", "feline"), "cat"),
    **dict.fromkeys(("pine", "palm", "birch", "forest"), "tree"),
    **dict.fromkeys(("blimp", "airship"), "balloon"),
    **dict.fromkeys(("nighttime", "dark", "darkness", "starry", "moonlit"), "night"),
    **dict.fromkeys(("daytime", "midday", "afternoon"), "noon"),
    **dict.fromkeys(("twilight", "sundown", "nightfall"), "dusk"),
    **dict.fromkeys(("daybreak",), "dawn"),
    **dict.fromkeys(("lake", "river", "island", "coast", "shore", "waves", "harbour"), "sea"),
    **dict.fromkeys(("prairie", "pasture", "lawn", "meadows", "grassland"), "meadow"),
    **dict.fromkeys(("beach", "sandy", "sahara", "dune"), "sand"),
    **dict.fromkeys(("ice", "icy", "arctic", "frozen", "wintry"), "snow"),
    **dict.fromkeys(("maroon", "ruby"), "red"),
    **dict.fromkeys(("navy", "cyan", "turquoise", "teal"), "blue"),
    **dict.fromkeys(("lilac", "lavender", "mauve"), "purple"),
    **dict.fromkeys(("magenta",), "pink"),
    **dict.fromkeys(("gold", "lemon"), "yellow"),
    **dict.fromkeys(("ivory", "silver", "grey", "gray"), "white"),
    **dict.fromkeys(("lime", "olive"), "green"),
    **dict.fromkeys(("tangerine", "amber"), "orange"),
}

HELD_OUT_PER_SUBJECT = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture to draw. `seed` decides the small things no caption speaks of (clouds, hills)."""

    subject: str
    colour: str
    time: str
    ground: str
    position: str
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
    return Scene(
        subject, colour, time, rng.choice(GROUNDS), rng.choice(POSITIONS), rng.randrange(2**31)
    )


@dataclass(frozen=True, slots=True)
class Caption:
    """A prompt, and what it names: attribute to value, without those it leaves out."""

    text: str
    names: dict[str, str]


def plain_caption(scene: Scene) -> Caption:
    """The caption a person would type first, all five attributes named."""
    text = (
        f"a {scene.colour} {scene.subject} {_GROUND_PHRASES[scene.ground][0]} "
        f"{_TIME_PHRASES[scene.time][0]}, {_POSITION_PHRASES[scene.position][0]}"
    )
    return Caption(text, {name: getattr(scene, name) for name in ATTRIBUTES})


def caption(scene: Scene, rng: random.Random) -> Caption:
    """One of many phrasings of `scene`. Subject and colour are nearly always named."""
    names = {"subject": scene.subject}
    if rng.random() < 0.92:
        names["colour"] = scene.colour
    if rng.random() < 0.8:
        names["time"] = scene.time
    if rng.random() < 0.7:
        names["ground"] = scene.ground
    if rng.random() < 0.5:
        names["position"] = scene.position
    if rng.random() < 0.03:
        del names["subject"]
        names.setdefault("time", scene.time)
    return Caption(_phrase(names, rng), names)


def full_caption(scene: Scene, rng: random.Random) -> Caption:
    """Any phrasing that names all five attributes."""
    names = {name: getattr(scene, name) for name in ATTRIBUTES}
    return Caption(_phrase(names, rng), names)


def _phrase(names: dict[str, str], rng: random.Random) -> str:
    noun = _noun(names, rng)
    places = [
        rng.choice(phrases[names[attribute]])
        for attribute, phrases in (
            ("time", _TIME_PHRASES),
            ("ground", _GROUND_PHRASES),
            ("position", _POSITION_PHRASES),
        )
        if attribute in names
    ]
    rng.shuffle(places)
    fillers = rng.sample(_FILLERS, k=rng.choice((0, 0, 0, 1, 2)))
    if rng.random() < 0.06:
        fillers.append("".join(rng.choices(_SYLLABLES.split(), k=rng.randint(1, 4))))
    shape = rng.random()
    if not noun:
        parts = [*places, *fillers]
        text = ", ".join(parts)
    elif shape < 0.45:
        text = ", ".join([" ".join([noun, *places]), *fillers])
    elif shape < 0.75:
        parts = [*places, *fillers]
        rng.shuffle(parts)
        text = ", ".join([noun, *parts])
    elif shape < 0.9 and places:
        text = ", ".join([f"{places[0]}, {noun}", *places[1:], *fillers])
    else:
        text = " ".join([noun, *places, *fillers])
    if rng.random() < 0.1:
        text = text.capitalize()
    if rng.random() < 0.1:
        text += "."
    return text


def _noun(names: dict[str, str], rng: random.Random) -> str:
    subject = names.get("subject")
    if subject is None:
        return ""
    if rng.random() < 0.3:
        subject = rng.choice(_OTHER_SUBJECT_WORDS[subject])
    colour = names.get("colour")
    if colour is not None and rng.random() < 0.2:
        colour = rng.choice(_OTHER_COLOUR_WORDS[colour])
    noun = subject if colour is None else f"{colour} {subject}"
    style = rng.random()
    if style < 0.3:
        return noun
    article = "an" if noun[0] in "aeiou" else "a"
    if style < 0.8:
        return f"{article} {noun}"
    if style < 0.87:
        return f"the {noun}"
    return f"{rng.choice(_OPENERS)} {article} {noun}"


def vocabulary() -> dict[str, tuple[str, ...]]:
    """The words to offer a person: attribute to the plain names of its values."""
    return dict(ATTRIBUTES)


def tokenizer_lines(seed: int) -> list[str]:
    """Text to learn the tokenizer from: captions, and every phrase of the world by itself."""
    rng = random.Random(seed)
    lines = [caption(scene, rng).text for scene in fresh_scenes(6000, seed)]
    for table in (
        _OTHER_SUBJECT_WORDS,
        _OTHER_COLOUR_WORDS,
        _TIME_PHRASES,
        _GROUND_PHRASES,
        _POSITION_PHRASES,
    ):
        lines += [phrase for phrases in table.values() for phrase in phrases]
    return [*lines, *_OPENERS, *_FILLERS]
