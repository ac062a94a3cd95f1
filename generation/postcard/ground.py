"""Grounds: sea, meadow, desert, snow and city, what a subject stands on, and marks up front."""

import math

from generation.postcard.canvas import Canvas
from generation.postcard.tones import GROUND_TONES, VEIL, GroundTones, Rgb, mix, veil, walls
from generation.postcard.world import Scene


def ground_tones(scene: Scene, ground: str | None = None) -> GroundTones:
    """The ground's colours in this light and weather."""
    clean, share = GROUND_TONES[ground or scene.ground][scene.time], VEIL[scene.weather][1]
    grey = veil(scene.time)
    return GroundTones(
        mix(clean.far, grey, share), mix(clean.near, grey, share), mix(clean.mark, grey, share)
    )


def lay(canvas: Canvas) -> None:
    """The far edge of the ground, then the ground itself down to the picture's lower edge."""
    tones = ground_tones(canvas.scene)
    if canvas.scene.ground == "sea":
        _sea(canvas, tones)
    elif canvas.scene.ground == "city":
        _city(canvas, tones)
    else:
        _wave(canvas, canvas.horizon - canvas.short * 0.03, canvas.short * 0.045, tones.far)
        _wave(canvas, canvas.horizon + canvas.short * 0.05, canvas.short * 0.025, tones.near)


def _sea(canvas: Canvas, tones: GroundTones) -> None:
    canvas.pen.rectangle((0, canvas.horizon, canvas.width, canvas.height), fill=tones.near)
    band = (canvas.height - canvas.horizon) / 7
    for row in range(4):
        y = canvas.horizon + band * (0.5 + row * 1.5)
        shift = canvas.rng.uniform(0, 1)
        long = canvas.short * (0.10 + 0.05 * row)
        for k in range(-1, math.ceil(canvas.width / (long * 3.2)) + 1):
            x = (k + shift) * long * 3.2
            canvas.fine.rounded_rectangle((x, y, x + long, y + band * 0.32), band * 0.16, tones.far)


def _city(canvas: Canvas, tones: GroundTones) -> None:
    """Two rows of houses along the horizon, windows in the nearer one, and a paved place."""
    far, near, window = walls(canvas.scene.time)
    share = VEIL[canvas.scene.weather][1]
    far, near = mix(far, veil(canvas.scene.time), share), mix(near, veil(canvas.scene.time), share)
    rng, pen, short, horizon = canvas.rng, canvas.pen, canvas.short, canvas.horizon
    for tone, low, high, lit in ((far, 0.16, 0.34, False), (near, 0.08, 0.22, True)):
        x = -short * rng.uniform(0.0, 0.1)
        while x < canvas.width:
            wide, tall = short * rng.uniform(0.11, 0.17), short * rng.uniform(low, high)
            pen.rectangle((x, horizon - tall, x + wide, horizon), fill=tone)
            if lit:
                _windows(canvas, x, wide, tall, window)
            x += wide + short * rng.uniform(0.0, 0.02)
    pen.rectangle((0, horizon, canvas.width, canvas.height), fill=tones.near)
    pen.rectangle((0, horizon, canvas.width, horizon + short * 0.03), fill=tones.far)


def _windows(canvas: Canvas, x: float, wide: float, tall: float, tone: Rgb) -> None:
    size, step = canvas.short * 0.024, canvas.short * 0.055
    for column in (0.25, 0.75):
        for row in range(int((tall - step * 0.6) / step)):
            if canvas.rng.random() < 0.75:
                left, top = x + wide * column - size / 2, canvas.horizon - tall + step * (row + 0.5)
                canvas.fine.rectangle((left, top, left + size, top + size * 1.2), fill=tone)


def _wave(canvas: Canvas, y: float, swing: float, fill: Rgb) -> None:
    phase = canvas.rng.uniform(0, math.tau)
    length = canvas.rng.uniform(0.7, 1.1) * canvas.short
    line = [
        (x, y + swing * math.sin(phase + math.tau * x / length))
        for x in range(0, canvas.width + 8, 8)
    ]
    canvas.pen.polygon([(0, canvas.height), *line, (canvas.width, canvas.height)], fill=fill)


def footing(canvas: Canvas, x: float, foot: float, tall: float) -> None:
    """What the subject stands on: an islet at sea, a pond under a boat on land, else a shadow."""
    scene, pen = canvas.scene, canvas.pen
    boat, sea = scene.subject == "boat", scene.ground == "sea"
    if boat and sea:
        return
    if boat:
        wide, thick = tall * 0.72, tall * 0.15
        pond = ground_tones(scene, "sea").near
        pen.ellipse((x - wide, foot - thick, x + wide, foot + thick * 1.1), fill=pond)
    elif sea:
        wide = tall * (0.8 if scene.subject in ("mountain", "pyramid") else 0.56)
        islet = ground_tones(scene, "desert").far
        pen.ellipse((x - wide, foot - tall * 0.1, x + wide, foot + tall * 0.12), fill=islet)
    else:
        wide = tall * 0.42
        shade = mix(ground_tones(scene).near, (20, 24, 50), 0.18)
        canvas.fine.ellipse(
            (x - wide, foot - tall * 0.05, x + wide, foot + tall * 0.07), fill=shade
        )


def foreground(canvas: Canvas, foot: float) -> None:
    """A few large marks that tell the grounds apart: tufts, ripples in sand, drifts, waves."""
    rng, pen, short, ground = canvas.rng, canvas.fine, canvas.short, canvas.scene.ground
    tones = ground_tones(canvas.scene)
    low = max(foot + short * 0.05, canvas.height - short * 0.12)
    if ground == "city":
        _crossing(canvas, tones.mark)
        return
    for _ in range(max(3, round(4 * canvas.width / short))):
        x, y = rng.uniform(0.02, 0.98) * canvas.width, rng.uniform(low, canvas.height * 0.99)
        s = short * rng.uniform(0.035, 0.05)
        if ground == "meadow":
            for lean in (-0.7, 0.0, 0.7):
                pen.polygon(
                    [(x - s * 0.25, y), (x + s * lean, y - s * 1.4), (x + s * 0.25, y)],
                    fill=tones.mark,
                )
        elif ground == "desert":
            pen.rounded_rectangle((x - s * 1.8, y, x + s * 1.8, y + s * 0.4), s * 0.2, tones.mark)
        elif ground == "snow":
            pen.ellipse((x - s * 2, y - s * 0.5, x + s * 2, y + s * 0.5), fill=tones.mark)
        else:
            pen.rounded_rectangle((x - s * 2, y, x + s * 2, y + s * 0.45), s * 0.22, tones.mark)


def _crossing(canvas: Canvas, tone: Rgb) -> None:
    """The dashed line of a street."""
    long, y = canvas.short * 0.13, canvas.height - canvas.short * 0.05
    shift = canvas.rng.uniform(-1, 0)
    for k in range(math.ceil(canvas.width / (long * 1.8)) + 2):
        x = (k + shift) * long * 1.8
        canvas.fine.rectangle((x, y, x + long, y + canvas.short * 0.028), fill=tone)
