"""Where a model lies on this machine, and whether its files can be what they should be.

Looks only at names, sizes and headers, so a broken model is told in one sentence before seconds
are spent on loading it. Sentences name the model and its own configured source, never another path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from core.errors import ModelBrokenError
from core.models import EMBEDDED, Model
from core.speed import DENOISERS
from generation.postcard import WEIGHTS
from generation.weight_files import is_whole, of_variant

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
_MASKS = (1, 8 * 8 * 4)
"""Channels of a mask: one for a cell, or every pixel of the four cells that FLUX has in a token."""
_WITHOUT_WEIGHTS = re.compile(r"(Scheduler|Tokenizer(Fast)?|Processor\w*|FeatureExtractor)$")


@dataclass(frozen=True, slots=True)
class Located:
    """`source` is what from_pretrained takes; `variant` is None where the files have none."""

    source: str
    folder: Path
    variant: str | None
    size: int
    """Bytes of the weights that will be read."""
    pipeline: str
    """The class of diffusers that the folder names."""


def locate(model: Model) -> Located:
    """Finds the model's files and looks them over. Raises ModelBrokenError with the mend."""
    if model.source == EMBEDDED:
        folder, source = WEIGHTS, str(WEIGHTS)
        if not folder.is_dir():
            raise ModelBrokenError(
                f"The model “{model.name}” is missing from this installation; install Easel again."
            )
    elif (folder := Path(model.source).expanduser()).is_dir():
        source = str(folder)
    else:
        folder, source = _in_cache(model), model.source
    variant = model.variant
    if variant and not any(folder.glob(f"*/*.{variant}*.safetensors")):
        variant = None
    size, pipeline = _check(model, folder, variant)
    return Located(source, folder, variant, size, pipeline)


def _in_cache(model: Model) -> Path:
    """The snapshot folder of a Hub id that was downloaded before."""
    name, source = model.name, model.source
    if _HUB_ID.fullmatch(source) is None:
        raise ModelBrokenError(
            f"The model “{name}” is not on this machine: there is no folder “{source}”; "
            "correct its source in models.toml."
        )
    from huggingface_hub import try_to_load_from_cache

    index = try_to_load_from_cache(source, "model_index.json", revision=model.revision)
    if not isinstance(index, str):
        at = f" --revision {model.revision}" if model.revision else ""
        raise ModelBrokenError(
            f"The model “{name}” is not on this machine; download it with "
            f"`hf download {source}{at}` or change its source in models.toml."
        )
    return Path(index).parent


def _check(model: Model, folder: Path, variant: str | None) -> tuple[int, str]:
    """Looks over the folder's index and weights; returns the bytes that will be read, and the class
    of the pipeline."""

    def broken(what: str) -> ModelBrokenError:
        return ModelBrokenError(
            f"The model “{model.name}” cannot be loaded from “{model.source}”: {what}"
        )

    try:
        index: Any = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise broken(
            "it has no model_index.json, so it is no folder of a diffusers model."
        ) from None
    except (OSError, ValueError):
        raise broken("its model_index.json cannot be read; download the model again.") from None
    parts: dict[str, Any] = cast(dict[str, Any], index) if isinstance(index, dict) else {}
    pipeline = parts.get("_class_name")
    if not isinstance(pipeline, str):
        raise broken("its model_index.json does not name a diffusers pipeline.")
    sizes = [
        _check_part(folder / part, variant, broken)
        for part, kind in parts.items()
        if _has_weights(kind)
    ]
    if model.paints and not _sees_masks(folder):
        raise broken(
            "it is no inpainting model, as its denoiser takes no mask; name another one as "
            "inpainting in models.toml."
        )
    if not model.paints and _sees_masks(folder):
        raise broken(
            "it is an inpainting model, which draws nothing from words; name it in models.toml as "
            "the inpainting of the model that it is to paint for."
        )
    return sum(sizes), pipeline


def _sees_masks(folder: Path) -> bool:
    """Whether its denoiser takes, beside what it denoises, as much again for what stays and the
    mask. What cannot be read is left for who loads it."""
    for name in DENOISERS:
        try:
            config: Any = json.loads((folder / name / "config.json").read_text(encoding="utf-8"))
            more = config["in_channels"] - 2 * config["out_channels"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if more in _MASKS:
            return True
    return False


def _has_weights(kind: Any) -> bool:
    """Of an entry of the index such as ["diffusers", "UNet2DConditionModel"]."""
    return (
        isinstance(kind, list)
        and isinstance(kind[-1], str)
        and not _WITHOUT_WEIGHTS.search(kind[-1])
    )


def _check_part(home: Path, variant: str | None, broken: Callable[[str], ModelBrokenError]) -> int:
    """Looks over one component's folder; returns the bytes that will be read of it."""
    if not home.is_dir():
        raise broken(f"its “{home.name}” folder is missing; download the model again.")
    files = sorted(home.glob("*.safetensors"))
    if not files:
        if any(file.suffix in _PICKLES for file in home.iterdir()):
            raise broken(
                f"the weights of its “{home.name}” are pickles, which can run code when opened; "
                "use a model with .safetensors files."
            )
        raise broken(f"its “{home.name}” has no weights; download the model again.")
    files = of_variant(files, variant)
    for file in files:
        if not is_whole(file):
            raise broken(
                f"“{home.name}/{file.name}” is damaged or cut short; download the model again."
            )
    return sum(file.stat().st_size for file in files)
