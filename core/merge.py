"""How flags that nobody typed join those that were.

They come in layers: the server's default, the person's suffix, what was typed, what the server
forces. A flag takes the place of one with the same name in an earlier layer, and of those that
exclude it. Only the words behind --no add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.errors import Problem, PromptError
from core.flags import BY_SPELLING
from core.permutations import count
from core.prompt import Prompt, parse
from core.sentences import say

NOTHING = Prompt("", ())

ABOUT_A_START = frozenset({"iw", "strength"})
"""Flags that mean something only beside a picture to start from."""

TYPED_ALONE = frozenset({"repeat", "init"})
"""Flags that are about one command, and cannot be kept for every one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """The flags beside the typed ones."""

    default: Prompt = NOTHING
    suffix: Prompt = NOTHING
    forced: Prompt = NOTHING


@dataclass(frozen=True, slots=True)
class Replaced:
    """A typed flag that the server's took the place of, both as they are typed."""

    typed: str
    by: str


def merge(
    typed: Prompt, layers: Layers, *, model_chosen: bool = False, picture: bool = False
) -> tuple[Prompt, tuple[Replaced, ...]]:
    """The prompt with all flags that count. `model_chosen`: a model was named beside the line.
    `picture`: there is one to start from."""
    picture = picture or bool(typed.images) or "init" in typed.flags
    below: dict[str, Any] = {}
    for layer in (layers.default, layers.suffix):
        below = over(below, layer.flags)
    if model_chosen:
        below = {name: v for name, v in below.items() if BY_SPELLING[name].group != "model"}
    forced = layers.forced.flags
    if not picture:
        below, forced = _without_start(below), _without_start(forced)
    flags = over(over(below, typed.flags), forced)
    everywhere = (typed, layers.suffix, layers.default, layers.forced)
    avoid = tuple(dict.fromkeys(word for layer in everywhere for word in layer.avoid))
    replaced = tuple(
        Replaced(BY_SPELLING[name].spell(value), BY_SPELLING[other].spell(forced[other]))
        for name, value in typed.flags.items()
        for other in forced
        if _replaces(other, name) and (other, forced[other]) != (name, value)
    )
    return replace(typed, flags=flags, avoid=avoid), replaced


def read_flags(text: str) -> Prompt:
    """Flags that are kept for every prompt. Raises PromptError for anything else."""
    if count(text) > 1:
        what = say("Braces stand for several prompts, and can only be typed in one.")
        raise PromptError((Problem(what),), typed=text)
    prompt = parse(text, text_needed=False)
    problems = [
        Problem(
            say("--{flag} is about one command, and cannot be kept for all.", flag=name),
            say("Leave it out."),
        )
        for name in TYPED_ALONE & prompt.flags.keys()
    ]
    if prompt.text or prompt.images:
        words = " ".join([*prompt.images, prompt.text]).strip()
        shown = words if len(words) <= 40 else words[:39] + "…"
        problems.append(
            Problem(say("“{words}” is no flag.", words=shown), say("Only flags can be kept here."))
        )
    if problems:
        raise PromptError(tuple(problems), typed=text)
    return prompt


def over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The flags of both, of two that exclude each other the one above."""
    kept = {
        name: value
        for name, value in below.items()
        if not any(_replaces(other, name) for other in above)
    }
    return {**kept, **above}


def _replaces(name: str, other: str) -> bool:
    return name == other or BY_SPELLING[name].excludes(BY_SPELLING[other])


def _without_start(flags: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if name not in ABOUT_A_START}
