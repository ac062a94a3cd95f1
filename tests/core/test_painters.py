"""An inpainting model paints for another wherever it can do what was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.adapters import Adapter
from core.edits import PAINTED_WITH_HEAD, Box, Edit, Op, Painter
from core.model import Model
from core.painters import painter_for
from core.request import Lora, Part, Request, Source
from tests.builders import request

OWN = Model(name="dreams", source="d", family="sdxl", steps=4, guidance=1.0, sampler="lcm")
FILL = Model(name="fill", source="f", family="sdxl", steps=28, guidance=7.0, max_steps=60)
REGION = Edit(op=Op.REGION, parts=(Box(0, 0, 0.5, 1),))


def asked(edit: Edit | None = REGION, **changes: Any) -> Request:
    usual: dict[str, Any] = {
        "model": "dreams",
        "steps": 4,
        "guidance": 1.0,
        "sampler": "lcm",
        "edit": edit,
        "source": Source("picture.png", 1.0),
    }
    return request(**(usual | changes))


def test_what_nobody_asked_for_is_as_is_usual_with_the_painter() -> None:
    assert painter_for(asked(), OWN, FILL) == Painter(model="fill", steps=28, guidance=7.0)
    quick = painter_for(asked(steps=1, draft=True), OWN, FILL)
    assert quick is not None and quick.steps == FILL.quick_steps
    half = painter_for(asked(steps=2, quality=0.5), OWN, FILL)
    assert half is not None and half.steps == 14


def test_what_was_asked_for_stays_as_far_as_the_painter_goes() -> None:
    typed = asked(steps=100, guidance=3.0, sampler="ddim")
    assert painter_for(typed, OWN, FILL) == Painter(
        model="fill", steps=60, guidance=3.0, sampler="ddim"
    )


@pytest.mark.parametrize(
    ("edit", "changes", "other"),
    [
        (REGION, {}, None),
        (None, {}, FILL),
        (Edit(op=Op.ENLARGE), {}, FILL),
        (REGION, {"tile": True}, replace(FILL, family="flux")),
        (REGION, {"clip_skip": 1}, replace(FILL, family="flux")),
        (REGION, {"sampler": "ddim"}, replace(FILL, family="flux")),
        (REGION, {"avoid": ("fog",)}, replace(FILL, family="flux")),
        (REGION, {"parts": (Part("a"), Part("fog", -0.5))}, replace(FILL, family="flux")),
    ],
)
def test_where_nothing_is_masked_or_more_is_asked_for_the_own_model_paints(
    edit: Edit | None, changes: dict[str, Any], other: Model | None
) -> None:
    assert painter_for(asked(edit, **changes), OWN, other) is None


def test_a_painter_of_another_family_paints_what_asks_for_nothing_special() -> None:
    assert painter_for(asked(), OWN, replace(FILL, family="flux")) is not None
    assert painter_for(asked(tile=True, avoid=("fog",)), OWN, FILL) is not None


def test_what_is_drawn_is_the_painters_and_what_is_shown_the_members() -> None:
    painter = Painter(model="fill", steps=20, guidance=7.0, sampler="ddim")
    whole = asked(replace(REGION, painter=painter, passes=2.0))
    drawn = whole.drawn
    assert (drawn.model, drawn.steps, drawn.guidance, drawn.sampler) == ("fill", 20, 7.0, "ddim")
    assert drawn.source == Source("picture.png", PAINTED_WITH_HEAD)
    assert drawn.edit == replace(REGION, passes=2.0)
    assert drawn.drawn is drawn
    assert (whole.made_by, drawn.made_by, asked().made_by) == ("fill", "fill", "dreams")
    # The cost is that of what is drawn.
    assert whole.denoising_steps == drawn.denoising_steps == 19
    assert whole.work == drawn.work
    assert (whole.model, whole.steps) == ("dreams", 4)
    # Whatever is made of the picture without a mask is for its own model.
    assert whole.variation("other.png", 5).made_by == "dreams"
    assert whole.upscale("other.png", 1).made_by == "dreams"
    assert whole.reroll(5).made_by == "fill"


def test_a_request_with_a_painter_survives_being_written_down() -> None:
    whole = asked(replace(REGION, painter=Painter(model="fill", steps=20, guidance=7.0)))
    assert Request.from_json(whole.to_json()) == whole


def test_adapters_go_along_where_they_fit() -> None:
    ink = Adapter(name="ink", source="ink", family="sdxl")
    inked = asked(loras=(Lora("ink", 0.5),))
    assert painter_for(inked, OWN, FILL) is None
    assert painter_for(inked, OWN, FILL.with_adapters([ink])) is not None
    other = replace(FILL, family="flux", adapters=(ink,))
    assert painter_for(inked, OWN, other) is None
