"""What every brush needs to know of the picture being drawn."""

import random
from dataclasses import dataclass

from PIL import ImageDraw

from generation.postcard.world import Scene


@dataclass(frozen=True, slots=True)
class Canvas:
    """Lengths in pixels of the canvas; `short` is its shorter side, `horizon` the height of the
    ground's far edge. `fine` draws what an ink drawing gives no outline to (stars, rain, marks)."""

    pen: ImageDraw.ImageDraw
    fine: ImageDraw.ImageDraw
    rng: random.Random
    scene: Scene
    width: int
    height: int
    horizon: float

    @property
    def short(self) -> int:
        return min(self.width, self.height)

    def disc(self, x: float, y: float, r: float, fill: tuple[int, ...]) -> None:
        """A disc; one that is not opaque is a glow, and fine."""
        pen = self.fine if len(fill) == 4 else self.pen
        pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)
