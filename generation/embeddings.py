"""A model of transformers that turns pictures into vectors, of CLIP's kind or any that sees."""

# pyright: basic
from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModel

from core.embedder import Embedder
from core.errors import EngineError, ModelBrokenError
from core.sentences import say
from generation.models import no_gaps

log = logging.getLogger(__name__)

MOST_NUMBERS = 4096
"""Of one vector; a model that gives more gives something else."""

Work = Callable[[Callable[[], Any]], Any]
"""Calls a function on the device's thread."""


class Embeddings:
    """For one thread at a time; the model is loaded when it is first asked."""

    def __init__(self, embedder: Embedder | None, device: torch.device, dtype: torch.dtype) -> None:
        self._embedder = embedder
        self._device = device
        self._dtype = dtype
        self._broken: ModelBrokenError | None = None
        self._loaded: tuple[Any, Any] | None = None

    def of(self, path: str, work: Work) -> list[float]:
        """The vector of a picture, of length 1. Raises EngineError where there is no model, and
        ModelBrokenError, each time, where it does not load."""
        if self._embedder is None:
            raise EngineError
        if self._broken is not None:
            raise self._broken
        with Image.open(path, formats=["PNG"]) as opened:
            picture = opened.convert("RGB")
        if self._loaded is None:
            try:
                self._loaded = _load(self._embedder, self._device, self._dtype)
            except ModelBrokenError as error:
                self._broken = error
                raise
        processor, model = self._loaded
        inputs = processor(images=picture, return_tensors="pt")
        pixels = inputs["pixel_values"].to(self._device, model.dtype)
        return work(lambda: _vector(model, pixels))


def _load(embedder: Embedder, device: torch.device, dtype: torch.dtype) -> tuple[Any, Any]:
    """Only from files that are here, without code of their own. Raises ModelBrokenError."""
    options: dict[str, Any] = {
        "revision": embedder.revision,
        "local_files_only": True,
        "trust_remote_code": False,
    }
    try:
        processor = AutoImageProcessor.from_pretrained(embedder.source, **options)
        with no_gaps():
            model: Any = AutoModel.from_pretrained(
                embedder.source, dtype=dtype, use_safetensors=True, **options
            )
        # What reads words is not needed.
        if hasattr(model, "text_model"):
            del model.text_model
        return processor, model.to(device).eval()
    # The libraries raise a dozen kinds for files that do not fit together.
    except Exception as error:
        log.exception("the model for likeness does not load")
        raise ModelBrokenError(
            say(
                "The model that compares pictures cannot be loaded from “{source}”. Tell the "
                "operator: it is what likeness names in models.toml.",
                source=embedder.source,
            )
        ) from error


@torch.no_grad()
def _vector(model: Any, pixels: torch.Tensor) -> list[float]:
    if hasattr(model, "get_image_features"):
        seen = model.get_image_features(pixel_values=pixels)
    else:
        seen = model(pixel_values=pixels)
    for name in ("image_embeds", "pooler_output"):
        if getattr(seen, name, None) is not None:
            seen = getattr(seen, name)
            break
    # A vision model may give one vector for each patch: their mean is one for the picture.
    if not isinstance(seen, torch.Tensor):
        seen = seen.last_hidden_state.mean(dim=1)
    vector = seen.flatten().float()
    if not 0 < len(vector) <= MOST_NUMBERS or not bool(torch.isfinite(vector).all()):
        raise EngineError
    return torch.nn.functional.normalize(vector, dim=0).tolist()
