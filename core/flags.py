"""The flag table. A new flag is a new row here, and a use of its value in `core/compose.py`.

A row says how a flag is spelt, what its value looks like and in words what it does; the parser, the
help, the suggestions for misspellings and the rendering all read this one table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from core.request import MAX_SEED


class Takes(StrEnum):
    """What may follow a flag's name."""

    NOTHING = "nothing"
    ONE = "one value"
    WORDS = "words up to the next flag"


class ValueProblem(ValueError):
    """A value that does not fit. `nearest` is the legal value closest to it, where there is one."""

    def __init__(self, what: str, nearest: str | None = None) -> None:
        self.what = what
        self.nearest = nearest
        super().__init__(what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A row. `read` turns the text after the flag into its value or raises ValueProblem; `legal`
    says in a few words what it accepts; flags of one `group` exclude each other."""

    name: str
    help: str
    takes: Takes = Takes.ONE
    read: Callable[[str], Any] = str
    legal: str = ""
    aliases: tuple[str, ...] = ()
    group: str = ""

    @property
    def usage(self) -> str:
        return f"--{self.name} {self.legal}".rstrip()


def whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = _within(_number(text), low, high)
        if value != int(value):
            raise ValueProblem(f"needs a whole number from {low} to {high}", str(round(value)))
        return int(value)

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    return lambda text: _within(_number(text), low, high)


def one_of(*values: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = _number(text)
        if value not in values:
            nearest = min(values, key=lambda legal: abs(legal - value))
            legal = ", ".join(f"{legal:g}" for legal in values)
            raise ValueProblem(f"is one of {legal}", f"{nearest:g}")
        return value

    return read


def ratio(text: str) -> tuple[int, int]:
    """`3:2`, also `3x2` and `3/2`; reduced. From 1:14 to 14:1."""
    match = re.fullmatch(r"(\d{1,9})(\.\d{1,3})?[:x/](\d{1,9})(\.\d{1,3})?", text.lower())
    if match is None:
        raise ValueProblem("needs two whole numbers like 3:2")
    if match[2] or match[4]:
        width, height = (round(1000 * float(side)) for side in re.split("[:x/]", text.lower()))
        common = math.gcd(width, height) or 1
        nearest = f"{width // common}:{height // common}"
        raise ValueProblem("needs two whole numbers like 3:2", _if_legal(ratio, nearest))
    width, height = int(match[1]), int(match[3])
    if not width or not height:
        raise ValueProblem("needs two whole numbers above zero, like 3:2")
    if width > 14 * height:
        raise ValueProblem("goes from 1:14 to 14:1", "14:1")
    if height > 14 * width:
        raise ValueProblem("goes from 1:14 to 14:1", "1:14")
    common = math.gcd(width, height)
    return width // common, height // common


def _if_legal(read: Callable[[str], Any], text: str) -> str | None:
    try:
        read(text)
    except ValueProblem as problem:
        return problem.nearest
    return text


def name_of_something(text: str) -> str:
    if not re.fullmatch(r"[\w.\-]{1,64}", text):
        raise ValueProblem("needs a name")
    return text


SAMPLERS: dict[str, str] = {
    "ddim": "DDIMScheduler",
    "ddpm": "DDPMScheduler",
    "pndm": "PNDMScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler-a": "EulerAncestralDiscreteScheduler",
    "dpm++2m": "DPMSolverMultistepScheduler",
    "dpm++2s": "DPMSolverSinglestepScheduler",
    "unipc": "UniPCMultistepScheduler",
    "deis": "DEISMultistepScheduler",
    "lcm": "LCMScheduler",
}
"""Names members know, and diffusers' classes for them."""


def sampler(text: str) -> str:
    """A diffusers scheduler's class name, from that name or a friendly one, in any case."""
    wanted = text.lower().replace("_", "-")
    if wanted in SAMPLERS:
        return SAMPLERS[wanted]
    for exact in SAMPLERS.values():
        if wanted == exact.lower():
            return exact
    near = get_close_matches(wanted, SAMPLERS, n=1)
    raise ValueProblem(f"is one of {', '.join(SAMPLERS)}", near[0] if near else None)


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


def _number(text: str) -> float:
    """Six decimals of it, as `render` writes them, and of a size that any range can refuse."""
    if not _NUMBER.fullmatch(text):
        raise ValueProblem("needs a number")
    return round(min(max(float(text), -1e15), 1e15), 6)


def _within(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        nearest = min(max(value, low), high)
        raise ValueProblem(f"goes from {low:.12g} to {high:.12g}", f"{nearest:.12g}")
    return value


def _switch(name: str, help: str, *, group: str = "", aliases: tuple[str, ...] = ()) -> Flag:
    return Flag(
        name=name, help=help, takes=Takes.NOTHING, read=lambda _: True, group=group, aliases=aliases
    )


FLAGS = (
    Flag(
        name="ar",
        aliases=("aspect",),
        read=ratio,
        legal="W:H",
        help="Shape of the picture, from 1:14 to 14:1.",
    ),
    Flag(
        name="no",
        takes=Takes.WORDS,
        legal="words",
        help="What to keep out of the picture; separate several with commas.",
    ),
    Flag(
        name="seed",
        read=whole(0, MAX_SEED),
        legal=f"0–{MAX_SEED}",
        help="Starting noise. The same prompt and seed give the same picture.",
    ),
    _switch("sameseed", "All pictures of the grid start from one noise."),
    Flag(name="n", read=whole(1, 8), legal="1–8", help="Pictures in the grid; normally 4."),
    Flag(name="steps", read=whole(1, 150), legal="1–150", help="Denoising steps, exactly."),
    Flag(
        name="quality",
        aliases=("q",),
        read=one_of(0.25, 0.5, 1, 2, 4),
        legal=".25, .5, 1, 2 or 4",
        help="Steps times this factor: more time for more care.",
    ),
    Flag(
        name="cfg",
        aliases=("guidance",),
        read=number(0, 30),
        legal="0–30",
        help="Guidance scale: how strictly the picture follows the prompt.",
    ),
    Flag(
        name="sampler",
        read=sampler,
        legal=f"{', '.join(SAMPLERS)}",
        help="The way noise is turned into a picture.",
    ),
    _switch("draft", "A quick sketch: few steps, small pictures."),
    Flag(
        name="model",
        aliases=("v", "version"),
        read=name_of_something,
        legal="NAME",
        help="Which model draws.",
    ),
    _switch("fast", "Fast lane of the queue.", group="lane"),
    _switch("turbo", "Turbo lane: a little ahead of the others.", group="lane"),
    _switch("relax", "Relaxed lane: waits until the fast one is empty.", group="lane"),
    _switch("public", "Anyone in the server may see it in the gallery.", group="visibility"),
    _switch("stealth", "Kept out of galleries.", group="visibility", aliases=("private",)),
)

BY_SPELLING = {spelling: flag for flag in FLAGS for spelling in (flag.name, *flag.aliases)}

REPLACED = {
    "hq": "--quality 2",
    "vibe": "--model",
    "uplight": "the Upscale buttons",
    "upbeta": "the Upscale buttons",
    "upanime": "the Upscale buttons",
    "test": "--model",
    "testp": "--model",
    "creative": "--cfg",
    "width": "--ar",
    "w": "--ar",
    "height": "--ar",
    "h": "--ar",
}
"""Spellings members remember from elsewhere, and what does that work here."""

ELSEWHERE = frozenset(
    "bs c chaos cref cw edit end exp hd iw loop motion niji oref ow p profile r raw repeat s sd "
    "sref stop style stylize sw tile video weird zoom".split()
)
"""Midjourney's flags that nothing here answers to: real names, so never a misspelling of ours."""


def nearest_flag(spelling: str) -> str | None:
    """The known spelling closest to a misspelt one, or None when nothing is close."""
    if spelling.lower() in ELSEWHERE:
        return None
    near = get_close_matches(spelling.lower(), BY_SPELLING, n=1, cutoff=0.6)
    return near[0] if near else None
