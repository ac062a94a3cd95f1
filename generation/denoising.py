"""The denoising of a task: the pipelines' calls, and what is done after each of their rounds."""

# pyright: basic
from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from PIL import Image
from torch import Tensor

from generation.checkpoints import Checkpoint, Keeper
from generation.conditioning import Words, conditioning
from generation.hires import enlarged
from generation.pipeline_call import call_arguments, from_tensor, step_of, to_pictures
from generation.planes import as_planes
from generation.previews import Previews
from generation.rescue import Rescue, Rest
from generation.run import Run
from generation.samplers import with_seeds
from generation.stages import Stage
from generation.stopping import softened

Pictures = Image.Image | list[Image.Image] | None

Enlarge = Callable[..., Image.Image]
"""Of a picture, a size, and whether it is a `tile`: the picture at that size."""


class Denoising:
    """All stages of a task; its pictures in one batch, or one by one for a cautious task."""

    def __init__(
        self,
        run: Run,
        stages: Sequence[Stage],
        previews: Previews | None = None,
        keeper: Keeper | None = None,
        enlarge: Enlarge = enlarged,
    ) -> None:
        """`enlarge` is what pictures go through between two stages."""
        self._run = run
        self._stages = stages
        self._previews = previews
        self._keeper = keeper
        self._enlarge = enlarge

    def pictures(
        self, source: Image.Image | None, saved: Checkpoint | None = None
    ) -> list[Image.Image]:
        """`source` is what the first stage starts from, `saved` where another worker stood."""
        run, batch = self._run, self._run.batch
        words = conditioning(self._stages[0].pipeline, run.request, distilled=run.distilled)
        run.note = words.note
        pictures = [from_tensor(one) for one in saved.pictures] if saved else []
        run.rescuing = saved is not None
        for first in range(len(pictures), run.request.count, batch):
            together = _Batch(range(first, first + batch), pictures[:first])
            made: Pictures = source
            for number, stage in enumerate(self._stages):
                if saved is None or not run.rescuing or number >= saved.stage:
                    if number:
                        made = self._enlarged(made, stage, batch)
                    made = self._call(stage, number, words, made, together, saved)
                else:
                    made = None
                together.steps += stage.request.denoising_steps
            assert isinstance(made, list)
            pictures += made
        return pictures

    def _enlarged(self, made: Pictures, stage: Stage, count: int) -> list[Image.Image]:
        size = (stage.request.width, stage.request.height)
        if isinstance(made, list):
            return [self._enlarge(one, size, tile=stage.request.tile) for one in made]
        # The stage is gone on with in its middle: its latents are known, any picture will do.
        return [Image.new("RGB", size)] * count

    def _call(
        self,
        stage: Stage,
        number: int,
        words: Words,
        source: Pictures,
        batch: _Batch,
        saved: Checkpoint | None,
    ) -> list[Image.Image]:
        run, request, pipeline = self._run, stage.request, stage.pipeline
        arguments = call_arguments(pipeline, request, words, batch.indices, source, stage.mask)
        # A later stage goes on with the noise of the earlier one.
        batch.generators = batch.generators or arguments.get("generator", [])
        if "generator" in arguments:
            arguments["generator"] = batch.generators
        stage.estimate.generators = batch.generators
        with_seeds(pipeline.scheduler, [request.image_seed(index) for index in batch.indices])
        saved = saved if run.rescuing else None
        rescue = Rescue(pipeline, saved, batch.generators) if saved else None
        finished: Tensor | None = None
        rest: Rest | None = None
        done = batch.indices.start * run.steps // run.request.count + batch.steps

        def after_step(pipe, index, _, tensors):
            nonlocal finished, rest
            run.stop_if_asked()
            latents = tensors["latents"]
            if rescue is not None and run.rescuing:
                kept = rescue.after(pipe, index, latents)
                if kept is None:
                    return {}
                if reuse is not None:
                    reuse.after(index, pipe.num_timesteps)
                    reuse.restore(rescue.checkpoint.reuse, latents.device)
                run.go_on_from(rescue.checkpoint)
                return {"latents": kept}
            if finished is not None:
                return {"latents": finished}
            if reuse is not None:
                reuse.after(index, pipe.num_timesteps)
            step = step_of(index, pipe.num_timesteps, request.schedule_steps)
            if step >= request.denoising_steps < request.schedule_steps:
                # The pipeline goes through the rest of its rounds, but nothing is computed in them.
                finished = _stopped(stage, latents)
                rest = Rest(pipe)
            news = self._tell(stage, done + step, latents, batch)
            if finished is not None:
                return {"latents": finished}
            if news and self._keeper is not None and run.step < run.steps:
                stand = partial(run.stand, batch.pictures, batch.generators, number)
                state = reuse.state() if reuse is not None else []
                self._keeper.after(run.step, partial(stand, index + 1, pipe, latents, state))
            return {}

        reuse = run.ride.reuse_of(pipeline) if run.ride is not None else None
        if reuse is not None:
            reuse.begin(request.denoising_steps / max(1, request.schedule_steps))
        run.stop_if_asked()
        try:
            pixels = pipeline(**arguments, callback_on_step_end=after_step).images
        finally:
            if rest is not None:
                rest.end()
        return to_pictures(pixels)

    def _tell(self, stage: Stage, step: int, latents: Tensor, batch: _Batch) -> bool:
        """Whether the round was the last of a step, which is news."""
        run, previews, request = self._run, self._previews, stage.request
        if step <= run.step:
            return False
        run.reached(step)
        if previews is not None and previews.is_due(step, run.steps):
            found = as_planes(
                stage.estimate.finished_latents(latents), request.width, request.height
            )
            if found is not None:
                previews.show(step, found[0], batch.indices.start)
        return True


def _stopped(stage: Stage, latents: Tensor) -> Tensor:
    """What there is of the finished latents when the stage ends before its schedule does."""
    request = stage.request
    finished = stage.estimate.finished_latents(latents)
    found = as_planes(finished, request.width, request.height)
    if found is not None:
        planes, back = found
        finished = back(softened(planes, stage.estimate.level, circular=request.tile))
    return finished.to(latents.dtype)


class _Batch:
    """Pictures that are made together: their numbers from 0, and those finished before them."""

    def __init__(self, indices: range, pictures: list[Image.Image]) -> None:
        self.indices = indices
        self.pictures = pictures
        self.generators: list[torch.Generator] = []
        self.steps = 0
        """Steps done in earlier stages."""
