"""What models answer: cut into what each of several calls gets, and joined again."""

# pyright: basic
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from diffusers.utils.outputs import BaseOutput
from torch import Tensor
from transformers.utils.generic import ModelOutput

from generation.grouping import UnfitError

_OUTPUTS = (BaseOutput, ModelOutput)


def cut(answer: Any, counts: Sequence[int], *, lists: bool) -> list[Any]:
    """The answer of each of those that had so many rows, as their own. Raises UnfitError."""
    total, begin, found = sum(counts), 0, []
    for count in counts:
        found.append(_slice(answer, begin, begin + count, total, lists))
        begin += count
    return found


def _slice(answer: Any, begin: int, end: int, total: int, lists: bool) -> Any:
    if isinstance(answer, Tensor):
        if not answer.ndim or len(answer) != total:
            raise UnfitError
        # A copy, which does not keep the rows of the others alive.
        return answer[begin:end].clone()
    if lists and isinstance(answer, list):
        if len(answer) != total:
            raise UnfitError
        return [one.clone() for one in answer[begin:end]]

    def inner(one: Any) -> Any:
        return _slice(one, begin, end, total, lists)

    return _rebuilt(answer, inner)


def joined(answers: Sequence[Any], *, lists: bool) -> Any:
    """The inverse of `cut`: one answer for all rows. Raises UnfitError."""
    first = answers[0]
    if isinstance(first, Tensor):
        return torch.cat(list(answers))
    if lists and isinstance(first, list):
        return [one for answer in answers for one in answer]
    parts = [_leaves(answer) for answer in answers]
    whole = iter([joined(several, lists=lists) for several in zip(*parts, strict=True)])
    return _rebuilt(first, lambda _: next(whole))


def _leaves(answer: Any) -> list[Any]:
    found: list[Any] = []
    _rebuilt(answer, lambda one: found.append(one) or one)
    return found


def _rebuilt(answer: Any, change: Callable[[Any], Any]) -> Any:
    """The same with its parts changed; those that are None stay."""
    if answer is None:
        return None
    if type(answer) in (tuple, list):
        return type(answer)(None if one is None else change(one) for one in answer)
    if isinstance(answer, DiagonalGaussianDistribution):
        return DiagonalGaussianDistribution(
            change(answer.parameters), deterministic=answer.deterministic
        )
    if isinstance(answer, _OUTPUTS):
        return type(answer)(**{name: change(one) for name, one in answer.items()})
    raise UnfitError(type(answer).__name__)
