"""From a finished picture to the request that a button under it asks for. Pure.

What was asked for stays, but for what the button changes and what makes no sense any more: what is
painted around a picture cannot tile, and a second stage would change what is to be kept.

Sizes are whole steps of the model. An enlarged picture is gone back to the size that the model
draws at before anything else is done to it. A pan always adds half of the side; where the picture
would then be larger than it may be, the far side is cut off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from core.actions import Action, Button
from core.canvas import base_size, centred, check_area, near, too_large, whole_steps
from core.checks import DRAFT_SCALE, LONGEST_RATIO
from core.edits import (
    ENHANCED,
    ENLARGE_CREATIVE,
    ENLARGE_SUBTLE,
    EXTENDED,
    PAINTED_ANEW,
    VARY_STRONG,
    VARY_SUBTLE,
    Box,
    Edit,
    Op,
)
from core.errors import RefusedError
from core.jobs import Image
from core.models import Model
from core.painters import painter_for
from core.rendering import usual_steps
from core.request import Kind, Request, Source
from core.sentences import say, together
from core.windows import passes

PAN_BY = 0.5
"""How much of its side a pan adds to a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a derivation needs beside the picture. `model` draws it, and `painter`, where there is
    such a model, paints parts of it; it may have `most` megapixels; `vary` is how far V moves from
    a picture. `edited` is what the prompt of a form asks for, None where none was edited; `zoom`
    and `aspect` are those that it names, None where it names none. `parts` and `mask` say which
    region is meant. `upscalers` are those that are here, the usual one first."""

    model: Model
    most: float
    seed: int
    painter: Model | None = None
    vary: float = VARY_STRONG
    edited: Request | None = None
    zoom: float | None = None
    aspect: tuple[int, int] | None = None
    parts: tuple[Box, ...] = ()
    mask: str | None = None
    upscalers: tuple[str, ...] = ()


def derive(request: Request, button: Button, image: Image | None, means: Means) -> Request:
    """What the button under a picture of `request` asks for. `image` is the picture, None where
    the button is on the whole job. Raises RefusedError."""
    derived = _derived(request, button, image, means)
    if derived.edit is None:
        _check_upscaler(derived, means)
        return derived
    size, model = derived.size, means.model
    painter = painter_for(derived, model, means.painter)
    if painter is not None and means.painter is not None:
        model = means.painter
    # What tiles is denoised whole: the edges of windows would not fit each other.
    times = 1.0
    if not derived.tile:
        times = passes(derived.edit, *size, model.native_size, model.size_step)
    upscaler = _upscaler(derived, means) if derived.edit.op is Op.ENLARGE else ""
    edit = replace(derived.edit, passes=times, painter=painter, upscaler=upscaler)
    return replace(derived, edit=edit)


def _upscaler(derived: Request, means: Means) -> str:
    """What it is enlarged with: what its prompt asks for while that is there, else the usual."""
    if derived.upscaler in means.upscalers:
        return derived.upscaler
    return next(iter(means.upscalers), "")


def _check_upscaler(derived: Request, means: Means) -> None:
    name = derived.enlarger
    if name and derived.kind is not Kind.UPSCALE and name not in means.upscalers:
        raise RefusedError(
            say(
                "There is no upscaler called “{name}” here any more; edit the prompt and leave "
                "--upscaler out.",
                name=name,
            )
        )


def _derived(request: Request, button: Button, image: Image | None, means: Means) -> Request:
    match button.action:
        case Action.REROLL:
            return _reroll(request, means)
        case Action.REMIX:
            return _remix(request, means)
        case Action.ENHANCE:
            return _enhanced(request, image, means)
        case _ if image is None:
            raise RefusedError(say("That button makes no picture."))
        case Action.UPSCALE:
            return request.upscale(image.blob, image.number - 1)
        case Action.VARY | Action.VARY_SUBTLE | Action.VARY_STRONG:
            return _variation(request, button.action, image, means)
        case Action.ENLARGE_SUBTLE | Action.ENLARGE_CREATIVE:
            return _enlarged(request, button.action, image, means)
        case Action.REGION:
            return _region(request, image, means)
        case Action.ZOOM:
            return _zoomed(request, button.extra, image, means)
        case Action.SQUARE:
            return _squared(request, image, means)
        case Action.PAN:
            return _panned(request, button.extra, image, means)
        case _:
            raise RefusedError(say("That button makes no picture."))


# What is drawn from the start


def _reroll(request: Request, means: Means) -> Request:
    if request.kind is Kind.UPSCALE:
        raise RefusedError(say("That is one picture of a grid; re-roll the grid instead."))
    again = request.reroll(means.seed)
    if means.edited is None:
        return again
    if request.edit is not None:
        _check_shape(request, means)
    if request.kind in (Kind.IMAGINE, Kind.REROLL):
        return _remix(request, means)
    edited = _words_of(request, means)
    return replace(edited, kind=again.kind, source=request.source, edit=request.edit)


def _remix(request: Request, means: Means) -> Request:
    if means.edited is None:
        raise RefusedError(say("Say what the new prompt is."))
    edited = _seeded(means.edited, means)
    return replace(edited, kind=Kind.REROLL, source=_start(request, edited), remixed=True)


def _start(request: Request, edited: Request) -> Source | None:
    """The picture that the member gave to start from, with the weight that it has now."""
    if request.source is None or request.kind not in (Kind.IMAGINE, Kind.REROLL):
        return None
    given = edited.source or request.source
    return Source(request.source.blob, given.strength)


def _seeded(edited: Request, means: Means) -> Request:
    return edited if edited.seed_typed else replace(edited, seed=means.seed)


# What starts from a picture


def _variation(request: Request, action: Action, image: Image, means: Means) -> Request:
    strengths = {Action.VARY_SUBTLE: VARY_SUBTLE, Action.VARY_STRONG: VARY_STRONG}
    base = request
    if request.kind is Kind.ENLARGE:
        width, height = base_size(request, image, means.model)
        base = replace(base, width=width, height=height)
    varied = base.variation(image.blob, means.seed, strength=strengths.get(action, means.vary))
    if means.edited is None:
        return varied
    edited = _seeded(means.edited, means)
    # Where the shape was left alone, a size stays that no prompt could give it.
    shaped = ("aspect", "model", "draft", "hires")
    if not edited.exact_size and all(getattr(edited, n) == getattr(base, n) for n in shaped):
        edited = replace(edited, width=base.width, height=base.height)
    return replace(edited, kind=Kind.VARIATION, source=varied.source, remixed=True)


def _enlarged(request: Request, action: Action, image: Image, means: Means) -> Request:
    step = means.model.size_step
    width, height = (whole_steps(2 * side, step) for side in (image.width, image.height))
    if width * height > means.most * 1e6:
        raise RefusedError(
            together([too_large(width, height, means.most), say("An upscale doubles both sides.")])
        )
    creative = action is Action.ENLARGE_CREATIVE
    plain = _plain(request, means.model, width, height)
    return replace(
        plain,
        kind=Kind.ENLARGE,
        source=Source(image.blob, ENLARGE_CREATIVE if creative else ENLARGE_SUBTLE),
        edit=Edit(op=Op.ENLARGE, creative=creative),
        seed=means.seed,
        seed_typed=False,
        same_seed=True,
        count=1,
        chaos=0,
        draft=False,
        steps=_full_steps(request, means.model),
    )


def _enhanced(request: Request, image: Image | None, means: Means) -> Request:
    if not request.draft:
        raise RefusedError(say("That is no draft; there is nothing to enhance."))
    if request.edit is not None and image is None:
        raise RefusedError(say("Enhance one of its pictures instead."))
    model = means.model
    width, height = request.width, request.height
    if not request.exact_size:
        scale = 1.0
        if (width, height) != model.size(request.aspect, scale=DRAFT_SCALE):
            # It was panned, or drawn by a model that is another by now.
            scale = math.sqrt(width * height) / model.native_size / DRAFT_SCALE
        width, height = model.size(request.aspect, scale=scale)
    made = replace(
        request,
        kind=Kind.ENHANCE,
        width=width,
        height=height,
        step=model.size_step,
        draft=False,
        steps=_full_steps(request, model),
        edit=None,
    )
    if image is not None:
        made = replace(
            made,
            source=Source(image.blob, ENHANCED),
            seed=image.seed,
            seed_typed=False,
            same_seed=True,
            count=1,
        )
    check_area(*made.size, means.most)
    return made


def _region(request: Request, image: Image, means: Means) -> Request:
    if not means.parts and means.mask is None:
        raise RefusedError(
            say("Say which part of the picture to paint anew, or send a mask in which it is white.")
        )
    width, height = base_size(request, image, means.model)
    check_area(width, height, means.most)
    edit = Edit(op=Op.REGION, parts=means.parts, mask=means.mask)
    return _edited(request, image, means, Kind.REGION, edit, width, height)


def _zoomed(request: Request, extra: str, image: Image, means: Means) -> Request:
    width, height = base_size(request, image, means.model)
    custom = extra not in ("15", "20")
    factor = means.zoom if custom else int(extra) / 10
    aspect = means.aspect if custom else None
    if factor is None:
        factor = 1.0
    if not 1 <= factor <= 2:
        raise RefusedError(say("--zoom goes from 1 to 2."))
    size = width, height
    if aspect is not None and aspect != request.aspect:
        scale = math.sqrt(width * height) / means.model.native_size
        size = means.model.size(aspect, scale=scale)
    if size == (width, height) and factor == 1:
        raise RefusedError(say("That does not zoom out; add --zoom 2 or another --ar."))
    check_area(*size, means.most)
    keep = centred((width, height), size, factor)
    edit = Edit(op=Op.EXTEND, keep=keep)
    out = _edited(request, image, means, Kind.ZOOM, edit, *size, reshaped=custom)
    return out if aspect is None else replace(out, aspect=aspect)


def _squared(request: Request, image: Image, means: Means) -> Request:
    width, height = base_size(request, image, means.model)
    if width == height:
        raise RefusedError(say("That picture is square already."))
    step = means.model.size_step
    most = int(math.sqrt(means.most * 1e6) / step) * step
    side = max(step, min(max(width, height), most))
    edit = Edit(op=Op.EXTEND, keep=centred((width, height), (side, side), 1.0))
    return _edited(request, image, means, Kind.SQUARE, edit, side, side)


def _panned(request: Request, way: str, image: Image, means: Means) -> Request:
    width, height = base_size(request, image, means.model)
    check_area(width, height, means.most)
    along, across = (width, height) if way in ("left", "right") else (height, width)
    step = means.model.size_step
    more = max(step, whole_steps(along * PAN_BY, step))
    most = int(min(means.most * 1e6 / across, LONGEST_RATIO * across) / step) * step
    # Something of the picture has to stay, or there is nothing to go on from.
    length = max(min(along + more, most), more + step)
    if length * across > means.most * 1e6 or length > LONGEST_RATIO * across:
        raise RefusedError(too_large(*_turned(length, across, way), means.most))
    begin = more if way in ("left", "up") else length - more - along
    low, high = begin / length, (begin + along) / length
    sideways = way in ("left", "right")
    keep = Box(low, 0.0, high, 1.0) if sideways else Box(0.0, low, 1.0, high)
    edit = Edit(op=Op.EXTEND, keep=keep)
    return _edited(request, image, means, Kind.PAN, edit, *_turned(length, across, way))


def _turned(along: int, across: int, way: str) -> tuple[int, int]:
    return (along, across) if way in ("left", "right") else (across, along)


def _edited(
    request: Request,
    image: Image,
    means: Means,
    kind: Kind,
    edit: Edit,
    width: int,
    height: int,
    *,
    reshaped: bool = False,
) -> Request:
    """A grid in which the picture is edited. `reshaped`: to the shape that the prompt names."""
    if not reshaped:
        _check_shape(request, means)
    plain = _plain(_words_of(request, means), means.model, width, height)
    return replace(
        plain,
        kind=kind,
        source=Source(image.blob, PAINTED_ANEW if edit.op is Op.REGION else EXTENDED),
        edit=edit,
        tile=plain.tile and edit.op is Op.REGION,
    )


# Parts of it


def _words_of(request: Request, means: Means) -> Request:
    """The request with all that a form's prompt changed about it, in the old size."""
    if means.edited is None:
        again = replace(request, seed=means.seed, seed_typed=False, same_seed=False)
        return replace(again, count=request.grid_count)
    edited = _seeded(means.edited, means)
    return replace(
        edited,
        width=request.width,
        height=request.height,
        aspect=request.aspect,
        exact_size=request.exact_size,
        hires=request.hires,
        remixed=True,
    )


def _check_shape(request: Request, means: Means) -> None:
    if means.aspect is not None and means.aspect != request.aspect:
        raise RefusedError(
            say("This keeps the shape of the picture; leave out --ar and --size, or zoom instead.")
        )


def _plain(request: Request, model: Model, width: int, height: int) -> Request:
    """In one stage that goes on to its end, in this size."""
    common = math.gcd(width, height)
    aspect, exact = request.aspect, request.exact_size
    if (width, height) != request.size:
        aspect, exact = near(aspect, (width, height), common), False
    return replace(
        request,
        width=width,
        height=height,
        aspect=aspect,
        exact_size=exact,
        step=model.size_step,
        hires=1.0,
        stop=100,
    )


def _full_steps(request: Request, model: Model) -> int:
    """The steps of a picture that is no draft; more, where more were asked for."""
    if not request.draft:
        return request.steps
    return max(request.steps, usual_steps(model, False, request.quality))
