"""Draws a scene as flat postcard art with PIL: sky, sun or moon, hills, ground, and one subject."""

import math
import random

from PIL import Image, ImageDraw

from generation.postcard.subjects import SUBJECT_PAINTERS, SUBJECT_SIZE
from generation.postcard.tones import GROUND_TONES, SKY_TONES, Rgb, SkyTones, mix, subject_tones
from generation.postcard.world import Scene

SUPERSAMPLING = 3
NATIVE = (128, 128)

_POSITION_SHARE = {"left": 0.28, "centre": 0.5, "right": 0.72}


def draw(scene: Scene, size: tuple[int, int] = NATIVE) -> Image.Image:
    """The picture of `scene`, RGB, `size` = (width, height) in pixels; the same every time."""
    rng = random.Random(f"{scene.seed}/{scene.time}/{scene.ground}")
    width, height = size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING
    short = min(width, height)
    sky = SKY_TONES[scene.time]
    horizon = height * rng.uniform(0.62, 0.70)
    image = _gradient(width, height, horizon, sky)
    pen = ImageDraw.Draw(image, "RGBA")

    centre = width * _POSITION_SHARE[scene.position] + short * rng.uniform(-0.035, 0.035)
    _light_in_the_sky(pen, rng, sky, scene.time, (width, horizon, short), centre)
    _clouds(pen, rng, sky, scene.time, (width, horizon, short))
    _hills(pen, rng, scene, (width, height, horizon, short))

    tall = short * SUBJECT_SIZE[scene.subject] * rng.uniform(0.9, 1.1)
    foot = horizon + (height - horizon) * rng.uniform(0.35, 0.6)
    if scene.subject == "balloon":
        foot = horizon - short * rng.uniform(-0.02, 0.08)
    elif scene.subject == "rocket":
        foot = horizon + short * rng.uniform(-0.05, 0.05)
    else:
        _footing(pen, scene, centre, foot, tall)
    SUBJECT_PAINTERS[scene.subject](
        pen, subject_tones(scene.colour, scene.time), centre, foot, tall
    )
    _foreground(pen, rng, scene, (width, height, horizon, short), foot)
    return image.reduce(SUPERSAMPLING)


def _gradient(width: int, height: int, horizon: float, sky: SkyTones) -> Image.Image:
    column = Image.new("RGB", (1, height))
    for y in range(height):
        column.putpixel((0, y), mix(sky.top, sky.bottom, min(1.0, y / horizon) ** 1.2))
    return column.resize((width, height))


def _light_in_the_sky(
    pen: ImageDraw.ImageDraw,
    rng: random.Random,
    sky: SkyTones,
    time: str,
    frame: tuple[float, float, float],
    subject_x: float,
) -> None:
    """Sun or moon on the side where the subject leaves room, and stars at night."""
    width, horizon, short = frame
    side = (
        1 if subject_x < width * 0.45 else -1 if subject_x > width * 0.55 else rng.choice((-1, 1))
    )
    x = width / 2 + side * rng.uniform(0.2, 0.38) * width
    if time == "night":
        for _ in range(rng.randint(9, 14)):
            star_x, star_y = rng.uniform(0.03, 0.97) * width, rng.uniform(0.03, 0.75) * horizon
            r = short * rng.uniform(0.012, 0.02)
            points = [
                (star_x + (r if k % 2 == 0 else r * 0.4) * math.sin(k * math.pi / 4),
                 star_y - (r if k % 2 == 0 else r * 0.4) * math.cos(k * math.pi / 4))
                for k in range(8)
            ]  # fmt: skip
            pen.polygon(points, fill=sky.light)
        y, r = rng.uniform(0.18, 0.34) * horizon, short * 0.085
        _disc(pen, x, y, r * 1.6, (*sky.light, 36))
        _disc(pen, x, y, r, sky.light)
        bite = mix(sky.top, sky.bottom, (y / horizon) ** 1.2)
        _disc(pen, x + r * 0.5, y - r * 0.22, r * 0.86, bite)
        return
    y, r = {
        "dawn": (horizon * rng.uniform(0.86, 0.96), short * 0.12),
        "day": (horizon * rng.uniform(0.2, 0.34), short * 0.085),
        "sunset": (horizon * rng.uniform(0.72, 0.86), short * 0.15),
    }[time]
    _disc(pen, x, y, r * 1.75, (*sky.light, 46))
    _disc(pen, x, y, r * 1.35, (*sky.light, 70))
    _disc(pen, x, y, r, sky.light)


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, r: float, fill: tuple[int, ...]) -> None:
    pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)


def _clouds(
    pen: ImageDraw.ImageDraw,
    rng: random.Random,
    sky: SkyTones,
    time: str,
    frame: tuple[float, float, float],
) -> None:
    width, horizon, short = frame
    most = {"dawn": 2, "day": 3, "sunset": 2, "night": 1}[time]
    for _ in range(rng.randint(0, most) if time != "day" else rng.randint(1, most)):
        x, y = rng.uniform(0.05, 0.95) * width, rng.uniform(0.1, 0.6) * horizon
        long, thick = short * rng.uniform(0.2, 0.32), short * 0.055
        pen.rounded_rectangle((x - long / 2, y - thick, x + long / 2, y), thick / 2, fill=sky.cloud)
        puff = short * 0.06
        for offset, scale in ((-0.16, 0.8), (0.1, 1.15)):
            _disc(pen, x + offset * long, y - thick * 0.75, puff * scale, sky.cloud)


def _hills(
    pen: ImageDraw.ImageDraw,
    rng: random.Random,
    scene: Scene,
    frame: tuple[float, float, float, float],
) -> None:
    """The far edge of the ground, then the ground itself down to the picture's lower edge."""
    width, height, horizon, short = frame
    tones = GROUND_TONES[scene.ground][scene.time]
    if scene.ground == "sea":
        pen.rectangle((0, horizon, width, height), fill=tones.near)
        band = (height - horizon) / 7
        for row in range(4):
            y = horizon + band * (0.5 + row * 1.5)
            shift = rng.uniform(0, 1)
            long = short * (0.10 + 0.05 * row)
            for k in range(-1, math.ceil(width / (long * 3.2)) + 1):
                x = (k + shift) * long * 3.2
                pen.rounded_rectangle((x, y, x + long, y + band * 0.32), band * 0.16, tones.far)
        return
    _wave(pen, horizon - short * 0.03, short * 0.045, width, height, rng, tones.far)
    _wave(pen, horizon + short * 0.05, short * 0.025, width, height, rng, tones.near)


def _wave(
    pen: ImageDraw.ImageDraw,
    y: float,
    swing: float,
    width: float,
    height: float,
    rng: random.Random,
    fill: Rgb,
) -> None:
    phase, length = rng.uniform(0, math.tau), rng.uniform(0.7, 1.1) * min(width, height)
    line = [
        (x, y + swing * math.sin(phase + math.tau * x / length))
        for x in range(0, int(width) + 8, 8)
    ]
    pen.polygon([(0, height), *line, (width, height)], fill=fill)


def _footing(pen: ImageDraw.ImageDraw, scene: Scene, x: float, foot: float, tall: float) -> None:
    """What the subject stands on: an islet at sea, a pond under a boat on land, else a shadow."""
    boat, sea = scene.subject == "boat", scene.ground == "sea"
    tones = GROUND_TONES[scene.ground][scene.time]
    if boat and sea:
        return
    if boat:
        pond = GROUND_TONES["sea"][scene.time].near
        wide, thick = tall * 0.72, tall * 0.15
        pen.ellipse((x - wide, foot - thick, x + wide, foot + thick * 1.1), fill=pond)
    elif sea:
        wide = tall * (0.8 if scene.subject in ("mountain", "pyramid") else 0.56)
        islet = GROUND_TONES["desert"][scene.time].far
        pen.ellipse((x - wide, foot - tall * 0.1, x + wide, foot + tall * 0.12), fill=islet)
    else:
        wide = tall * 0.42
        pen.ellipse(
            (x - wide, foot - tall * 0.05, x + wide, foot + tall * 0.07),
            fill=mix(tones.near, (20, 24, 50), 0.18),
        )


def _foreground(
    pen: ImageDraw.ImageDraw,
    rng: random.Random,
    scene: Scene,
    frame: tuple[float, float, float, float],
    foot: float,
) -> None:
    """A few large marks that tell the grounds apart: tufts, ripples in sand, drifts, waves."""
    width, height, _, short = frame
    tones = GROUND_TONES[scene.ground][scene.time]
    low = max(foot + short * 0.05, height - short * 0.12)
    for _ in range(max(3, round(4 * width / short))):
        x, y = rng.uniform(0.02, 0.98) * width, rng.uniform(low, height * 0.99)
        s = short * rng.uniform(0.035, 0.05)
        if scene.ground == "meadow":
            for lean in (-0.7, 0.0, 0.7):
                pen.polygon(
                    [(x - s * 0.25, y), (x + s * lean, y - s * 1.4), (x + s * 0.25, y)],
                    fill=tones.mark,
                )
        elif scene.ground == "desert":
            pen.rounded_rectangle((x - s * 1.8, y, x + s * 1.8, y + s * 0.4), s * 0.2, tones.mark)
        elif scene.ground == "snow":
            pen.ellipse((x - s * 2, y - s * 0.5, x + s * 2, y + s * 0.5), fill=tones.mark)
        else:
            pen.rounded_rectangle((x - s * 2, y, x + s * 2, y + s * 0.45), s * 0.22, tones.mark)
