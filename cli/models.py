"""`easel models`: what is offered and whether it is on this machine."""

from __future__ import annotations

import argparse
import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cli.assemble import read_catalogue
from core.adapters import Adapter
from core.errors import ModelBrokenError
from core.models import EMBEDDED, Model
from core.settings import Settings
from core.upscalers import Upscaler
from generation.adapter_files import locate


async def models(settings: Settings, options: argparse.Namespace) -> int:
    catalogue = read_catalogue(settings)
    rows: list[dict[str, Any]] = [
        {
            "name": model.name,
            "title": model.title,
            "source": model.source,
            "native_size": model.native_size,
            "steps": model.steps,
            "guidance": model.guidance,
            "default": model is catalogue.default,
            "paints_for": [one.name for one in catalogue.painted_by(model)],
            "here": find(model) is not None,
        }
        for model in catalogue
    ]
    lacks = {one.name: lack(one) for one in catalogue.upscalers}
    wrongs = {one.name: lack_of(one) for one in catalogue.adapters}
    upscalers = [
        {
            "name": one.name,
            "source": one.source,
            "default": not number,
            "here": lacks[one.name] is None,
        }
        for number, one in enumerate(catalogue.upscalers)
    ]
    adapters: list[dict[str, Any]] = [
        {
            "name": one.name,
            "source": one.source,
            "models": [model.name for model in catalogue if model.adapter(one.name)],
            "words": list(one.words),
            "weight": one.weight,
            "here": wrongs[one.name] is None,
        }
        for one in catalogue.adapters
    ]
    if options.json:
        found = {"models": rows, "upscalers": upscalers, "adapters": adapters}
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for model, row in zip(catalogue, rows, strict=True):
        mark = "*" if row["default"] else " "
        print(f"{mark} {model.name:<12} {model.title or model.source}")
        if row["paints_for"]:
            print(f"    paints parts of pictures of {', '.join(row['paints_for'])}")
        print(f"    {model.native_size} px, {model.steps} steps, guidance {model.guidance:g}")
        print(f"    {model.source}: {'on this machine' if row['here'] else mend(model)}")
    for number, one in enumerate(catalogue.upscalers):
        print(f"{' ' if number else '*'} {one.name:<12} enlarges pictures")
        print(f"    {one.source}: {lacks[one.name] or 'on this machine'}")
    for one, row in zip(catalogue.adapters, adapters, strict=True):
        print(f"  {one.name:<12} is an adapter for {', '.join(row['models']) or 'no model here'}")
        if one.words:
            print(f"    knows {', '.join(one.words)}")
        print(f"    {one.source}: {wrongs[one.name] or 'on this machine'}")
    print("* is the default. Add others in models.toml; docs/operators.md shows how.")
    return 0


def find(model: Model) -> Path | None:
    """The folder the model's files lie in, or None. Reads nothing but the file system."""
    if model.source == EMBEDDED:
        folder = Path(__file__).resolve().parents[1] / "generation" / "postcard" / "weights"
        return folder if (folder / "model_index.json").is_file() else None
    folder = Path(model.source).expanduser()
    if (folder / "model_index.json").is_file():
        return folder
    # The cache's layout is documented: huggingface.co/docs/huggingface_hub/guides/manage-cache
    home = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    cache = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    snapshots = cache / f"models--{model.source.replace('/', '--')}" / "snapshots"
    if not snapshots.is_dir():
        return None
    return next(
        (found for found in snapshots.iterdir() if (found / "model_index.json").is_file()), None
    )


def lack(upscaler: Upscaler) -> str | None:
    """What to do about an upscaler that is not here, or that nothing here could run."""
    if not upscaler.is_file:
        model = Model(name=upscaler.name, source=upscaler.source, revision=upscaler.revision)
        return None if find(model) is not None else mend(model)
    if not Path(upscaler.source).expanduser().is_file():
        what = f"not on this machine: there is no file {upscaler.source}"
        return f"{what}; correct it under [upscalers] in models.toml"
    if find_spec("spandrel") is None:
        return "on this machine, but needs spandrel; add it with: pip install 'easel[upscale]'"
    return None


def lack_of(adapter: Adapter) -> str | None:
    """What is wrong with an adapter's file, as far as its name and header tell."""
    try:
        locate(adapter)
    except ModelBrokenError as error:
        return error.sentence
    return None


def mend(model: Model) -> str:
    """What to do about a model that is not here."""
    if looks_like_folder(model.source):
        return f"not on this machine: there is no {model.source}/model_index.json"
    return f"not on this machine; fetch it with: hf download {model.source}"


def looks_like_folder(source: str) -> bool:
    return source.startswith((".", "/", "~")) or source.count("/") != 1 or Path(source).exists()
