"""Going on where another worker stopped, in a pipeline that knows nothing of it.

The pipeline is called as ever. Its denoiser answers zeros without computing until the loop is where
the checkpoint was taken; there the latents, the scheduler and the random states are put back, the
denoiser becomes itself again, and everything that follows is, to the last bit, what would have
followed.
"""

# pyright: basic
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.speed import DENOISERS
from generation.checkpoints import Checkpoint, restore_state


class Rescue:
    """The first rounds of one call of `pipeline`, which skip what `checkpoint` has."""

    def __init__(
        self, pipeline: Any, checkpoint: Checkpoint, generators: list[torch.Generator]
    ) -> None:
        self.checkpoint = checkpoint
        self._generators = generators
        self._rest = Rest(pipeline)

    def after(self, pipeline: Any, index: int, latents: Tensor) -> Tensor | None:
        """To be called at the end of every round, `index` from 0: the latents to go on with, or
        None while there is more to skip. Raises ValueError for a checkpoint that does not fit."""
        saved = self.checkpoint
        if index + 1 < saved.calls:
            return None
        if saved.latents.shape != latents.shape or saved.latents.dtype != latents.dtype:
            raise ValueError("the checkpoint's latents do not fit")
        restore_state(pipeline.scheduler, saved.scheduler, latents.device)
        for generator, state in zip(self._generators, saved.generators, strict=True):
            generator.set_state(state)
        self._rest.end()
        return saved.latents.to(latents.device)


class Rest:
    """A time in which the denoisers of `pipeline`, an object of one task, compute nothing."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._real = {
            name: module
            for name in DENOISERS
            if isinstance(module := getattr(pipeline, name, None), torch.nn.Module)
        }
        for name, module in self._real.items():
            # Past the pipeline's own __setattr__, which would write it into its configuration.
            object.__setattr__(pipeline, name, Idle(module))

    def end(self) -> None:
        for name, module in self._real.items():
            object.__setattr__(self._pipeline, name, module)


class Idle:
    """A denoiser that is not asked to do anything: it answers zeros of the right shape."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def __call__(self, *arguments: Any, **named: Any) -> Nothing:
        given = next((one for one in arguments if isinstance(one, Tensor | list)), None)
        if given is None:
            given = named.get("hidden_states", named.get("sample", named.get("x")))
        return Nothing([self._nothing(given)])

    def _nothing(self, given: Any) -> Any:
        if isinstance(given, list):
            return [self._nothing(one) for one in given]
        config = self._module.config
        channels = config.get("out_channels") or config.get("in_channels")
        shape = list(given.shape)
        if channels != config.get("in_channels"):
            # Packed latents have a patch's channels side by side, last.
            packed = given.ndim == 3
            patch = config.get("patch_size") or 1
            shape[2 if packed else 1] = channels * (patch**2 if packed else 1)
        return given.new_zeros(shape)


class Nothing(tuple):
    """An answer as pipelines read it: the first of a tuple, or `sample`."""

    @property
    def sample(self) -> Any:
        return self[0]
