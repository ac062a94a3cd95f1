"""Text encoders of the model families: what they make of a text, and how a pipeline takes it.

A pipeline's own `encode_prompt` does the encoding, so that adapters, layers and number formats stay
its business.
"""

# pyright: basic
from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from generation.texts import Text, left_out_from, room_of, windows

TRUE_GUIDANCE = 2.0
"""How strongly models that were taught their guidance, and take no negative side without a second
one, keep away from what is to be avoided. Each of their steps is then computed twice."""


@dataclass(frozen=True, slots=True)
class Embeds:
    """What an encoder makes of a text: 1 x tokens x width, and in some families 1 x width for the
    whole."""

    words: Tensor
    pooled: Tensor | None = None

    def towards(self, other: Embeds, share: float) -> Embeds:
        """On the way to the other: 0 is this, 1 the other. Both are as long."""
        pooled = None
        if self.pooled is not None and other.pooled is not None:
            pooled = torch.lerp(self.pooled, other.pooled, share)
        return Embeds(torch.lerp(self.words, other.words, share), pooled)

    def arguments(self, side: str = "") -> dict[str, Tensor]:
        """As pipelines call them; `side` is "negative_" for the other side."""
        named = {f"{side}prompt_embeds": self.words}
        return (
            named if self.pooled is None else named | {f"{side}pooled_prompt_embeds": self.pooled}
        )


def average(parts: list[tuple[Embeds, float]]) -> Embeds:
    """The mean by weight; all are as long."""
    whole = sum(weight for _, weight in parts)

    def mean(tensors: list[Tensor]) -> Tensor:
        # Summed in double precision: a::1 a::1 is then a, to the last bit.
        weighted = [
            one.double() * (weight / whole) for one, (_, weight) in zip(tensors, parts, strict=True)
        ]
        return torch.stack(weighted).sum(0).to(tensors[0].dtype)

    pooled = [one.pooled for one, _ in parts if one.pooled is not None]
    return Embeds(mean([one.words for one, _ in parts]), mean(pooled) if pooled else None)


class ClipEncoder:
    """The encoders of Stable Diffusion 1, 2 and XL; long texts are read window by window."""

    averages = True
    """Whether texts can be mixed; if not, they are joined, and weighed word by word."""
    guided = True
    """Whether the pipeline has a negative side."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._tokenizers = [
            tokenizer
            for name in ("tokenizer", "tokenizer_2")
            if (tokenizer := getattr(pipeline, name, None)) is not None
        ]
        self._window = self._tokenizers[0].model_max_length
        encoder = getattr(pipeline, "text_encoder", None)
        if hasattr(encoder, "final_layer_norm") and not hasattr(encoder, "text_model"):
            # diffusers' `clip_skip` looks for the norm where older transformers had it. Past the
            # module's own __setattr__, which would make it a part of itself.
            encoder.__dict__["text_model"] = encoder
        # Arguments that have to be given, and stand for the same text in other encoders.
        self._others = {
            name: None
            for name in ("prompt_2", "prompt_3")
            if name in inspect.signature(pipeline.encode_prompt).parameters
        }

    @property
    def room(self) -> int:
        """Tokens of a text that are read at once."""
        return min(map(room_of, self._tokenizers))

    @property
    def most_skipped(self) -> int:
        """Layers that may be left out."""
        encoders = [
            getattr(self._pipeline, name, None) for name in ("text_encoder", "text_encoder_2")
        ]
        layers = min(one.config.num_hidden_layers for one in encoders if one is not None)
        # XL and its kin leave the last one out as it is.
        return layers - (len(self._tokenizers) > 1)

    def length(self, text: Text) -> int:
        """Windows it takes."""
        return len(windows(text, self._tokenizers)[0])

    def left_out_from(self, text: Text) -> int:
        """The character from which on the text is not read; its length where all of it is."""
        return windows(text, self._tokenizers)[1]

    def encode(self, text: Text, *, skip: int = 0, length: int = 1) -> Embeds:
        """`skip` is the number of last layers to leave out; `length` the windows to fill at least,
        with empty ones."""
        pieces, _ = windows(text, self._tokenizers)
        pieces += [Text(())] * (length - len(pieces))
        more = {"clip_skip": skip} if skip else {}
        words, _, *pooled = self._encode([piece.plain for piece in pieces], False, **more)
        weights = [piece.weights(self._tokenizers[0], words.shape[1]) for piece in pieces]
        return Embeds(
            _weighed(words.flatten(0, 1)[None], [one for piece in weights for one in piece]),
            # As a whole a text is what it begins with.
            pooled[0][:1] if pooled else None,
        )

    def none(self, length: int) -> Embeds:
        """The negative side where nothing is to be avoided."""
        _, words, *pooled = self._encode("", True)
        return Embeds(words.repeat(1, length, 1), pooled[1] if pooled else None)

    def movable(self, tokens: int) -> list[Tensor]:
        """The tokens that say something, in groups of a kind. A window's first is the same for
        every text."""
        places = torch.arange(tokens)
        return [places[places % self._window != 0]]

    def _encode(self, prompt: str | list[str], guided: bool, **more: Any) -> tuple[Any, ...]:
        """Prompt, negative, pooled prompt, pooled negative; the last two in some families."""
        return self._pipeline.encode_prompt(
            prompt=prompt,
            device=self._pipeline._execution_device,
            num_images_per_prompt=1,
            do_classifier_free_guidance=guided,
            **self._others,
            **more,
        )


class ThreeEncoders(ClipEncoder):
    """Those of Stable Diffusion 3: CLIP's tokens, and T5's behind them. T5 reads texts four times
    as long; they are cut at its end."""

    def __init__(self, pipeline: Any) -> None:
        super().__init__(pipeline)
        self._t5 = getattr(pipeline, "tokenizer_3", None)
        self._sequence = _most_tokens(pipeline)

    def length(self, text: Text) -> int:
        return 1

    @property
    def room(self) -> int:
        return self._limit[1]

    @property
    def _limit(self) -> tuple[Any, int]:
        if self._t5 is None or self._pipeline.text_encoder_3 is None:
            return self._tokenizers[0], self._window
        return self._t5, self._sequence

    def left_out_from(self, text: Text) -> int:
        return left_out_from(text, *self._limit)

    def encode(self, text: Text, *, skip: int = 0, length: int = 1) -> Embeds:
        more = {"clip_skip": skip} if skip else {}
        words, _, pooled, _ = self._encode(_within(text, self._limit), False, **more)
        weights = text.weights(self._tokenizers[0], self._window)
        rest = words.shape[1] - self._window
        weights += text.weights(self._t5, rest) if self._t5 is not None else [1.0] * rest
        return Embeds(_weighed(words, weights), pooled)

    def movable(self, tokens: int) -> list[Tensor]:
        return [torch.arange(1, self._window), torch.arange(self._window, tokens)]


class FluxEncoders:
    """Those of FLUX.1: T5's tokens, and CLIP's idea of the whole."""

    averages = False
    guided = False
    most_skipped = 0

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._limit = (pipeline.tokenizer_2, _most_tokens(pipeline))

    @property
    def room(self) -> int:
        return self._limit[1]

    def length(self, text: Text) -> int:
        return 1

    def left_out_from(self, text: Text) -> int:
        return left_out_from(text, *self._limit)

    def encode(self, text: Text, *, skip: int = 0, length: int = 1) -> Embeds:
        words, pooled, _ = self._pipeline.encode_prompt(
            prompt=_within(text, self._limit),
            prompt_2=None,
            device=self._pipeline._execution_device,
            num_images_per_prompt=1,
        )
        return Embeds(_weighed(words, text.weights(self._limit[0], words.shape[1])), pooled)

    def none(self, length: int) -> Embeds:
        return self.encode(Text(()))

    def movable(self, tokens: int) -> list[Tensor]:
        return [torch.arange(tokens)]


Encoder = ClipEncoder | FluxEncoders


def encoder_of(pipeline: Any) -> Encoder | None:
    """None for a family whose encoder is not known here."""
    if not hasattr(pipeline, "encode_prompt"):
        return None
    tokenizers = [
        getattr(pipeline, name, None) for name in ("tokenizer", "tokenizer_2", "tokenizer_3")
    ]
    if not all(one.is_fast for one in tokenizers if one is not None):
        return None
    known = set(inspect.signature(pipeline.encode_prompt).parameters)
    if {"num_images_per_prompt", "do_classifier_free_guidance", "negative_prompt"} <= known:
        if "prompt_3" in known:
            return ThreeEncoders(pipeline)
        return ClipEncoder(pipeline) if hasattr(pipeline, "unet") else None
    if {"prompt_2", "pooled_prompt_embeds", "max_sequence_length"} <= known:
        return FluxEncoders(pipeline)
    return None


def _weighed(words: Tensor, weights: Iterable[float]) -> Tensor:
    """Each token as long as its weight says, and all of them on the average as long as before."""
    factors = torch.tensor(list(weights), dtype=torch.float32, device=words.device)
    if bool((factors == 1).all()):
        return words
    scaled = words.float() * factors[None, :, None]
    return (scaled * (words.float().abs().mean() / scaled.abs().mean().clamp(1e-9))).to(words.dtype)


def _within(text: Text, limit: tuple[Any, int]) -> str:
    return text.plain[: left_out_from(text, *limit)]


def _most_tokens(pipeline: Any) -> int:
    return inspect.signature(pipeline.encode_prompt).parameters["max_sequence_length"].default
