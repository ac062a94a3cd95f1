"""The parts of training: the optimiser, the autoencoder's start, the denoiser's start."""

import torch

from generation.postcard.data import render
from generation.postcard.muon import Muon, orthogonalised
from generation.postcard.unet import new_scheduler, new_unet, rate_at, stratified_times
from generation.postcard.vae import new_vae, reconstruction_psnr
from generation.postcard.world import fresh_scenes


def test_orthogonalised_brings_singular_values_near_one() -> None:
    generator = torch.Generator().manual_seed(1)
    updates = torch.randn(3, 24, 96, generator=generator)
    for matrices in (updates, updates.mT):
        values = torch.linalg.svdvals(orthogonalised(matrices).float())
        assert 0.5 < float(values.min())
        assert float(values.max()) < 1.5


def test_muon_walks_downhill() -> None:
    torch.manual_seed(1)
    layer = torch.nn.Linear(8, 8, bias=False)
    wanted = torch.randn(8, 8)
    optimiser = Muon([layer.weight], lr=0.05)
    losses = []
    for _ in range(60):
        loss = (layer.weight - wanted).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.3 * losses[0]


def test_untrained_autoencoder_already_scales_pictures() -> None:
    torch.manual_seed(1)
    pictures = render(fresh_scenes(6, seed=1))
    assert reconstruction_psnr(new_vae(), pictures) > 13


def test_untrained_denoiser_says_nothing_at_any_size() -> None:
    torch.manual_seed(1)
    unet = new_unet().eval()
    for height, width in ((16, 16), (13, 20), (21, 12)):
        with torch.no_grad():
            said = unet(torch.randn(1, 4, height, width), 500, torch.randn(1, 40, 160)).sample
        assert said.shape == (1, 4, height, width)
        assert float(said.abs().max()) == 0


def test_times_cover_everything_evenly() -> None:
    times = stratified_times(200, torch.Generator().manual_seed(1))
    assert int(times.min()) < 30
    assert int(times.max()) > 970
    assert 480 < float(times.float().mean()) < 620


def test_rate_warms_up_and_falls_away() -> None:
    assert rate_at(0, 0.0) < 0.05
    assert rate_at(1000, 0.4) == 1.0
    assert rate_at(1000, 0.75) == 0.5
    assert rate_at(1000, 1.0) == 0.02


def test_scheduler_config_serves_samplers_that_would_clip() -> None:
    assert new_scheduler().config.clip_sample is False
