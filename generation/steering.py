"""Moves what a prompt means: away from the ordinary, and the pictures of a grid apart.

A move adds the same to every token that says something, in a direction drawn by lot and across
that from a blank prompt to this one, so that the prompt is neither said louder nor taken back.
Directions are drawn in proportion to how far the tokens of this very encoder differ in each
channel, which keeps what a move leads to among the things the model knows; tokens keep their
length. Nothing is drawn from words, so that a move can never bring one in.
"""

# pyright: basic
from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.request import Request
from generation.encoders import Embeds

CHAOS_FAR = 2.5
"""How far `--chaos 100` moves, in the tokens' usual distance from their mean."""
WEIRD_FAR = 3.0
"""The same of `--weird 3000`."""
CHAOS_JITTER = 0.4
"""`--chaos 100` guides by a factor between exp(-this) and exp(this)."""


def is_steered(request: Request) -> bool:
    """Whether the request's pictures have words of their own, each."""
    return bool(request.chaos or request.weird)


@dataclass(frozen=True, slots=True)
class Steering:
    """The words of each picture of a request.

    `blank` is what the encoder makes of no words at all, as long as `words`, and `movable` are the
    groups of tokens that say something.
    """

    request: Request
    words: Embeds
    blank: Embeds
    negative: Embeds | None
    movable: list[Tensor]

    def arguments(self, indices: range) -> dict[str, Any]:
        """Those of the pipeline's call for some of the pictures, counted from 0."""
        own = [self.embeds(index) for index in indices]
        pooled = [one.pooled for one in own if one.pooled is not None]
        together = Embeds(
            torch.cat([one.words for one in own]), torch.cat(pooled) if pooled else None
        )
        arguments: dict[str, Any] = {**together.arguments(), "num_images_per_prompt": 1}
        if self.negative is not None:
            for name, side in self.negative.arguments("negative_").items():
                arguments[name] = side.repeat(len(own), *[1] * (side.ndim - 1))
        if self.request.chaos and self.request.guidance > 1:
            scales = [self.guidance(index) for index in indices]
            arguments["guidance_scale"] = Guidance(self.request.guidance, scales)
        return arguments

    def embeds(self, index: int) -> Embeds:
        """The words of picture `index`. They depend on its seed alone, not on its company."""
        request, moved = self.request, self.words
        seed = request.image_seed(index)
        if request.weird:
            moved = self._move(moved, _lot("weird", seed), WEIRD_FAR * request.weird / 3000)
        if request.chaos:
            moved = self._move(moved, self._apart("words", index), CHAOS_FAR * request.chaos / 100)
        return moved

    def guidance(self, index: int) -> float:
        """The guidance of picture `index`, above 1."""
        request = self.request
        lot = (
            torch.rand((), generator=self._apart("guidance", index), dtype=torch.float32).item() * 2
            - 1
        )
        factor = math.exp(lot * CHAOS_JITTER * request.chaos / 100)
        return 1 + (request.guidance - 1) * factor

    def _apart(self, purpose: str, index: int) -> torch.Generator:
        """Another lot for each picture, even where all have one seed."""
        shared = self.request.same_seed and index > 0
        seed = self.request.image_seed(index)
        return _lot(f"chaos {purpose} {index}" if shared else f"chaos {purpose}", seed)

    def _move(self, embeds: Embeds, lot: torch.Generator, far: float) -> Embeds:
        words, blank = embeds.words.float(), self.blank.words.float()
        moved = words.clone()
        for places in self.movable:
            some, none = words[:, places], blank[:, places]
            spread = torch.cat([some, none], dim=1).std(dim=1, keepdim=True)
            axis = (some - none).mean(dim=1, keepdim=True)
            moved[:, places] = _moved(some, spread, axis, lot, far)
        pooled = embeds.pooled
        if pooled is not None and self.blank.pooled is not None:
            whole, axis = pooled.float(), (pooled - self.blank.pooled).float()
            # A blank prompt has no distance from itself.
            length = torch.maximum(axis.norm(), whole.norm() / 4) / whole.shape[1] ** 0.5
            pooled = _moved(whole, length.expand_as(whole), axis, lot, far).to(pooled.dtype)
        return Embeds(moved.to(embeds.words.dtype), pooled)


def _moved(some: Tensor, spread: Tensor, axis: Tensor, lot: torch.Generator, far: float) -> Tensor:
    direction = torch.randn(axis.shape, generator=lot, dtype=torch.float32).to(some.device) * spread
    if (length := axis.norm()) > 0:
        unit = axis / length
        direction = direction - (direction * unit).sum() * unit
    moved = some + far * direction
    return moved * (some.norm(dim=-1, keepdim=True) / moved.norm(dim=-1, keepdim=True).clamp(1e-9))


def _lot(purpose: str, seed: int) -> torch.Generator:
    """On the CPU, so that every device draws the same; not the numbers the noise is made of."""
    digest = hashlib.sha256(f"{purpose}:{seed}".encode()).digest()
    return torch.Generator("cpu").manual_seed(int.from_bytes(digest[:6], "big"))


class Guidance(float):
    """A guidance scale of each picture. Compared and printed it is the one that was asked for;
    what a pipeline multiplies by it, one row a picture, each takes by its own."""

    _each: Tensor

    def __new__(cls, asked: float, each: list[float]) -> Guidance:
        self = super().__new__(cls, asked)
        self._each = torch.tensor(each, dtype=torch.float32)
        return self

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, Tensor) or other.ndim == 0 or len(other) != len(self._each):
            return float(self) * other
        return other * self._each.to(other).view(-1, *[1] * (other.ndim - 1))

    __rmul__ = __mul__
