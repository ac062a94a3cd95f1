"""What a worker may know of its parent's environment: an allow-list, never the secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_NAMES = {
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
    "XDG_CACHE_HOME",
    # Where downloaded models lie. HF_TOKEN and its like are left out on purpose.
    "HF_HOME",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "TORCH_HOME",
}
_PREFIXES = (
    "LC_",
    "CUDA_",
    "NVIDIA_",
    "NCCL_",
    "PYTORCH_",
    "ROCR_",
    "HIP_",
    "HSA_",
    "OMP_",
    "GOMP_",
    "MKL_",
    "KMP_",
    "MALLOC_",
)
_FORCED = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DIFFUSERS_DISABLE_REMOTE_CODE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "YES",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
}
_SPINNING = {
    # Threads that wait for the next operation spin for about 0.2 ms, then they sleep. Sleeping at
    # once made steps of the embedded model 1.7 times longer on two cores, and 1.2 times on two that
    # had other work too; spinning for as long as OpenMP likes cost 4 to 12 times the processor time
    # there.
    "GOMP_SPINCOUNT": "20000",
}
_ROOT = str(Path(__file__).resolve().parents[2])


def worker_environment(parent: Mapping[str, str], *, gpu: int | None = None) -> dict[str, str]:
    """The environment of worker number `gpu` (from 0), given its parent's.

    PYTHONPATH is the folder this very code was imported from, so that the worker runs the same
    Easel wherever it is started. With a `gpu`, CUDA_VISIBLE_DEVICES leaves the worker one device:
    the gpu-th of those the parent sees.
    """
    kept = {
        name: value
        for name, value in parent.items()
        if name in _NAMES or name.startswith(_PREFIXES)
    }
    if "OMP_WAIT_POLICY" not in kept:
        kept = _SPINNING | kept
    kept |= _FORCED
    kept["PYTHONPATH"] = _ROOT
    if gpu is not None:
        visible = [part for part in parent.get("CUDA_VISIBLE_DEVICES", "").split(",") if part]
        kept["CUDA_VISIBLE_DEVICES"] = visible[gpu % len(visible)] if visible else str(gpu)
    return kept
