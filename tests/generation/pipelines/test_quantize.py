"""Smaller weights: they load by the real calls, and the pictures are nearly the same."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.errors import SettingsError
from core.models import Catalogue
from core.speed import Speed
from generation.models import Shelf
from generation.painter import Painter
from generation.weights import denoisers_of, weights_of
from tests.generation.pipelines.conftest import Make, catalogue, furthest

pytest.importorskip("torchao")

CPU = torch.device("cpu")


def shelf(folders: dict[str, Path], kind: str) -> Shelf:
    return Shelf(catalogue(folders), CPU, torch.float32, usual=Speed(quantize=kind))


def draw(pipeline: Any) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return pipeline(
        "a cat",
        num_inference_steps=2,
        width=64,
        height=64,
        generator=generator,
        output_type="pt",
    ).images


@pytest.mark.parametrize("name", ["sd", "flux"])
def test_pictures_are_nearly_the_same_with_smaller_weights(folders: dict[str, Path], name: str):
    plain = shelf(folders, "off").get(name).text_to_image
    wanted, size = draw(plain), weights_of(plain)
    for kind, most in (("int8", 0.75), ("float8-storage", 0.5)):
        small = shelf(folders, kind).get(name).text_to_image
        made = draw(small)
        share = weights_of(small).denoiser / size.denoiser
        near = -10 * math.log10(((made - wanted) ** 2).mean().item())
        print(f"{name}, {kind}: {share:.2f} of the denoiser's bytes, PSNR {near:.1f} dB")
        assert made.isfinite().all()
        assert share < most
        assert 40 < near < 100


@pytest.mark.parametrize("kind", ["int8", "float8-storage"])
def test_a_row_is_the_same_in_company_as_alone(folders: dict[str, Path], kind: str):
    (unet,) = denoisers_of(shelf(folders, kind).get("sd").text_to_image).values()
    generator = torch.Generator().manual_seed(1)
    rows = (
        torch.randn(3, 4, 8, 8, generator=generator)
        * torch.tensor([1, 9, 0.1])[:, None, None, None]
    )
    words = torch.randn(3, 24, 32, generator=generator)
    times = torch.tensor([900, 500, 3])
    with torch.no_grad():
        together = unet(rows, times, words).sample
        alone = [unet(rows[i : i + 1], times[i : i + 1], words[i : i + 1]).sample for i in range(3)]
    assert (together - torch.cat(alone)).abs().max() <= 1e-5 * together.abs().max()


def test_a_tile_has_no_edges_with_weights_that_are_cast_layer_by_layer(
    folders: dict[str, Path], make: Make
):
    """Each layer has hooks, and a copy of the layer would call the one that has edges."""
    painter = Painter(catalogue(folders), device="cpu", speed=Speed(quantize="float8-storage"))
    tile, plain, again = (
        make(by=painter, count=1, steps=2, tile=tile).pictures[0] for tile in (True, False, False)
    )
    exact = make(count=1, steps=2, tile=True).pictures[0]
    painter.close()
    assert furthest(plain, again) == 0
    assert 5 * furthest(tile, exact) < furthest(tile, plain)


def test_without_torchao_the_sentence_says_what_to_install(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("generation.quantize.find_spec", lambda name: None)
    with pytest.raises(SettingsError) as caught:
        shelf(folders, "int8")
    assert caught.value.sentence == (
        "EASEL_QUANTIZE cannot be “int8” here: torchao is not installed; run "
        "`pip install 'easel[quantize]'` or set it to off."
    )
    models = Catalogue.parse('[dreams]\nsource = "some/dreams"\nquantize = "int8"')
    with pytest.raises(SettingsError, match=r"^models.toml: \[dreams\] quantize cannot be “int8”"):
        Shelf(models, CPU, torch.float32)
    shelf(folders, "float8-storage")
