"""What a picture shows, said by the operator's caption model or the embedded model's reader."""

# pyright: basic
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from PIL import Image

from core.errors import EngineError
from core.models import EMBEDDED, Catalogue
from core.sentences import say
from generation.captions import Captions
from generation.postcard.reading import SURE, prompts

Work = Callable[[Callable[[], Any]], Any]
"""Calls a function on the device's thread."""


class Describer:
    """For one thread at a time."""

    def __init__(self, catalogue: Catalogue, device: torch.device, dtype: torch.dtype) -> None:
        self._captioner = catalogue.captioner
        # The reader has seen nothing but what the embedded model draws.
        self._reads = catalogue.default.name == EMBEDDED
        self._device = device
        self._dtype = dtype
        self._captions: Captions | None = None

    def describe(self, path: str, work: Work) -> tuple[list[str], str, bool]:
        """The captions, how they came about, and whether they will be others the next time. Raises
        EngineError where nobody can say."""
        if self._captioner is None and not self._reads:
            raise EngineError(
                say(
                    "The picture does not say how it was made, and there is no model here that "
                    "could look at it. Tell the operator: [caption] in models.toml names one."
                )
            )
        with Image.open(path, formats=["PNG"]) as opened:
            picture = opened.convert("RGB")
        if self._captioner is None:
            lines, seen = work(lambda: prompts(picture))
            return lines, _certainty(*seen["subject"]), False
        if self._captions is None:
            self._captions = Captions(self._captioner, self._device, self._dtype)
        captions = self._captions
        note = say("A model looked at the picture and guessed; it cannot know how it was made.")
        return work(lambda: captions.of(picture)), note, True


def _certainty(subject: str, chance: float) -> str:
    if chance < SURE:
        return say(
            "The embedded model's reader knows only the twelve things of its postcards, and is not "
            "sure that any of them is here."
        )
    return say(
        "The embedded model's reader knows only the twelve things of its postcards; it is {share} "
        "% sure of the {subject}.",
        share=round(chance * 100),
        subject=subject,
    )
