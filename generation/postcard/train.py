"""Trains `postcard` from nothing: `python -m generation.postcard.train --out DIR [--minutes N]`.

Every stage leaves its result in the folder; what is already there is not done again, so the same
command takes up where it was stopped.
"""

import argparse
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

from generation.postcard import WEIGHTS
from generation.postcard.assemble import install
from generation.postcard.budget import Budget, Minutes, Steps
from generation.postcard.cache import fill_cache, latent_scale
from generation.postcard.classifier import cached_classifier
from generation.postcard.data import render
from generation.postcard.denoise import CLASSIFIER, Plan, train_denoiser
from generation.postcard.text import (
    new_text_encoder,
    new_tokenizer,
    teach_other_words,
    train_text_encoder,
)
from generation.postcard.vae import new_vae, reconstruction_psnr, train_vae
from generation.postcard.wording import READ_AS
from generation.postcard.world import fresh_scenes, training_scenes

SEED = 20


@dataclass(frozen=True, slots=True)
class Scale:
    """The amount of everything."""

    text_steps: int
    vae_pictures: int
    vae: Budget
    pictures: int
    denoiser: Budget
    batch: int
    check_prompts: int


def full(minutes: float) -> Scale:
    """`minutes` of training in all; drawing and encoding the pictures comes on top."""
    vae = min(9.0, minutes * 0.12)
    rest = max(minutes - vae - 2.5, 0.5)
    return Scale(900, 20_000, Minutes(vae), 80_000, Minutes(rest), 64, 48)


def on_gpu(minutes: float) -> Scale:
    """The same for one GPU, which takes larger batches of more pictures in its stride."""
    half = full(minutes)
    vae = Minutes(min(3.0, minutes * 0.12))
    rest = Minutes(max(minutes - vae.minutes - 2.5, 0.5))
    return replace(half, vae=vae, denoiser=rest, pictures=160_000, batch=512)


TINY = Scale(40, 300, Steps(80), 900, Steps(85), 32, 0)


def train(run: Path, scale: Scale, processes: int, device: str = "cpu") -> Path:
    """Run every stage that has no result in `run` yet; returns the folder of the pipeline.

    On a GPU `processes` only draw the pictures: one trains.
    """
    run.mkdir(parents=True, exist_ok=True)
    # On shared cores two threads wait for each other at every step; processes do not.
    torch.set_num_threads(1)
    started = time.monotonic()
    print(
        f"training postcard in {run} on {device}, {processes} process(es): {_how_long(scale)}, and "
        f"some more to draw {scale.pictures + scale.vae_pictures} pictures",
        flush=True,
    )
    _text(run, scale)
    _vae(run, scale, device)
    _cache(run, scale, processes)
    if scale.check_prompts:
        cached_classifier(run / CLASSIFIER, SEED + 30, _line("classifier"))
    train_denoiser(
        Plan(
            run,
            scale.denoiser,
            scale.batch,
            processes if device == "cpu" else 1,
            SEED,
            device,
            check_prompts=scale.check_prompts,
        )
    )
    print(f"done in {(time.monotonic() - started) / 60:.1f} minutes: {run / 'pipeline'}")
    return run / "pipeline"


def _how_long(scale: Scale) -> str:
    parts = (scale.vae, scale.denoiser)
    minutes = sum(part.minutes for part in parts if isinstance(part, Minutes))
    return f"about {minutes + 2:.0f} minutes" if minutes else "two or three minutes on idle cores"


def _text(run: Path, scale: Scale) -> None:
    if (run / "text_encoder").exists():
        return
    torch.manual_seed(SEED)
    tokenizer = new_tokenizer(SEED)
    encoder = new_text_encoder(tokenizer)
    train_text_encoder(tokenizer, encoder, scale.text_steps, SEED, _line("text"))
    tokenizer = teach_other_words(tokenizer, encoder, READ_AS)
    tokenizer.save_pretrained(run / "tokenizer")
    encoder.save_pretrained(run / "text_encoder")


def _vae(run: Path, scale: Scale, device: str) -> None:
    if (run / "vae").exists():
        return
    torch.manual_seed(SEED)
    vae = new_vae()
    pictures = render(training_scenes(scale.vae_pictures, SEED + 1))
    train_vae(vae, pictures, scale.vae, SEED, _line("vae"), device)
    unseen = render(fresh_scenes(48, SEED + 2))
    print(f"vae: {reconstruction_psnr(vae, unseen):.1f} dB on unseen pictures", flush=True)
    vae.save_pretrained(run / "vae")


def _cache(run: Path, scale: Scale, processes: int) -> None:
    fill_cache(run, scale.pictures, SEED + 10, processes, _share("pictures"))
    vae = AutoencoderTiny.from_pretrained(run / "vae")
    vae.register_to_config(scaling_factor=round(latent_scale(run), 4))
    vae.save_pretrained(run / "vae")


def _line(stage: str):
    def report(values: dict[str, float]) -> None:
        shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        print(f"{stage}: {shown}", flush=True)

    return report


def _share(stage: str):
    def report(done: float) -> None:
        print(f"\r{stage} [{'#' * round(done * 24):<24}] {done:4.0%}", end="", flush=True)
        if done >= 1:
            print(flush=True)

    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("data/postcard-run"))
    parser.add_argument("--minutes", type=float, default=100)
    parser.add_argument("--tiny", action="store_true", help="a few minutes, to try the script")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--processes", type=int, default=min(8, os.cpu_count() or 1))
    parser.add_argument("--install", action="store_true", help="put the result in the package")
    options = parser.parse_args()
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    whole = full if options.device == "cpu" else on_gpu
    scale = TINY if options.tiny else whole(options.minutes)
    pipeline = train(options.out, scale, options.processes, options.device)
    if options.install:
        install(pipeline, WEIGHTS)


if __name__ == "__main__":
    main()
