"""How each subject is painted: large plain shapes, told apart by silhouette alone.

A painter gets (pen, tones, x, foot, tall): the middle and the lower edge of the subject and its
height, in pixels of the canvas. Inside a painter shapes are given in shares of the height, x to
the right of the middle and y up from the foot.
"""

import math
from collections.abc import Callable

from PIL import ImageDraw

from generation.postcard.tones import Rgb, SubjectTones

Painter = Callable[[ImageDraw.ImageDraw, SubjectTones, float, float, float], None]

# Height as a share of the picture's shorter side.
SUBJECT_SIZE: dict[str, float] = {
    "lighthouse": 0.62,
    "house": 0.46,
    "tree": 0.54,
    "boat": 0.50,
    "mountain": 0.46,
    "balloon": 0.54,
    "castle": 0.46,
    "pyramid": 0.40,
    "rocket": 0.56,
    "flower": 0.56,
    "mushroom": 0.46,
    "cat": 0.52,
}


class _Brush:
    """Shapes in shares of the subject's height around its foot."""

    def __init__(self, pen: ImageDraw.ImageDraw, x: float, foot: float, tall: float) -> None:
        self._pen, self._x, self._foot, self._tall = pen, x, foot, tall

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return self._x + x * self._tall, self._foot - y * self._tall

    def shape(self, fill: Rgb, *points: tuple[float, float]) -> None:
        self._pen.polygon([self._at(x, y) for x, y in points], fill=fill)

    def box(self, fill: Rgb, left: float, low: float, right: float, high: float) -> None:
        self._pen.rectangle((*self._at(left, high), *self._at(right, low)), fill=fill)

    def oval(self, fill: Rgb, x: float, y: float, wide: float, high: float) -> None:
        self._pen.ellipse((*self._at(x - wide, y + high), *self._at(x + wide, y - high)), fill=fill)

    def dome(self, fill: Rgb, x: float, y: float, wide: float, high: float) -> None:
        """The upper half of an oval, standing on y."""
        box = (*self._at(x - wide, y + high), *self._at(x + wide, y - high))
        self._pen.pieslice(box, 180, 360, fill=fill)

    def line(self, fill: Rgb, wide: float, *points: tuple[float, float]) -> None:
        self._pen.line(
            [self._at(x, y) for x, y in points],
            fill=fill,
            width=max(1, round(wide * self._tall)),
            joint="curve",
        )


def _lighthouse(brush: _Brush, t: SubjectTones) -> None:
    def at(y: float) -> float:
        return 0.20 - 0.085 * y / 0.74

    def band(fill: Rgb, low: float, high: float) -> None:
        brush.shape(fill, (-at(low), low), (at(low), low), (at(high), high), (-at(high), high))

    band(t.main, 0, 0.74)
    band(t.trim, 0.26, 0.40)
    brush.shape(t.dark, (0.06, 0), (at(0), 0), (at(0.26), 0.26), (0.05, 0.26))
    brush.shape(t.dark, (0.045, 0.40), (at(0.4), 0.40), (at(0.74), 0.74), (0.03, 0.74))
    brush.box(t.ink, -0.045, 0, 0.045, 0.13)
    brush.box(t.ink, -0.18, 0.73, 0.18, 0.775)
    brush.box(t.glass, -0.095, 0.775, 0.095, 0.89)
    brush.dome(t.main, 0, 0.885, 0.13, 0.11)
    brush.box(t.ink, -0.012, 0.98, 0.012, 1.03)


def _house(brush: _Brush, t: SubjectTones) -> None:
    brush.box(t.stone, 0.19, 0.66, 0.30, 0.98)
    brush.box(t.main, -0.42, 0, 0.42, 0.56)
    brush.box(t.dark, 0.24, 0, 0.42, 0.56)
    brush.shape(t.ink, (-0.54, 0.54), (0.54, 0.54), (0, 1.0))
    brush.box(t.wood, -0.09, 0, 0.09, 0.32)
    brush.box(t.glass, -0.34, 0.22, -0.17, 0.40)
    brush.box(t.glass, 0.17, 0.22, 0.34, 0.40)


def _tree(brush: _Brush, t: SubjectTones) -> None:
    brush.shape(t.wood, (-0.09, 0), (0.09, 0), (0.055, 0.5), (-0.055, 0.5))
    brush.oval(t.dark, 0.16, 0.54, 0.24, 0.20)
    brush.oval(t.main, -0.17, 0.55, 0.25, 0.21)
    brush.oval(t.main, 0.03, 0.72, 0.28, 0.28)
    brush.oval(t.light, -0.06, 0.80, 0.12, 0.10)


def _boat(brush: _Brush, t: SubjectTones) -> None:
    brush.box(t.wood, -0.018, 0.1, 0.018, 1.0)
    brush.shape(t.main, (0.03, 0.27), (0.46, 0.27), (0.03, 0.96))
    brush.shape(t.light, (-0.04, 0.27), (-0.34, 0.27), (-0.04, 0.84))
    brush.shape(t.dark, (-0.54, 0.21), (0.56, 0.21), (0.38, 0), (-0.36, 0))


def _mountain(brush: _Brush, t: SubjectTones) -> None:
    brush.shape(t.dark, (0.05, 0), (0.88, 0), (0.46, 0.66))
    brush.shape(t.main, (-0.86, 0), (0.62, 0), (-0.1, 1.0))
    brush.shape(t.dark, (0.18, 0), (0.62, 0), (-0.1, 1.0), (0.06, 0.55))
    cap = ((-0.1, 1.0), (-0.328, 0.70), (-0.22, 0.76), (-0.12, 0.66), (0.0, 0.75), (0.116, 0.70))
    brush.shape(t.trim, *cap)


def _balloon(brush: _Brush, t: SubjectTones) -> None:
    brush.line(t.ink, 0.02, (-0.13, 0.42), (-0.06, 0.14))
    brush.line(t.ink, 0.02, (0.13, 0.42), (0.06, 0.14))
    brush.shape(t.main, (-0.30, 0.52), (0.30, 0.52), (0.11, 0.30), (-0.11, 0.30))
    brush.oval(t.main, 0, 0.67, 0.35, 0.33)
    brush.oval(t.light, 0, 0.67, 0.20, 0.33)
    brush.shape(t.light, (-0.17, 0.5), (0.17, 0.5), (0.06, 0.30), (-0.06, 0.30))
    brush.oval(t.main, 0, 0.67, 0.08, 0.33)
    brush.box(t.wood, -0.09, 0.0, 0.09, 0.15)


def _castle(brush: _Brush, t: SubjectTones) -> None:
    def crenels(fill: Rgb, left: float, right: float, y: float, teeth: int) -> None:
        step = (right - left) / (2 * teeth - 1)
        for k in range(teeth):
            start = left + 2 * k * step
            brush.box(fill, start, y, start + step, y + 0.09)

    brush.box(t.main, -0.36, 0, 0.36, 0.44)
    crenels(t.main, -0.28, 0.28, 0.43, 4)
    for left, right in ((-0.58, -0.28), (0.28, 0.58)):
        brush.box(t.main, left, 0, right, 0.72)
        brush.box(t.dark, right - 0.09, 0, right, 0.72)
        crenels(t.main, left, right, 0.71, 3)
        middle = (left + right) / 2
        brush.box(t.ink, middle - 0.04, 0.44, middle + 0.04, 0.58)
        brush.line(t.ink, 0.025, (middle, 0.72), (middle, 1.0))
        brush.shape(t.trim, (middle, 1.0), (middle, 0.86), (middle + 0.19, 0.93))
    brush.box(t.ink, -0.12, 0, 0.12, 0.16)
    brush.dome(t.ink, 0, 0.15, 0.12, 0.14)


def _pyramid(brush: _Brush, t: SubjectTones) -> None:
    brush.shape(t.main, (-0.80, 0), (0.36, 0), (0, 1.0))
    brush.shape(t.dark, (0.36, 0), (0.80, 0), (0, 1.0))
    for y in (0.25, 0.5, 0.75):
        brush.line(t.light, 0.03, (-0.80 * (1 - y), y), (0.36 * (1 - y), y))


def _rocket(brush: _Brush, t: SubjectTones) -> None:
    brush.shape((255, 150, 40), (-0.10, 0.20), (0.10, 0.20), (0, -0.10))
    brush.shape((255, 226, 110), (-0.055, 0.20), (0.055, 0.20), (0, 0.03))
    brush.shape(t.dark, (-0.10, 0.48), (-0.30, 0.14), (-0.10, 0.22))
    brush.shape(t.dark, (0.10, 0.48), (0.30, 0.14), (0.10, 0.22))
    curve = [(0.16 * math.sin(math.pi * k / 10) ** 0.75, 0.2 + 0.06 * k) for k in range(5, 10)]
    right = [(0.11, 0.18), (0.155, 0.34), *curve]
    left = [(-x, y) for x, y in reversed(right)]
    brush.shape(t.main, *right, (0, 1.0), *left)
    brush.shape(t.trim, (-0.095, 0.80), (0, 1.02), (0.095, 0.80))
    brush.oval(t.trim, 0, 0.58, 0.085, 0.085)
    brush.oval(t.ink, 0, 0.58, 0.055, 0.055)


def _flower(brush: _Brush, t: SubjectTones) -> None:
    brush.box(t.leaf, -0.028, 0, 0.028, 0.5)
    brush.shape(t.leaf, (0, 0.06), (0.20, 0.16), (0.27, 0.30), (0.08, 0.24))
    brush.shape(t.leaf, (0, 0.06), (-0.20, 0.16), (-0.27, 0.30), (-0.08, 0.24))
    for k in range(6):
        angle = math.tau * k / 6 + math.pi / 6
        x, y = 0.19 * math.sin(angle), 0.70 + 0.19 * math.cos(angle)
        brush.oval(t.main if k % 2 else t.dark, x, y, 0.125, 0.125)
    brush.oval(t.main, 0, 0.70, 0.17, 0.17)
    brush.oval(t.wood, 0, 0.70, 0.095, 0.095)


def _mushroom(brush: _Brush, t: SubjectTones) -> None:
    brush.shape(t.trim, (-0.15, 0), (0.15, 0), (0.11, 0.5), (-0.11, 0.5))
    brush.oval(t.trim, 0, 0.04, 0.17, 0.07)
    brush.dome(t.dark, 0, 0.44, 0.50, 0.16)
    brush.dome(t.main, 0, 0.46, 0.50, 0.54)
    brush.oval(t.trim, -0.24, 0.64, 0.085, 0.075)
    brush.oval(t.trim, 0.05, 0.80, 0.10, 0.085)
    brush.oval(t.trim, 0.29, 0.60, 0.075, 0.07)


def _cat(brush: _Brush, t: SubjectTones) -> None:
    tail = [(0.20 + 0.22 * math.sin(k / 8 * 2.6), 0.07 + 0.42 * k / 8) for k in range(9)]
    brush.line(t.dark, 0.09, *tail)
    brush.oval(t.dark, tail[-1][0], tail[-1][1], 0.045, 0.045)
    brush.oval(t.main, 0, 0.20, 0.29, 0.22)
    brush.shape(t.main, (-0.27, 0.2), (0.27, 0.2), (0.15, 0.62), (-0.15, 0.62))
    brush.shape(t.main, (-0.26, 0.74), (-0.24, 1.0), (-0.05, 0.86))
    brush.shape(t.main, (0.26, 0.74), (0.24, 1.0), (0.05, 0.86))
    brush.oval(t.main, 0, 0.70, 0.27, 0.20)
    brush.oval(t.light, 0, 0.26, 0.13, 0.20)
    for side in (-1, 1):
        brush.oval(t.ink, side * 0.11, 0.73, 0.042, 0.055)
        brush.oval(t.dark, side * 0.10, 0.02, 0.09, 0.045)
    brush.oval(t.ink, 0, 0.635, 0.035, 0.025)


def _painter(paint: Callable[[_Brush, SubjectTones], None]) -> Painter:
    return lambda pen, tones, x, foot, tall: paint(_Brush(pen, x, foot, tall), tones)


SUBJECT_PAINTERS: dict[str, Painter] = {
    "lighthouse": _painter(_lighthouse),
    "house": _painter(_house),
    "tree": _painter(_tree),
    "boat": _painter(_boat),
    "mountain": _painter(_mountain),
    "balloon": _painter(_balloon),
    "castle": _painter(_castle),
    "pyramid": _painter(_pyramid),
    "rocket": _painter(_rocket),
    "flower": _painter(_flower),
    "mushroom": _painter(_mushroom),
    "cat": _painter(_cat),
}
