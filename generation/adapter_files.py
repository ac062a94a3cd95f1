"""Where the file of an adapter lies on this machine, and whether it can be what it should be.

Looks only at names and headers. What a member types is a key of the operator's table and never
part of a path.
"""

# pyright: basic
from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from core.adapters import Adapter
from core.errors import ModelBrokenError
from core.sentences import say
from core.sources import PICKLES
from generation.weight_files import is_whole, names_in

USUAL = "pytorch_lora_weights.safetensors"
"""What diffusers calls the file that it saves."""

_ENDING = ".safetensors"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


def locate(adapter: Adapter) -> Path:
    """The adapter's file, looked over. Raises ModelBrokenError with the mend."""
    source = Path(adapter.source).expanduser()
    if source.is_file():
        file = source
    else:
        folder = source if source.is_dir() else _in_cache(adapter)
        file = _among(folder, adapter)
    if file.suffix != _ENDING:
        raise broken(adapter, f"“{file.name}” is no {_ENDING} file; use one of the adapter.")
    if not file.is_file():
        raise broken(adapter, f"there is no “{file.name}” in it; correct its weight_name.")
    if not is_whole(file):
        raise broken(adapter, f"“{file.name}” is damaged or cut short; download it again.")
    if (why := _misfit(names_in(file))) is not None:
        raise broken(adapter, f"“{file.name}” {why}.")
    return file


def broken(adapter: Adapter, what: str) -> ModelBrokenError:
    return ModelBrokenError(
        say(
            "The adapter “{adapter}” cannot be loaded from “{source}”: {what}",
            adapter=adapter.name,
            source=adapter.source,
            what=what,
        )
    )


def _in_cache(adapter: Adapter) -> Path:
    """The snapshot folder of a Hub id that was downloaded before."""
    source, revision = adapter.source, adapter.revision
    if _HUB_ID.fullmatch(source) is None:
        raise broken(adapter, "it is not on this machine; correct its source in models.toml.")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(source, revision=revision, local_files_only=True))
    except LocalEntryNotFoundError:
        at = f" --revision {revision}" if revision else ""
        mend = f"it is not on this machine; download it with `hf download {source}{at}`."
        raise broken(adapter, mend) from None


def _among(folder: Path, adapter: Adapter) -> Path:
    """The file that is meant in a folder."""
    if adapter.weight_name is not None:
        return folder / adapter.weight_name
    files = sorted(folder.glob(f"*{_ENDING}"))
    named = [file for file in files if file.name == USUAL]
    if len(files) == 1 or named:
        return (named or files)[0]
    if files:
        names = ", ".join(file.name for file in files[:5])
        raise broken(adapter, f"several files are in it ({names}); name one as weight_name.")
    if any(file.suffix in PICKLES for file in folder.iterdir()):
        raise broken(
            adapter,
            "its weights are pickles, which can run code when opened; use a .safetensors file.",
        )
    raise broken(adapter, f"there is no {_ENDING} file in it; correct its source.")


def _misfit(names: Iterable[str]) -> str | None:
    """What tensors of these names are that no adapter of diffusers has; None if all is well."""
    names = list(names)
    if any("dora_scale" in name for name in names):
        return "is a DoRA whose scales diffusers leaves out; use a LoRA"
    if not any("lora" in name for name in names):
        return "holds no LoRA; name another file"
    return None
