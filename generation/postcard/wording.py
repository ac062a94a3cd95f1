"""What people call the things in a scene: captions in many phrasings, and words read as others."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from generation.postcard.world import ATTRIBUTES, SUBJECTS, Scene, fresh_scenes

_OTHER_SUBJECT_WORDS: dict[str, tuple[str, ...]] = {
    "lighthouse": ("light house", "beacon tower"),
    "house": ("cottage", "cosy house", "cabin"),
    "tree": ("oak tree", "round tree"),
    "boat": ("sailboat", "sailing boat", "ship"),
    "mountain": ("mountain peak", "rocky mountain", "mountains"),
    "balloon": ("hot air balloon", "hot-air balloon", "balloon in the sky"),
    "castle": ("fortress", "old castle", "fairy tale castle"),
    "pyramid": ("great pyramid", "stone pyramid"),
    "rocket": ("space rocket", "spaceship", "rocket ship"),
    "flower": ("blossom", "garden flower", "daisy"),
    "mushroom": ("toadstool", "wild mushroom"),
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
_SIZE_WORDS: dict[str, tuple[str, ...]] = {
    "near": ("big", "large", "huge", "giant"),
    "far": ("small", "tiny", "little", "distant"),
}
# Attribute, value, and what people say for it; the plain word stands first.
_PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "ground": {
        "sea": ("at sea", "by the sea", "in the ocean", "on the water", "sea", "ocean"),
        "meadow": ("in a meadow", "on the grass", "in a green field", "meadow", "grassy hills"),
        "desert": ("in the desert", "on the sand", "among dunes", "desert", "sand dunes"),
        "snow": ("in the snow", "in winter", "on a snowy field", "snow", "winter"),
        "city": ("in the city", "in town", "city", "among skyscrapers", "city skyline", "downtown"),
    },
    "time": {
        "dawn": ("at dawn", "at sunrise", "in the early morning", "dawn", "sunrise"),
        "day": ("by day", "at noon", "in daylight", "day", "in the daytime"),
        "sunset": ("at sunset", "at dusk", "in the evening", "sunset", "dusk"),
        "night": ("at night", "at midnight", "late at night", "night", "midnight"),
    },
    "weather": {
        "clear": ("under a clear sky", "clear sky", "cloudless", "fine weather"),
        "cloudy": ("cloudy", "overcast", "under heavy clouds", "cloudy sky", "with big clouds"),
        "rain": ("in the rain", "rain", "rainy", "raining", "rain shower"),
        "rainbow": ("with a rainbow", "rainbow", "under a rainbow", "rainbow in the sky"),
    },
    "light": {
        "sun": ("with the sun", "sun", "the sun shining", "under the sun"),
        "moon": ("with the moon", "moon", "under the moon", "crescent moon", "in the moonlight"),
        "stars": ("with stars", "stars", "under the stars", "starry sky", "full of stars"),
    },
    "position": {
        "left": ("on the left", "to the left", "left side", "left"),
        "centre": ("in the middle", "in the centre", "in the center", "centered"),
        "right": ("on the right", "to the right", "right side", "right"),
    },
    "distance": {
        "near": ("close up", "near", "up close"),
        "far": ("far away", "in the distance", "from afar"),
    },
    "style": {
        "flat": ("flat design", "flat illustration", "vector art", "poster art"),
        "watercolour": ("watercolour", "watercolor", "watercolor painting", "in watercolour"),
        "ink": ("ink drawing", "ink", "in ink", "comic book", "pen and ink"),
    },
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
    "minimal",
    "postcard",
    "travel poster",
    "calm mood",
    "4k",
    "cinematic",
    "masterpiece",
    "peaceful",
    "lovely colours",
    "very happy",
    "a quiet place",
    "for my friend",
    "with love",
    "best quality",
    "sharp focus",
    "dramatic",
    "cute",
    "magical",
)
_SYLLABLES = (
    "ba be bo da del du fa fi ga go ka ken la lin lo ma mi mor na ner no ra ri ro sa sta ti vo"
)

# How often a caption names an attribute, where the value does not matter, and where it does: what
# goes without saying is seldom said.
_NAMED: dict[str, float] = {
    "subject": 0.93,
    "colour": 0.91,
    "time": 0.8,
    "ground": 0.7,
    "position": 0.45,
}
_NAMED_BY_VALUE: dict[str, dict[str, float]] = {
    "weather": {"clear": 0.25, "cloudy": 0.92, "rain": 0.92, "rainbow": 0.94},
    "light": {"sun": 0.25, "moon": 0.7, "stars": 0.7, "none": 0.0},
    "distance": {"near": 0.25, "far": 0.92},
    "style": {"flat": 0.3, "watercolour": 0.93, "ink": 0.93},
}

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
    **dict.fromkeys(("nighttime", "dark", "darkness"), "night"),
    **dict.fromkeys(("midday", "afternoon"), "noon"),
    **dict.fromkeys(("twilight", "sundown", "nightfall"), "dusk"),
    **dict.fromkeys(("daybreak",), "dawn"),
    **dict.fromkeys(("lake", "river", "island", "coast", "shore", "waves", "harbour"), "sea"),
    **dict.fromkeys(("prairie", "pasture", "lawn", "meadows", "grassland"), "meadow"),
    **dict.fromkeys(("beach", "sandy", "sahara", "dune"), "sand"),
    **dict.fromkeys(("ice", "icy", "arctic", "frozen", "wintry"), "snow"),
    **dict.fromkeys(("street", "urban", "buildings", "metropolis", "tokyo", "cities"), "city"),
    **dict.fromkeys(("maroon", "ruby"), "red"),
    **dict.fromkeys(("navy", "cyan", "turquoise", "teal"), "blue"),
    **dict.fromkeys(("lilac", "lavender", "mauve"), "purple"),
    **dict.fromkeys(("magenta",), "pink"),
    **dict.fromkeys(("gold", "lemon"), "yellow"),
    **dict.fromkeys(("ivory", "silver", "grey", "gray"), "white"),
    **dict.fromkeys(("lime", "olive"), "green"),
    **dict.fromkeys(("tangerine", "amber"), "orange"),
    **dict.fromkeys(("storm", "stormy", "drizzle", "thunderstorm"), "rain"),
    **dict.fromkeys(("cloud", "foggy", "misty"), "cloudy"),
    **dict.fromkeys(("sunny", "sunshine", "sunlight"), "sun"),
    **dict.fromkeys(("moonlit", "lunar"), "moon"),
    **dict.fromkeys(("star", "starlight"), "stars"),
    **dict.fromkeys(("enormous", "massive", "closeup"), "huge"),
    **dict.fromkeys(("miniature", "remote"), "tiny"),
    **dict.fromkeys(("aquarelle", "watercolours", "watercolors"), "watercolour"),
    **dict.fromkeys(("outlined", "inked", "manga"), "ink"),
}


@dataclass(frozen=True, slots=True)
class Caption:
    """A prompt, and what it names: attribute to value, without those it leaves out."""

    text: str
    names: dict[str, str]


def plain_caption(scene: Scene) -> Caption:
    """The caption a person would type first, with all that is not taken for granted."""
    taken_for_granted = {"weather": "clear", "light": "sun", "distance": "near", "style": "flat"}
    names = {
        name: value
        for name in ATTRIBUTES
        if (value := getattr(scene, name)) != taken_for_granted.get(name) and value != "none"
    }
    places = [phrases[names[name]][0] for name, phrases in _PHRASES.items() if name in names]
    start = f"a {scene.colour} {scene.subject} {places[0]} {places[1]}"
    return Caption(", ".join([start, *places[2:]]), names)


def caption(scene: Scene, rng: random.Random) -> Caption:
    """One of many phrasings of `scene`. Subject and colour are nearly always named."""
    names = {
        name: getattr(scene, name) for name in ATTRIBUTES if rng.random() < _chance(scene, name)
    }
    if "subject" not in names:
        names.pop("colour", None)
        names.setdefault("time", scene.time)
    return Caption(_phrase(names, rng), names)


def asking_caption(scene: Scene, rng: random.Random) -> Caption:
    """Any phrasing that names subject, colour and time, and the rest as captions do."""
    names = {
        name: getattr(scene, name)
        for name in ATTRIBUTES
        if name in ("subject", "colour", "time") or rng.random() < _chance(scene, name)
    }
    return Caption(_phrase(names, rng), names)


def _chance(scene: Scene, name: str) -> float:
    by_value = _NAMED_BY_VALUE.get(name)
    return _NAMED[name] if by_value is None else by_value[getattr(scene, name)]


def _phrase(names: Mapping[str, str], rng: random.Random) -> str:
    by_adjective = "subject" in names and "distance" in names and rng.random() < 0.6
    noun = _noun(names, rng, by_adjective)
    places = [
        rng.choice(phrases[names[attribute]])
        for attribute, phrases in _PHRASES.items()
        if attribute in names and not (attribute == "distance" and by_adjective)
    ]
    rng.shuffle(places)
    fillers = rng.sample(_FILLERS, k=rng.choice((0, 0, 0, 0, 1, 2)))
    if rng.random() < 0.05:
        fillers.append("".join(rng.choices(_SYLLABLES.split(), k=rng.randint(1, 3))))
    shape = rng.random()
    if not noun:
        text = ", ".join([*places, *fillers])
    elif shape < 0.35 or not places:
        text = ", ".join([" ".join([noun, *places[:2]]), *places[2:], *fillers])
    elif shape < 0.75:
        parts = [*places, *fillers]
        rng.shuffle(parts)
        text = ", ".join([noun, *parts])
    elif shape < 0.9:
        text = ", ".join([f"{places[0]}, {noun}", *places[1:], *fillers])
    else:
        text = " ".join([noun, *places, *fillers])
    if rng.random() < 0.1:
        text = text.capitalize()
    if rng.random() < 0.1:
        text += "."
    return text


def _noun(names: Mapping[str, str], rng: random.Random, sized: bool) -> str:
    subject = names.get("subject")
    if subject is None:
        return ""
    if rng.random() < 0.3:
        subject = rng.choice(_OTHER_SUBJECT_WORDS[subject])
    words = [subject]
    if "colour" in names:
        colour = names["colour"]
        words.insert(0, rng.choice(_OTHER_COLOUR_WORDS[colour]) if rng.random() < 0.2 else colour)
    if sized:
        words.insert(0, rng.choice(_SIZE_WORDS[names["distance"]]))
    noun = " ".join(words)
    start = rng.random()
    if start < 0.3:
        return noun
    article = "an" if noun[0] in "aeiou" else "a"
    if start < 0.82:
        return f"{article} {noun}"
    if start < 0.88:
        return f"the {noun}"
    return f"{rng.choice(_OPENERS)} {article} {noun}"


def plain_phrase(attribute: str, value: str) -> str:
    """What a person would type for `value` of one of the attributes said after the subject."""
    return _PHRASES[attribute][value][0]


def tokenizer_lines(seed: int) -> list[str]:
    """Text to learn the tokenizer from: captions, and every phrase of the world by itself."""
    rng = random.Random(seed)
    lines = [caption(scene, rng).text for scene in fresh_scenes(6000, seed)]
    tables = [_OTHER_SUBJECT_WORDS, _OTHER_COLOUR_WORDS, _SIZE_WORDS, *_PHRASES.values()]
    lines += [phrase for table in tables for phrases in table.values() for phrase in phrases]
    return [*lines, *_OPENERS, *_FILLERS]
