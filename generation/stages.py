"""The stages of a task: one for most, and with `hires` a second one that draws larger."""

# pyright: basic
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PIL import Image
from torch import Tensor

from core.edits import Edit, Op
from core.models import Catalogue
from core.request import Request
from core.sentences import say
from core.windows import windows_of
from generation.adapters import Worn, adapters_worn
from generation.batching import Ride, Setting
from generation.edits.canvas import Canvas
from generation.edits.keeping import Keeping, unfit
from generation.edits.refining import Refining
from generation.edits.windows import use_windows
from generation.estimate import Adjust, Estimate
from generation.faults import UnfitRequestError
from generation.inpainting import cells_of
from generation.models import Loaded
from generation.planes import as_planes
from generation.recall import recalling
from generation.samplers import use_sampler
from generation.sharpening import Sharpening
from generation.style_picture import palette_of
from generation.thrift import use_least_memory
from generation.tiling import make_circular

Open = Callable[[int, int], Image.Image]
"""Opens a picture at a width and height."""
_CONVOLUTIONS = ("sd", "sd2", "sdxl")
"""Families with convolutions in their denoisers."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One call of `pipeline` for each batch. `request` is what this stage is to make; `mask` is for
    a model that paints what is white in it, and is shown the rest."""

    pipeline: Any
    request: Request
    estimate: Estimate
    mask: Image.Image | None = None
    adapters: Sequence[object] = ()
    """What tells the files of its adapters from others."""
    loans: ExitStack = field(default_factory=ExitStack)
    """What is given back when the task is over."""


def stages_of(
    request: Request,
    loaded: Loaded,
    catalogue: Catalogue,
    ride: Ride,
    style: Open | None = None,
    *,
    canvas: Canvas | None = None,
    thrifty: bool = False,
) -> list[Stage]:
    """Each with a pipeline of its own, whose models are run by `ride`. `style` opens the picture of
    the request's style; `canvas` says what stays of the source; `thrifty` is for as little memory
    as can be.

    Raises UnfitRequestError for what cannot be done with this model.
    """
    alone = request.stages
    if len(alone) > 1 and loaded.image_to_image is None:
        raise UnfitRequestError(
            say(
                "The model “{model}” cannot start from a picture, as --hires and --hd need it to; "
                "leave them out or use another model. Nothing was charged.",
                model=loaded.model.name,
            )
        )
    pipelines = [
        loaded.pipeline(from_picture=one.source is not None, masked=canvas is not None)
        for one in alone
    ]
    mask = None
    if loaded.inpaint is not None and canvas is not None:
        mask = cells_of(canvas.painted, loaded.inpaint)
    for pipeline in pipelines:
        # A model's own choice of sampler counts where the request has none.
        sampler = request.sampler or loaded.model.sampler
        if sampler is not None:
            use_sampler(pipeline, sampler, loaded.model.name)
    setting = None
    if request.tile:
        able = [model.name for model in catalogue.offered if model.family in _CONVOLUTIONS]
        hooked = loaded.held.hooked
        setting = make_circular(pipelines, loaded.model.name, able, loaded.variant, hooked=hooked)
    loans = ExitStack()
    try:
        worn = loans.enter_context(adapters_worn(request, loaded, ride))
        for pipeline in pipelines:
            attach(pipeline, loaded, ride, worn, setting)
            if thrifty:
                use_least_memory(pipeline, whole=request.tile)
            if request.edit is not None:
                _divide(pipeline, request, loaded, canvas)
        return [
            Stage(
                pipeline,
                one,
                Estimate(pipeline.scheduler, _adjust(pipeline, one, loaded, style, canvas)),
                mask,
                worn.files if worn is not None else (),
                loans,
            )
            for pipeline, one in zip(pipelines, alone, strict=True)
        ]
    except BaseException:
        loans.close()
        raise


def attach(
    pipeline: Any, loaded: Loaded, ride: Ride, worn: Worn | None, setting: Setting | None = None
) -> None:
    """From now on the models of a task's own pipeline run on the device's thread; with adapters, if
    it has any."""
    if worn is not None:
        worn.put_on(pipeline)
        setting = worn.setting
    ride.attach(pipeline, setting)
    heard = worn.heard if worn is not None else ()
    recalling(pipeline, loaded.recall, partial(ride.run, kind="text"), heard)


def let_go(stages: Iterable[Stage]) -> None:
    """Empties the pipelines of a task that is over: they and their schedulers refer to themselves,
    and would keep their tensors, and the model, until somebody looks for such circles."""
    for stage in stages:
        vars(stage.pipeline.scheduler).clear()
        vars(stage.pipeline).clear()
        stage.loans.close()


def _divide(pipeline: Any, request: Request, loaded: Loaded, canvas: Canvas | None) -> None:
    """Lets an edited picture that is larger than the model's own be denoised in windows."""
    if request.tile:
        # Its edges are to fit each other, and those of windows would.
        return
    size, model = (request.width, request.height), loaded.model
    window = windows_of(*size, model.native_size, model.size_step)
    if window != size:
        use_windows(pipeline, size, window, canvas.painted if canvas is not None else None)


def _adjust(
    pipeline: Any,
    request: Request,
    loaded: Loaded,
    style: Open | None,
    canvas: Canvas | None,
) -> Adjust | None:
    """What is done to the finished latents of this stage, as they are expected at every step."""
    changes: list[Adjust] = []
    if style is not None and request.stylize:
        picture = style(request.width, request.height)
        changes.append(palette_of(pipeline.vae, picture, request.stylize, loaded.model.name))
    if request.exp:
        changes.append(Sharpening(request.exp, circular=request.tile))
    if request.edit is not None and loaded.inpaint is None:
        changes.append(_led(pipeline, request, request.edit, canvas))
    if not changes:
        return None
    return partial(_changed, changes=changes, request=request)


def _led(pipeline: Any, request: Request, edit: Edit, canvas: Canvas | None) -> Adjust:
    """What keeps an edited picture what it is."""
    if canvas is None:
        size = (request.width, request.height)
        return Refining(pipeline.scheduler, size, request.model, creative=edit.creative)
    coarse = edit.op is Op.EXTEND
    return Keeping(pipeline.scheduler, canvas.painted, request.model, coarse=coarse)


def _changed(latents: Tensor, level: float, changes: Iterable[Adjust], request: Request) -> Tensor:
    found = as_planes(latents, request.width, request.height)
    if found is None and request.edit is not None:
        raise unfit(request.model)
    if found is None:
        raise UnfitRequestError(
            say(
                "The model “{model}” takes neither --exp nor a picture as its style; leave them "
                "out. Nothing was charged.",
                model=request.model,
            )
        )
    planes, back = found
    for change in changes:
        planes = change(planes, level)
    return back(planes)
