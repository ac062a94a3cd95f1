"""Latents as colours, cheaply: a linear map fitted to the model's own autoencoder.

A latent cell of eight by eight pixels has nearly the colour of a linear function of its channels.
The function is fitted when a model is loaded, from a few smooth pictures encoded by the model
itself, so any autoencoder gets one. Looking at all four pictures of a grid then costs one small
matrix product.
"""

# pyright: basic
from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from torch import Tensor
from torch.nn import functional

_SIDE = 128
_PICTURES = 4


@dataclass(frozen=True, eq=False)
class LatentColours:
    """`matrix` is (channels + 1) x 3: latents, and a one, to red, green and blue in 0..1.

    `decoder` is the autoencoder where it is a tiny one, and `seconds_per_megapixel` what decoding
    with it takes here.
    """

    matrix: Tensor
    decoder: Any | None = None
    seconds_per_megapixel: float = 0.0

    def fast(self, latents: Tensor) -> Tensor:
        """uint8, N x H x W x 3, one pixel for each cell of N x C x H x W; on the CPU."""
        cells = latents.detach().float().movedim(1, -1)
        matrix = self.matrix.to(cells.device)
        return _to_bytes(cells @ matrix[:-1] + matrix[-1]).cpu()

    def sharp(self, latents: Tensor) -> Tensor:
        """The same at full size, by the tiny autoencoder; where the latents are."""
        assert self.decoder is not None
        return _decode(self.decoder, latents.detach())


def _to_bytes(colours: Tensor) -> Tensor:
    return (colours.clamp(0, 1) * 255).round().to(torch.uint8)


@torch.no_grad()
def _decode(vae: Any, latents: Tensor) -> Tensor:
    pixels = vae.decode(latents.to(vae.dtype) / vae.config.scaling_factor, return_dict=False)[0]
    return _to_bytes(pixels.float().movedim(1, -1) / 2 + 0.5)


@torch.no_grad()
def encoded(vae: Any, pictures: Tensor) -> Tensor:
    """Latents as the denoiser knows them, N x C x H x W, of N x 3 x H x W in -1..1. Raises what
    the autoencoder raises."""
    found = vae.encode(pictures)
    latents = found.latent_dist.mode() if hasattr(found, "latent_dist") else found.latents
    return (latents.float() - (vae.config.get("shift_factor") or 0)) * vae.config.scaling_factor


@torch.no_grad()
def measure(vae: Any, device: torch.device) -> LatentColours:
    """Fits the map to `vae`, and times it where it is tiny. Raises what the autoencoder raises."""
    pictures = _smooth_pictures().to(device, vae.dtype)
    tiny = isinstance(vae, AutoencoderTiny)
    latents = encoded(vae, pictures)

    seen = functional.interpolate(pictures.float(), latents.shape[-2:], mode="area") / 2 + 0.5
    cells = latents.movedim(1, -1).flatten(0, 2)
    cells = torch.cat([cells, torch.ones_like(cells[:, :1])], dim=1).cpu().double()
    colours = seen.movedim(1, -1).flatten(0, 2).cpu().double()
    # A little ridge: an untrained or odd autoencoder must not make the map explode.
    ridge = 1e-3 * len(cells) * torch.eye(cells.shape[1], dtype=torch.float64)
    ridge[-1, -1] = 0
    matrix = torch.linalg.solve(cells.T @ cells + ridge, cells.T @ colours).float()
    if not matrix.isfinite().all():
        raise ValueError("the autoencoder's latents have no colours")
    if not tiny:
        return LatentColours(matrix.to(device))
    _decode(vae, latents).cpu()
    began = time.perf_counter()
    _decode(vae, latents).cpu()
    seconds = time.perf_counter() - began
    megapixels = _PICTURES * _SIDE * _SIDE / 1e6
    return LatentColours(matrix.to(device), vae, seconds / megapixels)


def _smooth_pictures() -> Tensor:
    """N x 3 x side x side in -1..1: fields of colour, from one soft gradient to many patches."""
    generator = torch.Generator().manual_seed(0)
    fields = [
        functional.interpolate(
            torch.rand(1, 3, cells, cells, generator=generator) * 2 - 1,
            (_SIDE, _SIDE),
            mode="bilinear",
        )
        for cells in (2, 4, 8, 16)[:_PICTURES]
    ]
    return torch.cat(fields)
