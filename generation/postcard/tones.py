"""The colours of the world, red-green-blue 0..255: skies, grounds, and subjects by time of day."""

from dataclasses import dataclass

Rgb = tuple[int, int, int]


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """`a` with `share` (0..1) of `b` stirred in."""
    red, green, blue = (round(p + (q - p) * share) for p, q in zip(a, b, strict=True))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class SkyTones:
    top: Rgb
    bottom: Rgb
    light: Rgb  # the sun, or the moon and stars
    cloud: Rgb


@dataclass(frozen=True, slots=True)
class GroundTones:
    far: Rgb
    near: Rgb
    mark: Rgb


@dataclass(frozen=True, slots=True)
class SubjectTones:
    """A subject's main colour in this light, its two shades, and the trims all subjects share."""

    main: Rgb
    light: Rgb
    dark: Rgb
    trim: Rgb
    wood: Rgb
    ink: Rgb
    glass: Rgb
    leaf: Rgb
    stone: Rgb


SKY_TONES: dict[str, SkyTones] = {
    "dawn": SkyTones((178, 168, 226), (255, 226, 205), (255, 250, 214), (244, 222, 236)),
    "day": SkyTones((74, 160, 232), (190, 230, 250), (255, 226, 92), (255, 255, 255)),
    "sunset": SkyTones((132, 58, 132), (255, 152, 72), (255, 214, 96), (236, 116, 112)),
    "night": SkyTones((14, 20, 58), (44, 60, 118), (248, 240, 196), (46, 60, 110)),
}

_GROUND_BY_DAY: dict[str, GroundTones] = {
    "sea": GroundTones((72, 158, 208), (38, 118, 184), (104, 184, 222)),
    "meadow": GroundTones((140, 198, 92), (98, 170, 72), (66, 136, 58)),
    "desert": GroundTones((240, 206, 138), (226, 180, 104), (200, 150, 80)),
    "snow": GroundTones((214, 230, 242), (240, 246, 252), (206, 222, 238)),
    "city": GroundTones((150, 152, 164), (120, 122, 134), (206, 206, 204)),
}

# How much of a grey veil the weather draws over the sky, and over the ground.
VEIL: dict[str, tuple[float, float]] = {
    "clear": (0.0, 0.0),
    "cloudy": (0.30, 0.10),
    "rain": (0.52, 0.24),
    "rainbow": (0.0, 0.0),
}

RAINBOW: tuple[Rgb, ...] = (
    (232, 64, 60),
    (250, 150, 48),
    (252, 222, 76),
    (86, 184, 92),
    (70, 130, 224),
    (140, 84, 190),
)

# What the light stirs into the ground and into the subject: (tint, share on ground, on subject).
# The subject takes less, so that its colour can still be named at night.
_LIGHT: dict[str, tuple[Rgb, float, float]] = {
    "dawn": ((244, 196, 214), 0.26, 0.10),
    "day": ((255, 255, 255), 0.0, 0.0),
    "sunset": ((150, 58, 84), 0.34, 0.10),
    "night": ((14, 20, 62), 0.56, 0.16),
}

_MAIN: dict[str, Rgb] = {
    "red": (214, 40, 44),
    "orange": (248, 132, 24),
    "yellow": (250, 212, 40),
    "green": (36, 146, 70),
    "blue": (34, 84, 206),
    "purple": (124, 52, 172),
    "pink": (246, 120, 178),
    "white": (248, 246, 242),
}


def _lit(tone: Rgb, time: str, on_subject: bool) -> Rgb:
    tint, ground_share, subject_share = _LIGHT[time]
    return mix(tone, tint, subject_share if on_subject else ground_share)


GROUND_TONES: dict[str, dict[str, GroundTones]] = {
    ground: {
        time: GroundTones(
            _lit(tones.far, time, False),
            _lit(tones.near, time, False),
            _lit(tones.mark, time, False),
        )
        for time in SKY_TONES
    }
    for ground, tones in _GROUND_BY_DAY.items()
}


def subject_tones(colour: str, time: str) -> SubjectTones:
    """The tones to paint a subject of `colour` with at `time`."""
    main = _MAIN[colour]
    white = colour == "white"
    return SubjectTones(
        main=_lit(main, time, True),
        light=_lit(mix(main, (255, 255, 255), 0.28), time, True),
        dark=_lit(mix(main, (70, 80, 130), 0.26) if white else mix(main, (20, 14, 50), 0.28),
                  time, True),
        trim=_lit((196, 202, 216) if white else (252, 248, 238), time, True),
        wood=_lit((120, 76, 48), time, True),
        ink=_lit((52, 48, 66), time, True),
        glass=(255, 226, 120) if time in ("night", "sunset") else _lit((250, 232, 150), time, True),
        leaf=_lit((70, 140, 60), time, True),
        stone=_lit((124, 116, 124), time, True),
    )  # fmt: skip


def veil(time: str) -> Rgb:
    """The grey of bad weather in this light."""
    return _lit((138, 148, 164), time, False)


def walls(time: str) -> tuple[Rgb, Rgb, Rgb]:
    """The far and the near houses of a city, and their windows."""
    lit = time in ("night", "sunset")
    window = (255, 222, 120) if lit else _lit((206, 222, 236), time, False)
    return _lit((164, 174, 194), time, False), _lit((122, 130, 156), time, False), window
