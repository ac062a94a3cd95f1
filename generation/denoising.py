"""The denoising of a task: the pipeline's calls, and what is done after each of their rounds."""

# pyright: basic
from __future__ import annotations

from functools import partial
from typing import Any

from PIL import Image

from core.events import Progress
from generation.checkpoints import Checkpoint, Keeper
from generation.conditioning import conditioning
from generation.pipeline_call import call_arguments, from_tensor, step_of, to_pictures
from generation.previews import Previews
from generation.rescue import Rescue
from generation.run import Run
from generation.samplers import Estimate


def denoise(
    run: Run,
    pipeline: Any,
    source: Image.Image | None,
    previews: Previews | None,
    keeper: Keeper | None,
    saved: Checkpoint | None,
) -> list[Image.Image]:
    """All pictures of the request, in one batch, or one by one for a cautious task."""
    request, batch = run.request, run.batch
    estimate = Estimate(pipeline.scheduler)
    words = conditioning(pipeline, request, distilled=run.distilled)
    pictures = [from_tensor(one) for one in saved.pictures] if saved else []
    run.rescuing = saved is not None
    for first in range(len(pictures), request.count, batch):
        done = first * run.steps // request.count
        arguments = call_arguments(pipeline, request, words, range(first, first + batch), source)
        generators = arguments.get("generator", [])
        rescue = Rescue(pipeline, saved, generators) if saved and run.rescuing else None

        stand = partial(run.stand, pictures[:first], generators)

        def after_step(pipe, index, _, tensors, first=first, done=done, stand=stand, rescue=rescue):
            run.stop_if_asked()
            latents = tensors["latents"]
            if rescue is not None and run.rescuing:
                kept = rescue.after(pipe, index, latents)
                if kept is None:
                    return {}
                run.go_on_from(rescue.checkpoint)
                return {"latents": kept}
            calls = run.steps * batch // request.count
            step = done + step_of(index, pipe.num_timesteps, calls)
            if step > run.step:
                run.step = step
                run.send(Progress(run.task.job_id, step, run.steps))
                if previews is not None and previews.is_due(step, run.steps):
                    previews.show(step, estimate.finished_latents(latents), first)
                if keeper is not None and step < run.steps:
                    keeper.after(step, partial(stand, index + 1, pipe, latents))
            return {}

        run.stop_if_asked()
        pixels = pipeline(**arguments, callback_on_step_end=after_step).images
        pictures += to_pictures(pixels)
    return pictures
