"""Draws a scene as a postcard with PIL: sky, ground and one subject, in one of the styles."""

import random

from PIL import Image, ImageDraw

from generation.postcard import ground, sky
from generation.postcard.canvas import Canvas
from generation.postcard.styles import ink, watercolour
from generation.postcard.subjects import SUBJECT_PAINTERS, SUBJECT_SIZE
from generation.postcard.tones import subject_tones
from generation.postcard.world import Scene

SUPERSAMPLING = 3
NATIVE = (128, 128)

_POSITION_SHARE = {"left": 0.28, "centre": 0.5, "right": 0.72}
_SCALE = {"near": (0.94, 1.12), "far": (0.58, 0.66)}
_FOOT = {"near": (0.38, 0.62), "far": (0.16, 0.30)}


def draw(scene: Scene, size: tuple[int, int] = NATIVE) -> Image.Image:
    """The picture of `scene`, RGB, `size` = (width, height) in pixels; the same every time."""
    image = _flat(scene, size, fine=True)
    if scene.style == "ink":
        return ink(image, _flat(scene, size, fine=False), size, dark=scene.time == "night")
    if scene.style == "watercolour":
        return watercolour(image, size, random.Random(scene.seed))
    return image.reduce(SUPERSAMPLING)


def _flat(scene: Scene, size: tuple[int, int], *, fine: bool) -> Image.Image:
    """The drawing at `SUPERSAMPLING` times `size`, without its fine parts if they are not wanted;
    all else is then at the same place."""
    rng = random.Random(f"{scene.seed}/{scene.time}/{scene.ground}")
    width, height = size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING
    horizon = height * rng.uniform(0.62, 0.70)
    tones = sky.sky_tones(scene)
    image = sky.gradient(width, height, horizon, tones)
    pen = ImageDraw.Draw(image, "RGBA")
    fine_pen = pen if fine else ImageDraw.Draw(Image.new("RGB", (1, 1)), "RGBA")
    canvas = Canvas(pen, fine_pen, rng, scene, width, height, horizon)

    x = width * _POSITION_SHARE[scene.position] + canvas.short * rng.uniform(-0.035, 0.035)
    sky.lights(canvas, tones, x)
    if scene.weather == "rainbow":
        sky.rainbow(canvas, rng)
    sky.clouds(canvas, tones)
    ground.lay(canvas)
    foot = _subject(canvas, x)
    ground.foreground(canvas, foot)
    if scene.weather == "rain":
        sky.rain(canvas)
    return image


def _subject(canvas: Canvas, x: float) -> float:
    """Paints the subject and what it stands on; returns the height of its foot."""
    scene, rng, short = canvas.scene, canvas.rng, canvas.short
    tall = short * SUBJECT_SIZE[scene.subject] * rng.uniform(*_SCALE[scene.distance])
    foot = canvas.horizon + (canvas.height - canvas.horizon) * rng.uniform(*_FOOT[scene.distance])
    if scene.subject == "balloon":
        foot = canvas.horizon - short * rng.uniform(-0.02, 0.08)
        if scene.distance == "far":
            foot -= short * 0.08
    elif scene.subject == "rocket":
        foot = canvas.horizon + short * rng.uniform(-0.05, 0.05)
    else:
        ground.footing(canvas, x, foot, tall)
    tones = subject_tones(scene.colour, scene.time)
    SUBJECT_PAINTERS[scene.subject](canvas.pen, tones, x, foot, tall)
    return foot
