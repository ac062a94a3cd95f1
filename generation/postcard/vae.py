"""The picture autoencoder: diffusers' AutoencoderTiny, eight pixels to one cell of four numbers.

It starts as plain image scaling: red, green and blue pass through every layer in channels 0..2,
blurred on the way down and up, as opponent colours in the latent. Started at random, networks of
this size spend their first minutes not even finding the average colour.
"""

import time
from collections.abc import Callable

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import Tensor, nn
from torch.nn import functional

from generation.postcard.budget import Budget
from generation.postcard.data import to_pixels

CHANNELS = 64
_LATENT_GAIN = 4.0
_CROP = 64

# Rows: brightness, red against blue, green against the others; unit length each.
_OPPONENT = torch.tensor(
    [[0.577, 0.577, 0.577], [0.707, 0.0, -0.707], [-0.408, 0.816, -0.408]], dtype=torch.float64
)


def new_vae() -> AutoencoderTiny:
    """An autoencoder that already scales pictures down and up, ready to be trained further."""
    vae = AutoencoderTiny(
        encoder_block_out_channels=(CHANNELS,) * 4,
        decoder_block_out_channels=(CHANNELS,) * 4,
        num_encoder_blocks=(0, 1, 2, 3),
        num_decoder_blocks=(3, 2, 2, 0),
    )
    _pass_colours_through(vae)
    return vae


@torch.no_grad()
def _pass_colours_through(vae: AutoencoderTiny) -> None:
    blur = torch.tensor([1.0, 2.0, 1.0])
    blur = torch.outer(blur, blur) / 16
    identity = torch.zeros(3, 3)
    identity[1, 1] = 1
    to_latent = _OPPONENT * _LATENT_GAIN
    from_latent = torch.linalg.inv(to_latent)

    convolutions = [layer for layer in vae.encoder.layers if isinstance(layer, nn.Conv2d)]
    _route(convolutions[0], torch.eye(3), identity)
    for layer in convolutions[1:-1]:
        _route(layer, torch.eye(3), blur)
    _route(convolutions[-1], to_latent.float(), identity)
    convolutions[-1].bias[:3] = -(to_latent @ torch.full((3,), 0.5, dtype=torch.float64)).float()

    convolutions = [layer for layer in vae.decoder.layers if isinstance(layer, nn.Conv2d)]
    _route(convolutions[0], from_latent.float(), identity)
    convolutions[0].bias[:3] = 0.5
    for layer in convolutions[1:-1]:
        _route(layer, torch.eye(3), blur)
    _route(convolutions[-1], torch.eye(3), identity)

    for block in (*vae.encoder.layers, *vae.decoder.layers):
        if hasattr(block, "fuse"):
            block.conv[4].weight *= 0.05
            block.conv[4].bias.zero_()


def _route(layer: nn.Conv2d, matrix: Tensor, kernel: Tensor) -> None:
    """Make the first three channels `matrix` (out 3, in 3) of the first three, over `kernel`."""
    layer.weight[:3] = 0
    layer.weight[:3, :3] = matrix[:, :, None, None] * kernel
    if layer.weight.shape[1] > 3:
        layer.weight[3:, 3:] *= 0.5
    if layer.bias is not None:
        layer.bias.zero_()


def train_vae(
    vae: AutoencoderTiny,
    pictures: np.ndarray,
    budget: Budget,
    seed: int,
    report: Callable[[dict[str, float]], None],
    device: str = "cpu",
) -> None:
    """Train in place on `pictures` (uint8, N x H x W x 3): crops first, whole pictures last. Ends
    on the CPU."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    vae.to(device, memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(vae.parameters(), lr=1.2e-3, weight_decay=1e-4)
    started = time.monotonic()
    step = 0
    while (done := budget.done(time.monotonic() - started, step)) < 1:
        rate = 1.2e-3 * min(1.0, (step + 1) / 50) * (0.5 + 0.5 * np.cos(np.pi * done))
        for group in optimiser.param_groups:
            group["lr"] = rate + 1e-6
        batch = _crops(pictures, rng, 16) if done < 0.85 else _whole(pictures, rng, 6)
        batch = batch.to(device)
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            latents = vae.encode(batch).latents
            noisy = latents + 0.05 * torch.randn_like(latents)
            made = vae.decode(noisy).sample
        loss = _loss(made.float(), batch, latents.float())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimiser.step()
        step += 1
        if step % 100 == 0:
            error = functional.mse_loss(made.float().clamp(-1, 1), batch).item()
            report({"step": step, "done": done, "loss": loss.item(), "psnr": psnr(error)})
    vae.to("cpu").eval()


def _loss(made: Tensor, wanted: Tensor, latents: Tensor) -> Tensor:
    edges = functional.l1_loss(made.diff(dim=-1), wanted.diff(dim=-1)) + functional.l1_loss(
        made.diff(dim=-2), wanted.diff(dim=-2)
    )
    return (
        functional.l1_loss(made, wanted)
        + functional.mse_loss(made, wanted)
        + 0.5 * edges
        + 1e-3 * latents.square().mean()
    )


def psnr(error: float) -> float:
    """Decibels from a mean squared error over pixels in -1..1."""
    return 10 * float(np.log10(4 / max(error, 1e-12)))


def _crops(pictures: np.ndarray, rng: np.random.Generator, count: int) -> Tensor:
    high, wide = pictures.shape[1] - _CROP, pictures.shape[2] - _CROP
    crops = []
    for index in rng.integers(0, len(pictures), count):
        top, left = rng.integers(0, high + 1), rng.integers(0, wide + 1)
        crops.append(pictures[index, top : top + _CROP, left : left + _CROP])
    return to_pixels(np.stack(crops))


def _whole(pictures: np.ndarray, rng: np.random.Generator, count: int) -> Tensor:
    return to_pixels(pictures[np.sort(rng.integers(0, len(pictures), count))])


@torch.no_grad()
def encode_pictures(vae: AutoencoderTiny, pictures: np.ndarray) -> Tensor:
    """Raw latents (N x 4 x H/8 x W/8, float32) of `pictures` (uint8, N x H x W x 3)."""
    with torch.autocast("cpu", torch.bfloat16):
        return torch.cat(
            [
                vae.encode(to_pixels(pictures[start : start + 32])).latents.float()
                for start in range(0, len(pictures), 32)
            ]
        )


@torch.no_grad()
def reconstruction_psnr(vae: AutoencoderTiny, pictures: np.ndarray) -> float:
    """Decibels of encode-then-decode on `pictures` (uint8, N x H x W x 3)."""
    pixels = to_pixels(pictures)
    made = vae.decode(vae.encode(pixels).latents).sample.clamp(-1, 1)
    return psnr(functional.mse_loss(made, pixels).item())
