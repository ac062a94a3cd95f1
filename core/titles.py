"""What a derived picture is called under its prompt: “Variations (Strong)”, “Pan Left”."""

from __future__ import annotations

from core.edits import Box, Edit, Op
from core.request import Kind, Request
from core.sentences import say

_NEAR, _FAR = 0.5, 0.7
"""Strengths up to which variations are subtle, and from which they are strong."""


def title(request: Request) -> str:
    """Empty for what was asked for in words alone, and for one picture of a grid."""
    match request.kind:
        case Kind.VARIATION:
            return _variations(request)
        case Kind.REGION:
            return say("Remix (Region)") if request.remixed else say("Variations (Region)")
        case Kind.ENLARGE:
            creative = request.edit is not None and request.edit.creative
            return say("Upscaled (Creative)") if creative else say("Upscaled (Subtle)")
        case Kind.ENHANCE:
            return say("Enhanced")
        case Kind.ZOOM:
            return _zoom(request)
        case Kind.SQUARE:
            return say("Made Square")
        case Kind.PAN:
            return _pan(request.edit)
        case Kind.REROLL if request.remixed:
            return say("Remix")
        case _:
            return ""


def _variations(request: Request) -> str:
    strength = request.source.strength if request.source is not None else 0.6
    if strength <= _NEAR:
        return say("Remix (Subtle)") if request.remixed else say("Variations (Subtle)")
    if strength >= _FAR:
        return say("Remix (Strong)") if request.remixed else say("Variations (Strong)")
    return say("Variations")


def _zoom(request: Request) -> str:
    keep = _kept(request.edit)
    factor = 1 / max(keep.width, keep.height, 1e-6)
    if factor < 1.05:
        return say("Zoom Out")
    return say("Zoom Out {factor}x", factor=f"{round(factor, 1):g}")


def _pan(edit: Edit | None) -> str:
    keep = _kept(edit)
    room = {
        say("Pan Left"): keep.left,
        say("Pan Right"): 1 - keep.right,
        say("Pan Up"): keep.top,
        say("Pan Down"): 1 - keep.bottom,
    }
    words = max(room, key=lambda one: room[one])
    cut = min(keep.left, keep.top, 1 - keep.right, 1 - keep.bottom) < -1e-6
    return say("{pan}, far side cut", pan=words) if cut else words


def _kept(edit: Edit | None) -> Box:
    if edit is None or edit.op is not Op.EXTEND or edit.keep is None:
        return Box(0.0, 0.0, 1.0, 1.0)
    return edit.keep
