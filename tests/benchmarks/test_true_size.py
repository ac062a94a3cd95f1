"""Stories of the models with random weights: they are as large as those they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from benchmarks.kit.true_size import flux_transformer, sd15_unet, sdxl_unet


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "billions"), [(sd15_unet, 0.860), (sdxl_unet, 2.567), (flux_transformer, 11.89)]
)
def test_a_denoiser_has_the_published_number_of_weights(
    build: Callable[[], Any], billions: float
) -> None:
    with torch.device("meta"):
        weights = sum(one.numel() for one in build().parameters())
    assert weights / 1e9 == pytest.approx(billions, abs=0.002)
