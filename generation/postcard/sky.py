"""Skies: their colours by time and weather, sun, moon and stars, clouds, rainbow and rain."""

import math
import random

from PIL import Image

from generation.postcard.canvas import Canvas
from generation.postcard.tones import RAINBOW, SKY_TONES, VEIL, SkyTones, mix, veil
from generation.postcard.world import Scene


def sky_tones(scene: Scene) -> SkyTones:
    """The sky of this time, greyed by the weather."""
    clean, share = SKY_TONES[scene.time], VEIL[scene.weather][0]
    grey = veil(scene.time)
    return SkyTones(
        mix(clean.top, grey, share),
        mix(clean.bottom, grey, share),
        clean.light,
        mix(clean.cloud, grey, share * 0.8),
    )


def gradient(width: int, height: int, horizon: float, sky: SkyTones) -> Image.Image:
    """The bare sky, top to bottom of the whole picture."""
    column = Image.new("RGB", (1, height))
    column.putdata([mix(sky.top, sky.bottom, min(1.0, y / horizon) ** 1.2) for y in range(height)])
    return column.resize((width, height))


def rainbow(canvas: Canvas, rng: random.Random) -> None:
    """A bow from one side of the ground to the other, faint enough to stay behind the subject."""
    middle = canvas.width * rng.uniform(0.42, 0.58)
    wide = canvas.width * 0.46
    high = canvas.horizon * 0.84
    band = canvas.short * 0.024
    for number, tone in enumerate(RAINBOW):
        inset = number * band
        box = (
            middle - wide + inset,
            canvas.horizon - high + inset,
            middle + wide - inset,
            canvas.horizon + high - inset,
        )
        canvas.fine.arc(box, 180, 360, fill=(*tone, 215), width=math.ceil(band) + 1)


def lights(canvas: Canvas, sky: SkyTones, subject_x: float) -> None:
    """Sun, moon or stars, on the side where the subject leaves room."""
    scene, rng, width = canvas.scene, canvas.rng, canvas.width
    side = (
        1 if subject_x < width * 0.45 else -1 if subject_x > width * 0.55 else rng.choice((-1, 1))
    )
    x = width / 2 + side * rng.uniform(0.2, 0.38) * width
    if scene.light == "sun":
        _sun(canvas, sky, x)
    elif scene.light == "moon":
        if scene.time == "night":
            _stars(canvas, sky, rng.randint(3, 6), 1.0)
        _moon(canvas, sky, x)
    elif scene.light == "stars":
        _stars(canvas, sky, rng.randint(13, 18), 1.5)


def _sun(canvas: Canvas, sky: SkyTones, x: float) -> None:
    rng, horizon, short = canvas.rng, canvas.horizon, canvas.short
    y, r = {
        "dawn": (horizon * rng.uniform(0.84, 0.95), short * 0.12),
        "day": (horizon * rng.uniform(0.2, 0.34), short * 0.085),
        "sunset": (horizon * rng.uniform(0.70, 0.84), short * 0.15),
        "night": (horizon * rng.uniform(0.84, 0.95), short * 0.1),
    }[canvas.scene.time]
    y = max(y, _below_clouds(canvas))
    if canvas.scene.ground == "city":
        y = min(y, horizon - short * 0.26)
    canvas.disc(x, y, r * 1.75, (*sky.light, 46))
    canvas.disc(x, y, r * 1.35, (*sky.light, 70))
    canvas.disc(x, y, r, sky.light)


def _moon(canvas: Canvas, sky: SkyTones, x: float) -> None:
    """A thick crescent: cut from a disc by a disc of the sky's own colour there."""
    tone = SKY_TONES["night"].light if canvas.scene.time == "night" else (252, 250, 244)
    y, r = canvas.rng.uniform(0.16, 0.32) * canvas.horizon, canvas.short * 0.09
    y = max(y, _below_clouds(canvas))
    canvas.disc(x, y, r * 1.6, (*tone, 36))
    canvas.disc(x, y, r, tone)
    bite = mix(sky.top, sky.bottom, (y / canvas.horizon) ** 1.2)
    canvas.disc(x + r * 0.52, y - r * 0.22, r * 0.86, bite)


def _below_clouds(canvas: Canvas) -> float:
    """Height under which sun and moon stay visible."""
    return canvas.horizon * 0.5 if canvas.scene.weather in ("cloudy", "rain") else 0.0


def _stars(canvas: Canvas, sky: SkyTones, count: int, scale: float) -> None:
    rng = canvas.rng
    tone = SKY_TONES["night"].light if canvas.scene.time == "night" else (255, 252, 240)
    for _ in range(count):
        x, y = rng.uniform(0.03, 0.97) * canvas.width, rng.uniform(0.03, 0.75) * canvas.horizon
        y = max(y, _below_clouds(canvas) * rng.uniform(0.8, 1.4))
        r = canvas.short * rng.uniform(0.013, 0.021) * scale
        points = [
            (x + (r if k % 2 == 0 else r * 0.4) * math.sin(k * math.pi / 4),
             y - (r if k % 2 == 0 else r * 0.4) * math.cos(k * math.pi / 4))
            for k in range(8)
        ]  # fmt: skip
        canvas.fine.polygon(points, fill=tone)


def clouds(canvas: Canvas, sky: SkyTones) -> None:
    """A few small ones in fine weather, a ceiling of large ones in bad."""
    rng, width, short = canvas.rng, canvas.width, canvas.short
    if canvas.scene.weather in ("cloudy", "rain"):
        _ceiling(canvas, sky)
        return
    most = {"dawn": 1, "day": 2, "sunset": 1, "night": 0}[canvas.scene.time]
    for _ in range(rng.randint(0, most)):
        x, y = rng.uniform(0.05, 0.95) * width, rng.uniform(0.1, 0.5) * canvas.horizon
        _cloud(canvas, x, y, short * rng.uniform(0.2, 0.3), sky.cloud)


def _ceiling(canvas: Canvas, sky: SkyTones) -> None:
    rng, width, short = canvas.rng, canvas.width, canvas.short
    dark = mix(sky.cloud, veil(canvas.scene.time), 0.3)
    if canvas.scene.weather == "rain":
        dark = mix(dark, (40, 46, 66), 0.34)
    count = max(4, round(4 * width / short))
    low = sky.cloud if canvas.scene.weather == "cloudy" else mix(dark, sky.cloud, 0.4)
    for row, tone in ((0.08, dark), (0.22, low)):
        for k in range(count):
            x = width * (k + rng.uniform(0.1, 0.9)) / count
            y = canvas.horizon * (row + rng.uniform(0.0, 0.1))
            _cloud(canvas, x, y, short * rng.uniform(0.34, 0.46), tone)


def _cloud(canvas: Canvas, x: float, y: float, long: float, tone: tuple[int, int, int]) -> None:
    thick = long * 0.24
    canvas.pen.rounded_rectangle((x - long / 2, y - thick, x + long / 2, y), thick / 2, fill=tone)
    for offset, scale in ((-0.16, 0.8), (0.1, 1.15)):
        canvas.disc(x + offset * long, y - thick * 0.75, long * 0.23 * scale, tone)


def rain(canvas: Canvas) -> None:
    """Slanted streaks over the whole picture."""
    rng, short = canvas.rng, canvas.short
    tone = (226, 236, 250, 150 if canvas.scene.time != "night" else 120)
    thick = max(1, round(short * 0.0125))
    for _ in range(round(34 * canvas.width * canvas.height / short**2)):
        x, y = rng.uniform(0.0, 1.04) * canvas.width, rng.uniform(0.12, 0.98) * canvas.height
        long = short * rng.uniform(0.07, 0.11)
        canvas.fine.line((x, y, x - long * 0.32, y + long), fill=tone, width=thick)
