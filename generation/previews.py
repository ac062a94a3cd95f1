"""Looks at unfinished pictures: all of a grid, cheap, and never in the way of the next step."""

# pyright: basic
from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path

from PIL import Image
from torch import Tensor

from core.request import Request
from core.steps import PREVIEW_STEPS
from generation.images import encode_jpeg, fill_grid, write_file
from generation.latent_colours import LatentColours
from generation.run import StoppedError

log = logging.getLogger(__name__)

LONGEST_SIDE = 768
"""Pixels of a preview's longer side, at most."""

_SHARE = 0.04
"""Of the device's time so far that decoding previews sharply may take."""
_EMPTY = (43, 45, 49)


class Previews:
    """The previews of one task.

    The task's own thread only copies latents; colours, scaling, encoding and writing are for
    `pool`, and a sharp decoding for the device, where `work` brings it between two steps. A preview
    is left out while the one before it is still being written.
    """

    def __init__(
        self,
        request: Request,
        colours: LatentColours,
        folder: Path,
        pool: Executor,
        every: int,
        ready: Callable[[int, Path], None],
        *,
        work: Callable[[Callable[[], Tensor]], Tensor],
        used_ms: Callable[[], int],
    ) -> None:
        """`ready` gets the step and the file, in a thread of the pool. `every` is in steps. `work`
        calls what it is given on the device; `used_ms` is what the task has had of it."""
        self._request = request
        self._colours = colours
        self._folder = folder
        self._pool = pool
        self._every = every
        self._ready = ready
        self._work = work
        self._used_ms = used_ms
        self._cells: list[Image.Image] = [Image.new("RGB", (1, 1), _EMPTY)] * request.count
        self._writing: Future[None] | None = None
        self._spent = 0.0

    def is_due(self, step: int, steps: int) -> bool:
        """Every so many steps, the first after a quarter at the latest, and at the latest when the
        device stops to hurry for it; none after the last."""
        first = max(1, min(self._every, steps // 4, PREVIEW_STEPS))
        due = step == first or step % self._every == 0
        return due and step < steps and (self._writing is None or self._writing.done())

    def show(self, step: int, latents: Tensor, first: int = 0) -> None:
        """`latents`, N x C x H x W, are of the pictures from number `first` (from 0) on."""
        if latents.ndim != 4:
            return
        # Samplers may go on to compute in the same tensor.
        self._writing = self._pool.submit(self._make, step, latents.detach().clone(), first)

    def wait(self) -> None:
        """Returns when no preview is being written: none may follow the end of its job."""
        if self._writing is not None:
            self._writing.exception()

    def _make(self, step: int, latents: Tensor, first: int) -> None:
        try:
            pixels = self._pixels(latents).cpu().numpy()
        except StoppedError:
            return
        # Previews are worth having, never worth failing for.
        except Exception as error:
            log.warning("preview of step %d left out: %s", step, error)
            return
        self._cells[first : first + len(pixels)] = [Image.fromarray(one) for one in pixels]
        self._write(step, list(self._cells))

    def _pixels(self, latents: Tensor) -> Tensor:
        if not self._can_afford_sharp(len(latents)):
            return self._colours.fast(latents)
        began = time.perf_counter()

        def sharp() -> Tensor:
            nonlocal began
            # What counts is the decoding, not how long it waited for others.
            began = time.perf_counter()
            return self._colours.sharp(latents)

        try:
            return self._work(sharp)
        finally:
            self._spent += time.perf_counter() - began

    def _can_afford_sharp(self, count: int) -> bool:
        if self._colours.decoder is None:
            return False
        megapixels = count * self._request.width * self._request.height / 1e6
        cost = megapixels * self._colours.seconds_per_megapixel
        return self._spent + cost <= _SHARE * self._used_ms() / 1000

    def _write(self, step: int, cells: list[Image.Image]) -> None:
        try:
            request = self._request
            size = (request.width, request.height)
            scale = min(1.0, LONGEST_SIDE / max(fill_size(request)))
            size = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
            grid = fill_grid([cell.resize(size, Image.Resampling.BICUBIC) for cell in cells])
            path = self._folder / f"preview-{step:04}.jpg"
            self._ready(step, write_file(path, encode_jpeg(grid)))
        # A disk that is full or a folder that is gone is said when the pictures are written.
        except OSError as error:
            log.warning("preview of step %d left out: %s", step, error)


def fill_size(request: Request) -> tuple[int, int]:
    """Width and height in pixels of the request's grid, before it is enlarged."""
    from generation.images import columns_for

    columns = columns_for(request.count)
    return request.width * columns, request.height * -(-request.count // columns)
