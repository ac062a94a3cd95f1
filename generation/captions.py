"""A model of transformers that says what a picture shows."""

# pyright: basic
from __future__ import annotations

import logging
from typing import Any

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from core.captioner import Captioner
from core.errors import ModelBrokenError
from core.sentences import say
from generation.models import no_gaps

log = logging.getLogger(__name__)

WANTED = 4
ROUNDS = 4
"""Times that it is asked before fewer captions have to do."""
TOKENS = 60
QUESTION = "Describe this picture in one sentence, as a prompt for a painter."


class Captions:
    """A loaded caption model. For the device's thread."""

    def __init__(self, captioner: Captioner, device: torch.device, dtype: torch.dtype) -> None:
        """Only from files that are here, without code of their own. Raises ModelBrokenError."""
        options: dict[str, Any] = {
            "revision": captioner.revision,
            "local_files_only": True,
            "trust_remote_code": False,
        }
        try:
            self._processor = AutoProcessor.from_pretrained(captioner.source, **options)
            with no_gaps():
                model = AutoModelForImageTextToText.from_pretrained(
                    captioner.source, dtype=dtype, use_safetensors=True, **options
                )
        # The libraries raise a dozen kinds for files that do not fit together.
        except Exception as error:
            log.exception("the caption model does not load")
            raise ModelBrokenError(
                say(
                    "The caption model cannot be loaded from “{source}”. Tell the operator: it is "
                    "the source under [caption] in models.toml.",
                    source=captioner.source,
                )
            ) from error
        self._device = device
        loaded: Any = model
        self._model = loaded.to(device).eval()

    @torch.no_grad()
    def of(self, picture: Image.Image) -> list[str]:
        """Up to WANTED different captions; others the next time."""
        inputs = self._inputs(picture).to(self._device)
        if "pixel_values" in inputs:
            inputs["pixel_values"] = inputs["pixel_values"].to(self._model.dtype)
        asked = inputs["input_ids"].shape[1] if "input_ids" in inputs else 0
        found: dict[str, None] = {}
        for _ in range(ROUNDS):
            tokens = self._model.generate(
                **inputs,
                do_sample=True,
                top_p=0.9,
                temperature=1.0,
                num_return_sequences=WANTED,
                max_new_tokens=TOKENS,
            )
            if asked and self._chats:
                tokens = tokens[:, asked:]
            texts = self._processor.batch_decode(tokens, skip_special_tokens=True)
            found.update({text.strip(): None for text in texts if text.strip()})
            if len(found) >= WANTED:
                break
        return list(found)[:WANTED]

    @property
    def _chats(self) -> bool:
        return bool(getattr(self._processor, "chat_template", None))

    def _inputs(self, picture: Image.Image) -> Any:
        if not self._chats:
            return self._processor(images=picture, return_tensors="pt")
        content = [{"type": "image", "image": picture}, {"type": "text", "text": QUESTION}]
        return self._processor.apply_chat_template(
            [{"role": "user", "content": content}],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
        )
