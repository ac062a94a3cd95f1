"""What all measurements of the engine can be told on the command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from benchmarks.kit.models import Subject, subject
from generation.threads import compute_alone

MODELS = ("tiny", "postcard", "sd15", "sdxl", "flux")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="tiny", choices=MODELS)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=0, help="of a forward; 0: torch's choice")
    parser.add_argument("--cache", type=Path, help="a folder in which built models are kept")
    parser.add_argument("--json", type=Path, help="a file to write the figures to")


@contextmanager
def prepared(options: argparse.Namespace) -> Iterator[tuple[Subject, torch.dtype, str]]:
    """The model, its number format, and both in words with the device and its threads. On a
    processor the calling thread computes alone from here on: see `benchmarks.kit.threads`."""
    if options.threads:
        torch.set_num_threads(options.threads)
        # The worker of the service reads it.
        os.environ["OMP_NUM_THREADS"] = str(options.threads)
    dtype = torch.bfloat16 if options.device == "cuda" else torch.float32
    with TemporaryDirectory(prefix="easel-models-") as cache:
        found = subject(options.model, options.cache or Path(cache), options.device, dtype)
        where = options.device
        if where == "cpu":
            where += f", {torch.get_num_threads()} threads"
            compute_alone()
        yield found, dtype, f"{options.model}, {found.side} x {found.side}, {where}"
