"""What the pictures of docs/buttons.md show: for each button that makes pictures, one press."""

from __future__ import annotations

from dataclasses import dataclass

from core.actions import Action

SEED = 5
"""Of what is made by pressing; the picture that is pressed has its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """`line` makes the picture, or the grid where `grid` is; `edited` is the prompt that was typed
    into the form, `region` the part that was named, `zoom` how far."""

    action: Action
    extra: str = ""
    line: str = "a red lighthouse by day, meadow --seed 7"
    grid: bool = False
    edited: str = ""
    region: str = ""
    zoom: float | None = None
    caption: str

    @property
    def name(self) -> str:
        return f"press-{self.action.name}-{self.extra}".rstrip("-").lower().replace("_", "-")


PRESSES = (
    Press(action=Action.UPSCALE, grid=True, caption="`U2` of a grid: the stored picture."),
    Press(action=Action.VARY, grid=True, caption="`V2` of a grid, high variation."),
    Press(action=Action.REROLL, grid=True, caption="The same prompt, another seed."),
    Press(action=Action.VARY_SUBTLE, caption="The scene stays."),
    Press(action=Action.VARY_STRONG, caption="The subject stays, little else does."),
    Press(action=Action.ENLARGE_SUBTLE, caption="From 128 to 256 pixels."),
    Press(action=Action.ENLARGE_CREATIVE, caption="From 128 to 256 pixels."),
    Press(
        action=Action.REGION,
        line="a house on the left, by day, meadow --seed 4",
        region="right half",
        edited="a green tree by day, meadow",
        caption="`right half`, and in remix mode the prompt `a green tree by day, meadow`.",
    ),
    Press(action=Action.ZOOM, extra="20", caption="The size stays, the picture is half as wide."),
    Press(action=Action.ZOOM, extra="15", caption="The same by a third less."),
    Press(
        action=Action.ZOOM,
        extra="custom",
        edited="a red lighthouse by day, meadow --ar 3:2",
        zoom=1.2,
        caption="`--zoom 1.2 --ar 3:2`: another shape too.",
    ),
    Press(
        action=Action.SQUARE,
        line="a red lighthouse by day, meadow --ar 3:2 --seed 7",
        caption="From 3:2 to 1:1.",
    ),
    Press(action=Action.PAN, extra="left", caption="Half of the width more."),
    Press(action=Action.PAN, extra="right", caption="Half of the width more."),
    Press(action=Action.PAN, extra="up", caption="Half of the height more."),
    Press(action=Action.PAN, extra="down", caption="Half of the height more."),
    Press(
        action=Action.ENHANCE,
        line="a red lighthouse by day, meadow --draft --seed 7",
        caption="From 96 pixels and 8 steps to 128 and 24.",
    ),
    Press(
        action=Action.REMIX,
        edited="a blue boat by day, sea",
        caption="With the prompt `a blue boat by day, sea`.",
    ),
)
"""Everything under pictures that makes pictures."""
