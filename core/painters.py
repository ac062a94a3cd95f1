"""Who paints a part of a picture: the picture's own model, or the inpainting model that is named
for it."""

from __future__ import annotations

from core.edits import Op, Painter
from core.flags import BY_SPELLING
from core.model import Model
from core.rendering import usual_steps
from core.request import Request

_NEGATIVE_DEAF = frozenset({"flux"})
"""Families whose inpainting pipelines have no negative side, though others of theirs do."""


def painter_for(request: Request, own: Model, other: Model | None) -> Painter | None:
    """How `other` paints what the request edits; None where that is for `own`, the request's model:
    because nothing is masked, or `other` cannot do what was asked for.

    What nobody asked for is as is usual with `other`: steps, guidance and sampler.
    """
    if other is None or request.edit is None or request.edit.op is Op.ENLARGE:
        return None
    typed = request.sampler != own.sampler
    special = typed or bool(request.loras)
    if not _able(request, other) or (special and own.family != other.family):
        return None
    how = request.draft, request.quality
    steps = usual_steps(other, *how)
    if request.steps != usual_steps(own, *how):
        steps = min(max(request.steps, other.min_steps), other.max_steps)
    return Painter(
        model=other.name,
        steps=steps,
        guidance=other.guidance if request.guidance == own.guidance else request.guidance,
        sampler=request.sampler if typed else other.sampler,
    )


def _able(request: Request, model: Model) -> bool:
    avoided = request.avoid or any(part.weight < 0 for part in request.parts)
    if avoided and model.family in _NEGATIVE_DEAF:
        return False
    wanted = {"tile": request.tile, "clip-skip": request.clip_skip > 0}
    able = all(model.can(BY_SPELLING[name]) for name, asked in wanted.items() if asked)
    return able and all(model.adapter(lora.name) is not None for lora in request.loras)
