"""A prompt on its own page: the words, and each flag for itself."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import EaselError
from core.flags import BY_SPELLING
from core.prompt import parse


@dataclass(frozen=True, slots=True)
class Spelt:
    """`flags` are as they would be typed, each whole: `--ar 3:2`."""

    text: str
    flags: tuple[str, ...] = ()


def spelt(line: str) -> Spelt:
    """A line that cannot be read (it was taken by another version) is all words."""
    try:
        prompt = parse(line, text_needed=False)
    except EaselError:
        return Spelt(line)
    words = [*prompt.images, prompt.text]
    flags = [f"--no {', '.join(prompt.avoid)}"] if prompt.avoid else []
    flags += [BY_SPELLING[name].spell(value) for name, value in prompt.flags.items()]
    return Spelt(" ".join(word for word in words if word), tuple(flags))
