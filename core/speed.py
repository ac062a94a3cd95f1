"""How a model is held and computed: memory, compilation, attention, number formats of weights,
and whether every round of a picture is computed.

Each is chosen by the operator for all models, and may be chosen otherwise for one in `models.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

CHOICES: Mapping[str, tuple[str, ...]] = {
    "memory": ("auto", "low", "medium", "high"),
    "compile": ("auto", "off", "on"),
    "attention": ("auto", "native", "flash", "flash-3", "cudnn", "efficient", "sage", "xformers"),
    "quantize": ("off", "int8", "float8", "float8-storage"),
    "fuse": ("off", "on"),
    "feature_cache": ("off", "on"),
}
"""What may be chosen, by the fields of `Speed`; the first is the default."""

MEMORY = {
    "high": "all of the model stays on the GPU",
    "medium": "text encoders and the autoencoder come to the GPU when they are needed",
    "low": "the weights come to the GPU block by block, and pictures are decoded in tiles",
}
"""What the values of `memory` come to."""

_MOST_OF_ALL = 0.7
"""The share of a GPU that all of a model may fill; the rest is for the work itself."""
_MOST_OF_DENOISER = 0.75
"""The share that a denoiser may fill where nothing else stays beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """One of `CHOICES` each."""

    memory: str = "auto"
    compile: str = "auto"
    attention: str = "auto"
    quantize: str = "off"
    fuse: str = "off"
    feature_cache: str = "off"

    def over(self, own: Mapping[str, str]) -> Speed:
        """With what a model has of its own instead."""
        return replace(self, **own)


assert tuple(field.name for field in fields(Speed)) == tuple(CHOICES)


@dataclass(frozen=True, slots=True)
class Weights:
    """Bytes of a model's weights as they are computed with: those of its denoisers, and all."""

    denoiser: int
    whole: int

    def memory_for(self, room: int | None) -> str:
        """What `auto` comes to on a device with `room` bytes; None: there is no other memory that
        weights could rest in."""
        if room is None or self.whole <= room * _MOST_OF_ALL:
            return "high"
        return "medium" if self.denoiser <= room * _MOST_OF_DENOISER else "low"


DENOISERS = ("unet", "transformer", "transformer_2", "prior", "decoder")
"""What denoisers are called in the folders of models."""

_BYTES = {"float32": 4}
_BYTES_QUANTISED = 1


def weights_in(numbers: Mapping[str, int], dtype: str, quantize: str) -> Weights:
    """What parts of so many numbers come to in memory; `dtype` is the operator's choice."""
    each = _BYTES.get(dtype, 2)
    of_denoiser = each if quantize == "off" else _BYTES_QUANTISED
    denoiser = of_denoiser * sum(numbers.get(name, 0) for name in DENOISERS)
    return Weights(
        denoiser,
        denoiser + each * sum(many for name, many in numbers.items() if name not in DENOISERS),
    )
