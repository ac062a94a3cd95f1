"""The words of a request as a pipeline takes them: plain text, or what its encoder makes of it."""

# pyright: basic
from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.request import Request
from core.sentences import say
from generation.encoders import TRUE_GUIDANCE, Embeds, Encoder, average, encoder_of
from generation.faults import UnfitRequestError
from generation.steering import Steering, is_steered
from generation.texts import Text

log = logging.getLogger(__name__)

FULL_NEGATIVE = 0.5
"""The weight at which what to avoid counts as a whole negative prompt; `--no` has it."""
FULL_STYLE = 1000
"""The `--stylize` at which a style counts as if it were typed behind the prompt."""
_SHOWN = 40
"""Characters of what was left out that a note shows."""


@dataclass(frozen=True, slots=True)
class Words:
    """A pipeline's arguments for the words, by name. `note` tells the member what was not read."""

    same: dict[str, Any]
    steering: Steering | None = None
    note: str = ""

    def arguments(self, indices: range) -> dict[str, Any]:
        """For these pictures of the request, counted from 0."""
        if self.steering is not None:
            return self.same | self.steering.arguments(indices)
        if not any(isinstance(value, Tensor) for value in self.same.values()):
            return self.same
        # Not all pipelines repeat what somebody else has encoded.
        repeated = {
            name: value.repeat(len(indices), *[1] * (value.ndim - 1))
            if isinstance(value, Tensor)
            else value
            for name, value in self.same.items()
        }
        return repeated | {"num_images_per_prompt": 1}


@torch.no_grad()
def conditioning(pipeline: Any, request: Request, *, distilled: bool = False) -> Words:
    """What the pipeline is to hear.

    The parts are encoded one by one, which makes of a single one, to the last bit, what the bare
    pipeline does. The positive ones are averaged by weight; the negative ones too, and take a share
    of the negative side that grows with their weight, the rest being what the pipeline has when
    there is no negative prompt. A style is mixed in by moving the words towards those of the prompt
    with the style typed behind it. Encoders whose tokens stand for other places in every text get
    the parts joined, each word as long as its part weighs.

    Pipelines take a guidance scale below 1 for 1: the prompt, unguided. Classifier-free guidance
    (https://arxiv.org/abs/2207.12598, with scale 1 for the plain prediction) means less than that
    by it, and nothing of the prompt at 0, so the words themselves are moved that far towards the
    negative side. A `distilled` model, which takes no guidance, hears its prompt at 0.

    Raises UnfitRequestError for what cannot be done to this model's words.
    """
    said = _Said.of(request, heard=1.0 if distilled else min(1.0, request.guidance))
    encoder = encoder_of(pipeline)
    if encoder is None:
        return _unknown(pipeline, request, said)
    if request.clip_skip > encoder.most_skipped:
        raise UnfitRequestError(_too_deep(request, encoder.most_skipped))
    note = _left_out(encoder, said, request.model)
    return _Mixer(encoder, request, said).words(note)


@dataclass(frozen=True, slots=True)
class _Said:
    """The texts of a request. `heard` is the share of the prompt that counts, 0..1."""

    positive: list[tuple[Text, float]]
    negative: list[tuple[Text, float]]
    style: Text
    heard: float

    @classmethod
    def of(cls, request: Request, heard: float) -> _Said:
        positive = [(Text.read(one.text), one.weight) for one in request.parts if one.weight > 0]
        negative = [(Text.read(one.text), -one.weight) for one in request.parts if one.weight < 0]
        if request.avoid:
            negative.append((Text.read(", ".join(request.avoid)), FULL_NEGATIVE))
        style = request.style.text if request.style is not None and request.stylize else ""
        return cls(positive or [(Text(()), 1.0)], negative, Text.read(style), heard)

    @property
    def texts(self) -> list[Text]:
        return [text for text, _ in self.positive + self.negative]

    @property
    def joined(self) -> Text:
        """All that is wanted, the weightiest first, each as heavy as it is beside the mean."""
        return _joined(self.positive)

    @property
    def avoided(self) -> Text:
        return _joined(self.negative)


def _joined(parts: list[tuple[Text, float]]) -> Text:
    if len(parts) < 2:
        return parts[0][0] if parts else Text(())
    mean = sum(weight for _, weight in parts) / len(parts)
    parts = sorted(parts, key=lambda part: -part[1])
    return Text.join((text, weight / mean) for text, weight in parts)


class _Mixer:
    """Makes one request's words out of what its encoder makes of texts."""

    def __init__(self, encoder: Encoder, request: Request, said: _Said) -> None:
        self._encoder = encoder
        self._request = request
        self._said = said
        wanted = self._wanted = said.positive if encoder.averages else [(said.joined, 1.0)]
        unwanted = said.negative if encoder.averages else [(said.avoided, 1.0)]
        self._unwanted = unwanted if said.negative else []
        self._styled = [
            (_styled(text, said.style), weight) for text, weight in wanted if said.style.plain
        ]
        texts = [text for text, _ in wanted + self._unwanted + self._styled]
        self._length = max(encoder.length(text) for text in texts)

    def words(self, note: str) -> Words:
        request, words = self._request, self._positive()
        guided = self._encoder.guided and request.guidance > 1
        away = None
        if guided or self._said.heard < 1 or (not self._encoder.guided and self._said.negative):
            away = self._negative()
        if self._said.heard < 1 and away is not None:
            words, away = away.towards(words, self._said.heard), None
        same: dict[str, Any] = words.arguments()
        if away is not None:
            same |= away.arguments("negative_")
            if not guided:
                same["true_cfg_scale"] = TRUE_GUIDANCE
        if not is_steered(request):
            return Words(same, None, note)
        blank = self._encode(Text(()), request.clip_skip)
        movable = self._encoder.movable(words.words.shape[1])
        same = {name: value for name, value in same.items() if name == "true_cfg_scale"}
        return Words(same, Steering(request, words, blank, away, movable), note)

    def _positive(self) -> Embeds:
        words = self._mean(self._wanted, self._request.clip_skip)
        if not self._styled:
            return words
        styled = self._mean(self._styled, self._request.clip_skip)
        return words.towards(styled, self._request.stylize / FULL_STYLE)

    def _negative(self) -> Embeds:
        share = sum(weight for _, weight in self._said.negative) / FULL_NEGATIVE
        if self._unwanted and share >= 1:
            return self._mean(self._unwanted)
        none = self._encoder.none(self._length)
        return none.towards(self._mean(self._unwanted), share) if self._unwanted else none

    def _mean(self, parts: list[tuple[Text, float]], skip: int = 0) -> Embeds:
        return average([(self._encode(text, skip), weight) for text, weight in parts])

    def _encode(self, text: Text, skip: int = 0) -> Embeds:
        return self._encoder.encode(text, skip=skip, length=self._length)


def _styled(text: Text, style: Text) -> Text:
    return Text.join([(text, 1.0), (style, 1.0)] if text.plain.strip() else [(style, 1.0)])


def _text(pipeline: Any, prompt: str, avoid: str) -> dict[str, Any]:
    known = inspect.signature(pipeline.__call__).parameters
    words: dict[str, Any] = {"prompt": prompt}
    if avoid and "negative_prompt" in known:
        words["negative_prompt"] = avoid
        if "true_cfg_scale" in known:
            words["true_cfg_scale"] = TRUE_GUIDANCE
    return words


def _unknown(pipeline: Any, request: Request, said: _Said) -> Words:
    """For an encoder that is not known here: whole texts only. What counts half is heard whole."""
    for flag, value in {
        "--chaos": request.chaos,
        "--weird": request.weird,
        "--clip-skip": request.clip_skip,
    }.items():
        if value:
            raise UnfitRequestError(
                say(
                    "{flag} does not work with the model “{model}”: its words cannot be moved. "
                    "Leave {flag} out. Nothing was charged.",
                    flag=flag,
                    model=request.model,
                )
            )
    if said.heard < 0.5:
        return Words(_text(pipeline, "", ""))
    words = said.joined
    if request.stylize * 2 >= FULL_STYLE and said.style.plain:
        words = _styled(words, said.style)
    return Words(_text(pipeline, words.plain, said.avoided.plain if said.heard == 1 else ""))


def _too_deep(request: Request, most: int) -> str:
    if most < 1:
        return say(
            "--clip-skip does not work with the model “{model}”; leave it out. "
            "Nothing was charged.",
            model=request.model,
        )
    return say(
        "The model “{model}” can leave out {most} layers of its text encoder at most; "
        "use --clip-skip {value} or less. Nothing was charged.",
        model=request.model,
        most=most,
        # Members count the layer that is read.
        value=most + 1,
    )


def _left_out(encoder: Encoder, said: _Said, model: str) -> str:
    """A sentence on what does not fit, "" where all of it is read."""
    for text in said.texts if encoder.averages else [said.joined, said.avoided]:
        begin, plain = encoder.left_out_from(text), text.plain
        if begin < len(plain):
            log.warning(
                "%d of %d characters of a prompt do not fit", len(plain) - begin, len(plain)
            )
            rest = plain[begin:].strip()
            return say(
                "The prompt is longer than the model “{model}” can read; left out is all from "
                "“{words}” on.",
                model=model,
                words=rest if len(rest) <= _SHOWN else rest[:_SHOWN].rstrip() + "…",
            )
    return ""
