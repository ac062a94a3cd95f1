"""What the denoiser is trained on, worked out once: latents of pictures, outputs for captions."""

import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from generation.postcard.data import NATIVE_SHARE, SIZES, render
from generation.postcard.text import encode_texts
from generation.postcard.vae import encode_pictures
from generation.postcard.wording import caption
from generation.postcard.world import Scene, training_scenes

CAPTIONS_PER_PICTURE = 2
_CHUNK = 400

_worker_vae: AutoencoderTiny
_worker_text: tuple[CLIPTokenizer, CLIPTextModel]


def _load_in_worker(run: Path) -> None:
    global _worker_vae, _worker_text
    torch.set_num_threads(1)
    _worker_vae = AutoencoderTiny.from_pretrained(run / "vae").to(memory_format=torch.channels_last)
    _worker_text = (
        CLIPTokenizer.from_pretrained(run / "tokenizer"),
        CLIPTextModel.from_pretrained(run / "text_encoder"),
    )


def _one_chunk(work: tuple[list[Scene], tuple[int, int], int]) -> tuple[Tensor, Tensor]:
    scenes, size, seed = work
    rng = random.Random(seed)
    texts = [caption(scene, rng).text for scene in scenes for _ in range(CAPTIONS_PER_PICTURE)]
    with torch.no_grad():
        latents = encode_pictures(_worker_vae, render(scenes, size)).bfloat16()
        states = encode_texts(*_worker_text, texts)
    latents = latents.contiguous()
    return latents, states.reshape(len(scenes), CAPTIONS_PER_PICTURE, *states.shape[1:])


def fill_cache(
    run: Path, pictures: int, seed: int, processes: int, report: Callable[[float], None]
) -> None:
    """Write `run/cache/WxH.safetensors` for every size, `pictures` in all. Done files stay."""
    folder = run / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    native = round(pictures * NATIVE_SHARE)
    others = (pictures - native) // (len(SIZES) - 1)
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, _load_in_worker, (run,)) as pool:
        for number, size in enumerate(SIZES):
            path = folder / f"{size[0]}x{size[1]}.safetensors"
            if path.exists():
                continue
            scenes = training_scenes(native if number == 0 else others, seed + number)
            work = [
                (scenes[start : start + _CHUNK], size, seed * 1000 + number * 100_000 + start)
                for start in range(0, len(scenes), _CHUNK)
            ]
            latents, states = [], []
            for done, (some_latents, some_states) in enumerate(pool.map(_one_chunk, work), 1):
                latents.append(some_latents)
                states.append(some_states)
                report((number + done / len(work)) / len(SIZES))
            part = path.with_suffix(".part")
            save_file({"latents": torch.cat(latents), "states": torch.cat(states)}, part)
            part.rename(path)


class Cache:
    """Random batches out of the cache, all of one size each, scaled for the denoiser.

    Drawn on the CPU, so that a seed means the same on every device; the numbers lie on `device`.
    """

    def __init__(
        self, run: Path, empty_state: Tensor, scaling_factor: float, device: torch.device
    ) -> None:
        self._tables = [
            load_file(run / "cache" / f"{width}x{height}.safetensors", device=str(device))
            for width, height in SIZES
        ]
        self._empty = empty_state.to(device)
        self._scale = scaling_factor
        self._device = device

    def batch(
        self, count: int, shared: torch.Generator, own: torch.Generator, empty_share: float
    ) -> tuple[Tensor, Tensor]:
        """Latents (count x 4 x h x w) and text states (count x 32 x 160).

        The size is drawn from `shared`, which all processes hold alike, the rest from `own`.
        """
        size = 0
        if torch.rand((), generator=shared).item() > NATIVE_SHARE:
            size = 1 + int(torch.randint(len(SIZES) - 1, (), generator=shared))
        table = self._tables[size]
        rows = torch.randint(len(table["latents"]), (count,), generator=own)
        which = torch.randint(CAPTIONS_PER_PICTURE, (count,), generator=own)
        rows, which = rows.to(self._device), which.to(self._device)
        states = table["states"][rows, which].float()
        emptied = (torch.rand(count, generator=own) < empty_share).to(self._device)
        states[emptied] = self._empty.float()
        return table["latents"][rows].float() * self._scale, states


def latent_scale(run: Path) -> float:
    """1 / root mean square of the native latents: what makes them as strong as the noise."""
    latents = load_file(run / "cache" / f"{SIZES[0][0]}x{SIZES[0][1]}.safetensors")["latents"]
    return 1 / float(latents[:4000].float().square().mean().sqrt())
