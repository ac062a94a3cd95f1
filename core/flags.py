"""The flag table. A new flag is a new row here, and a use of its value in `core/compose.py`.

A row says how a flag is spelt, what its value looks like and in words what it does; the parser, the
help, the suggestions for misspellings and the rendering all read this one table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from core import values
from core.adapters import HIGH, LOW
from core.request import MAX_SEED
from core.row import Flag, Takes, at_least_one, switch, while_all
from core.samplers import BASIC, read_sampler
from core.sentences import say
from core.values import number, one_of, whole


def _sampler_reach(words: Sequence[str]) -> int:
    """The longest name that they begin with: `dpm++ 2m karras`."""
    known = (n for n in range(len(words), 1, -1) if read_sampler(" ".join(words[:n])))
    return next(known, 1)


def _is_version(word: str) -> bool:
    return word.replace(".", "", 1).isdecimal() and len(word) <= 5


def _links(name: str, help: str, most: int, *, needs: str, group: str = "") -> Flag:
    return Flag(
        name=name,
        help=help,
        read=values.links(most),
        write=" ".join,
        reach=at_least_one(while_all(values.is_link)),
        most=most,
        legal="LINK" if most == 1 else "LINK …",
        needs=needs,
        group=group,
    )


_SHAPE = (
    Flag(
        name="ar",
        aliases=("aspect",),
        read=values.ratio,
        write=values.written_ratio,
        legal="W:H",
        group="size",
        help=say("Shape of the picture, from 1:14 to 14:1."),
    ),
    Flag(
        name="size",
        read=values.size,
        write=values.written_size,
        legal="WxH",
        group="size",
        help=say("Exact size of the picture in pixels."),
    ),
    Flag(
        name="width",
        read=whole(1, values.MAX_SIDE),
        legal=say("pixels"),
        group="size",
        beside=("height",),
        help=say("Exact width in pixels."),
    ),
    Flag(
        name="height",
        read=whole(1, values.MAX_SIDE),
        legal=say("pixels"),
        group="size",
        beside=("width",),
        help=say("Exact height in pixels."),
    ),
    switch("hd", say("Twice the side, in two stages."), group="stages"),
    switch("sd", say("The model's own size, in one stage."), group="stages"),
    Flag(
        name="hires",
        read=number(1, 4),
        legal="1–4",
        group="stages",
        help=say("A second stage at so many times the side."),
    ),
    switch("tile", say("Opposite edges fit, so that the picture tiles.")),
    switch("draft", say("A quick sketch: few steps, small pictures.")),
    Flag(name="n", read=whole(1, 8), legal="1–8", help=say("Pictures in the grid; normally 4.")),
    Flag(
        name="repeat",
        aliases=("r",),
        read=whole(2, 1000),
        legal="2–1000",
        help=say("So many jobs of the same prompt, as far as your allowance goes."),
    ),
)

_NOISE = (
    Flag(
        name="seed",
        read=whole(0, MAX_SEED),
        legal=f"0–{MAX_SEED}",
        help=say("Starting noise. The same prompt and seed give the same picture."),
    ),
    switch("sameseed", say("All pictures of the grid start from one noise.")),
    Flag(
        name="chaos",
        aliases=("c",),
        read=whole(0, 100),
        legal="0–100",
        help=say("How far the pictures of the grid differ; normally 0."),
    ),
    Flag(
        name="weird",
        aliases=("w",),
        read=whole(0, 3000),
        legal="0–3000",
        help=say("How far to go away from the ordinary; normally 0."),
    ),
)

_LOOK = (
    Flag(
        name="no",
        takes=Takes.WORDS,
        legal=say("words"),
        help=say("What to keep out of the picture; separate several with commas."),
    ),
    Flag(
        name="stylize",
        aliases=("s",),
        read=whole(0, 1000),
        legal="0–1000",
        group="look",
        beside=("style",),
        help=say("How strong the house style is; 0 is none."),
    ),
    switch("raw", say("No house style, only your words."), group="look"),
    Flag(
        name="style",
        read=values.style,
        legal=say("raw or NAME"),
        group="look",
        help=say("A style saved on this server, or raw for none."),
    ),
    Flag(
        name="exp",
        read=whole(0, 100),
        legal="0–100",
        help=say("More detail and contrast; normally 0."),
    ),
)

_MAKING = (
    Flag(
        name="model",
        aliases=("v", "version"),
        read=values.name_of_something,
        legal="NAME",
        group="model",
        help=say("Which model draws."),
    ),
    Flag(
        name="niji",
        takes=Takes.OPTIONAL,
        read=values.version,
        reach=while_all(_is_version),
        legal="[version]",
        group="model",
        help=say("The model for anime that this server calls niji."),
    ),
    Flag(
        name="quality",
        aliases=("q",),
        read=one_of(0.25, 0.5, 1, 2, 4),
        legal=say(".25, .5, 1, 2 or 4"),
        help=say("Steps times this factor: more time for more care."),
    ),
    Flag(name="steps", read=whole(1, 150), legal="1–150", help=say("Denoising steps, exactly.")),
    Flag(
        name="stop",
        read=whole(10, 100),
        legal="10–100",
        help=say("Stops after that many percent of the steps, for a softer picture."),
    ),
    Flag(
        name="cfg",
        aliases=("guidance",),
        read=number(0, 30),
        legal="0–30",
        help=say("Guidance scale: how strictly the picture follows the prompt."),
    ),
    Flag(
        name="sampler",
        read=values.sampler,
        reach=_sampler_reach,
        most=6,
        legal=", ".join(BASIC),
        help=say("The way noise is turned into a picture."),
    ),
    Flag(
        name="clip-skip",
        aliases=("clipskip",),
        read=whole(1, 12),
        legal="1–12",
        help=say("Which layer of the text encoder is used, counted from the last; normally 1."),
    ),
)

_PICTURES = (
    Flag(
        name="iw",
        read=number(0, 3),
        legal="0–3",
        group="start",
        help=say("Weight of the pictures given with the prompt; normally 1."),
    ),
    Flag(name="init", read=values.link, legal="LINK", help=say("The picture to start from.")),
    Flag(
        name="strength",
        read=number(0, 1),
        legal="0–1",
        group="start",
        help=say("How far the picture to start from may change."),
    ),
    Flag(
        name="sref",
        read=values.references,
        write=values.written_references,
        reach=at_least_one(while_all(values.is_reference)),
        most=values.MAX_LINKS,
        legal="LINK …",
        needs="image adapter",
        help=say("Pictures whose style to follow."),
    ),
    Flag(
        name="sw",
        read=whole(0, 1000),
        legal="0–1000",
        needs="image adapter",
        help=say("Weight of --sref; normally 100."),
    ),
    _links("cref", say("A picture of the character to draw."), 10, needs="image adapter"),
    Flag(
        name="cw",
        read=whole(0, 100),
        legal="0–100",
        needs="image adapter",
        help=say("Weight of --cref; normally 100."),
    ),
    _links("oref", say("A picture of the person or thing to draw."), 1, needs="image adapter"),
    Flag(
        name="ow",
        read=whole(1, 1000),
        legal="1–1000",
        needs="image adapter",
        help=say("Weight of --oref; normally 100."),
    ),
    _links("edit", say("Pictures to change as the prompt says."), 4, needs="edit"),
    Flag(
        name="zoom",
        read=number(1, 2),
        legal="1–2",
        needs="outpainting",
        help=say("How far to zoom out of a picture."),
    ),
)

_PARTS = (
    Flag(
        name="lora",
        read=values.weighted_name(LOW, HIGH),
        write=values.written_name,
        legal="NAME[:weight]",
        repeats=True,
        needs="lora",
        help=say("An adapter of the model, with its weight from -2 to 2."),
    ),
    Flag(
        name="embedding",
        read=values.named,
        write="".join,
        legal="NAME",
        repeats=True,
        needs="embedding",
        help=say("A word that the model was taught later."),
    ),
    Flag(
        name="control",
        read=values.control,
        write=values.written_control,
        legal="KIND:LINK",
        repeats=True,
        needs="control",
        help=say("A picture whose lines, depth or pose to follow."),
    ),
    Flag(
        name="control-weight",
        read=number(0, 2),
        legal="0–2",
        needs="control",
        help=say("Weight of --control; normally 1."),
    ),
    Flag(
        name="profile",
        aliases=("p", "personalize"),
        takes=Takes.OPTIONAL,
        read=values.codes,
        write=" ".join,
        reach=while_all(values.is_code),
        most=values.MAX_CODES,
        legal="[code …]",
        needs="profile",
        help=say("Your own style, or one by its code."),
    ),
    Flag(
        name="vae",
        read=values.name_of_something,
        legal="NAME",
        needs="vae",
        help=say("Another decoder for the model."),
    ),
    Flag(
        name="upscaler",
        read=values.name_of_something,
        legal="NAME",
        needs="upscaler",
        help=say("What --hires, --hd and the Upscale buttons enlarge with."),
    ),
)

_MOVING = (
    switch("video", say("A video instead of pictures."), needs="video"),
    Flag(
        name="motion",
        read=values.word_of("low", "high"),
        legal=say("low or high"),
        needs="video",
        help=say("How much moves in a video."),
    ),
    switch("loop", say("A video that ends where it begins."), needs="video"),
    _links("end", say("The last picture of a video."), 1, needs="video"),
    Flag(
        name="bs",
        read=one_of(1, 2, 4),
        legal=say("1, 2 or 4"),
        needs="video",
        help=say("Videos of one prompt."),
    ),
)

_SENDING = (
    switch("fast", say("Fast lane of the queue."), group="lane"),
    switch("turbo", say("Turbo lane: a little ahead of the others."), group="lane"),
    switch("relax", say("Relaxed lane: waits until the fast one is empty."), group="lane"),
    switch("public", say("Anyone in the server may see it in the gallery."), group="visibility"),
    switch("stealth", say("Kept out of galleries."), group="visibility", aliases=("private",)),
)

SUBJECTS = {
    say("Shape and number"): _SHAPE,
    say("Chance"): _NOISE,
    say("Look"): _LOOK,
    say("Making"): _MAKING,
    say("Pictures as examples"): _PICTURES,
    say("Parts of a model"): _PARTS,
    say("Videos"): _MOVING,
    say("Queue and gallery"): _SENDING,
}
"""The rows by what they are about, as help and manual show them."""

FLAGS = tuple(flag for rows in SUBJECTS.values() for flag in rows)

BY_SPELLING = {spelling: flag for flag in FLAGS for spelling in (flag.name, *flag.aliases)}

_LETTERS = {spelling: frozenset(spelling) for spelling in BY_SPELLING}


def nearest_flag(spelling: str, others: Iterable[str] = ()) -> str | None:
    """The known spelling closest to a misspelt one, or None when nothing is close. `others` are
    spellings beside those of the table."""
    typed = spelling.lower()
    letters = set(typed)
    # Cheaper to tell than likeness, and without it there is none.
    alike = [
        known
        for known, its in (_LETTERS | {other: frozenset(other) for other in others}).items()
        if 2 * abs(len(known) - len(typed)) <= len(known) + len(typed)
        and 2 * len(letters & its) >= min(len(letters), len(its))
    ]
    near = get_close_matches(typed, alike, n=1, cutoff=0.6)
    return near[0] if near else None
