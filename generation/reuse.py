"""Rounds of a task that are not computed, but estimated from the two computed before them.

It is the operator's choice (`core.speed`), and saves a third of a long picture's forwards. What a
denoiser answered is followed on a straight line over the sampler's time, for each row by itself. It
is done where calls are parked, in the task's own thread, so no pipeline and no model knows of it: a
round that is estimated parks nothing, and those of others go on in company. What is remembered
belongs to one stage of one task, and goes into its checkpoints.

The caches that come with diffusers (first-block cache, FasterCache, TaylorSeer and others) save
more of a single picture's time, but they are hooks on the blocks of the shared model and keep one
state there for each name of a context. The rows of a batch change from forward to forward here, so
a row would be given what another row left behind; and they decide by how far all rows together have
changed, so that a picture would depend on its company. None of them works on UNets.

Samplers that call the denoiser twice a step, or begin each step from fresh noise, are left alone.
"""

# pyright: basic
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from core.reuse import is_computed
from core.speed import DENOISERS
from generation.edits.windows import Answer
from generation.parking import Asked, Park, real_of

_FRESH_NOISE = ("LCM", "TCD", "SCM", "Consistency")
"""In the names of schedulers: what was expected at one step says nothing of the next noise."""


@dataclass(slots=True, eq=False)
class _Memory:
    """Of one call in every round: the shapes it is given, whether it answers a list, and when it
    was computed with what answer, the last two times."""

    outline: Any = None
    listed: bool = False
    times: list[float] = field(default_factory=list)
    answers: list[list[Tensor]] = field(default_factory=list)

    def keep(self, outline: Any, time: float, answer: Any) -> None:
        first = answer[0] if isinstance(answer, tuple) else getattr(answer, "sample", None)
        parts: list[Any] = first if isinstance(first, list) else [first]
        if outline != self.outline:
            self.outline, self.times, self.answers = outline, [], []
        if all(isinstance(one, Tensor) for one in parts):
            # A pipeline may work on what it is given.
            kept = [one.clone() for one in parts]
            self.listed = isinstance(first, list)
            self.times, self.answers = [*self.times[-1:], time], [*self.answers[-1:], kept]

    def estimate(self, outline: Any, time: float) -> Answer | None:
        """None where the line goes nowhere, or not on."""
        if outline != self.outline or len(self.times) < 2:
            return None
        before, last = self.times
        if (last - before) * (time - last) <= 0:
            return None
        weight = 1 + (time - last) / (last - before)
        found = [
            torch.lerp(one.float(), other.float(), weight).to(one.dtype)
            for one, other in zip(*self.answers, strict=True)
        ]
        return Answer([found if self.listed else found[0]])


class Reuse:
    """Of one stage of a task, in its thread."""

    def __init__(self) -> None:
        self._scheduler: Any = None
        self._names: dict[int, str] = {}
        """Of the denoisers, by the ids of the real modules."""
        self.begin()

    def begin(self, share: float = 1.0) -> None:
        """Another batch, of which nothing is known; `share` of its rounds are run, 0..1."""
        self._share = share
        self._round = 0
        self._times: list[float] = []
        self._memories: dict[tuple[str, int], _Memory] = {}
        self._called: dict[str, int] = {}

    def through(self, pipeline: Any, park: Park) -> Park:
        """What the stand-ins of `pipeline` are to hand their calls to, for `park` to get those that
        are computed."""
        self._scheduler = pipeline.scheduler
        parts = {name: getattr(pipeline, name, None) for name in DENOISERS}
        self._names = {id(real_of(one)): name for name, one in parts.items() if one is not None}

        def ask(asked: Asked) -> Any:
            name = self._names.get(id(asked.module)) if asked.kind == "step" else None
            return park(asked) if name is None else self._ask(name, asked, park)

        return ask

    def after(self, index: int, rounds: int) -> None:
        """Round `index`, from 0, of so many is over."""
        self._round = index + 1
        self._called.clear()
        self._times = self._times or self._sampled(rounds)

    def state(self) -> list[Any]:
        """Plain values and tensors, from which `restore` makes the same of another one."""
        return [
            [*place, one.outline, one.listed, list(one.times), [list(a) for a in one.answers]]
            for place, one in self._memories.items()
        ]

    def restore(self, state: list[Any], device: torch.device) -> None:
        """After `after`, in a loop that is where the state was taken. Raises ValueError or
        TypeError for what is none."""
        for name, number, outline, listed, times, answers in state:
            kept = [[one.to(device) for one in answer] for answer in answers]
            self._memories[name, number] = _Memory(outline, listed, times, kept)

    def _sampled(self, rounds: int) -> list[float]:
        """The sampler's time of each round that is run; none where none is to be left out."""
        scheduler = self._scheduler
        name, times = type(scheduler).__name__, getattr(scheduler, "timesteps", None)
        if getattr(scheduler, "order", 1) != 1 or any(part in name for part in _FRESH_NOISE):
            return []
        if not isinstance(times, Tensor) or times.ndim != 1 or len(times) < rounds:
            return []
        # Image-to-image leaves out the first.
        return times[len(times) - rounds :].tolist()[: round(rounds * self._share)]

    def _ask(self, name: str, asked: Asked, park: Park) -> Any:
        number, index, rounds = self._called.get(name, 0), self._round, len(self._times)
        self._called[name] = number + 1
        # How many rounds there are is known after the first.
        if index >= rounds:
            return park(asked)
        time, outline = self._times[index], _outline([*asked.arguments, *asked.named.values()])
        memory = self._memories.setdefault((name, number), _Memory())
        if not is_computed(index, rounds):
            found = memory.estimate(outline, time)
            if found is not None:
                return found
        answer = park(asked)
        memory.keep(outline, time, answer)
        return answer


def _outline(value: Any) -> Any:
    """The shapes of all tensors."""
    if isinstance(value, Tensor):
        return tuple(value.shape)
    if isinstance(value, dict):
        return tuple(_outline(one) for one in value.values())
    if isinstance(value, list | tuple):
        return tuple(_outline(one) for one in value)
    return None
