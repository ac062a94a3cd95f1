"""A row's answer does not depend on who is beside it, to the last bit."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from core.events import Event, Finished, ImageReady, Task
from core.models import Catalogue
from generation.painter import Painter
from generation.steady_rows import SteadyConv, SteadyLinear, keep_rows_steady
from tests.builders import request

CPU = torch.device("cpu")


class Pipeline:
    def __init__(self, *layers: nn.Module) -> None:
        self.components = {"unet": nn.Sequential(*layers), "scheduler": object()}

    @property
    def layers(self) -> list[type[nn.Module]]:
        return [type(layer) for layer in self.components["unet"]]  # type: ignore[attr-defined]


def steady(layer: nn.Module) -> nn.Module:
    pipeline = Pipeline(layer)
    keep_rows_steady(pipeline, CPU, torch.float32)
    return layer


def same(layer: nn.Module, rows: Tensor, counts: Sequence[int]) -> bool:
    with torch.inference_mode():
        together = layer(rows)
        return all(torch.equal(layer(rows[:count]), together[:count]) for count in counts)


@pytest.mark.parametrize(("wide", "out"), [(64, 256), (256, 160), (1280, 640), (768, 320)])
def test_a_row_of_a_matrix_is_the_same_among_any_number(wide: int, out: int) -> None:
    torch.manual_seed(0)
    rows = torch.randn(40, wide)
    assert same(steady(nn.Linear(wide, out)), rows, range(1, 40))


def test_rows_are_given_back_in_the_shape_they_came_in() -> None:
    layer = steady(nn.Linear(8, 3))
    assert layer(torch.zeros(2, 5, 8)).shape == (2, 5, 3)
    assert layer(torch.zeros(8)).shape == (3,)


@pytest.mark.parametrize(("channels", "side", "stride"), [(64, 16, 1), (128, 8, 1), (64, 16, 2)])
def test_a_small_picture_is_convolved_the_same_alone(channels: int, side: int, stride: int) -> None:
    torch.manual_seed(0)
    layer = nn.Conv2d(channels, channels, 3, stride, 1).to(memory_format=torch.channels_last)
    pictures = torch.randn(8, channels, side, side).contiguous(memory_format=torch.channels_last)
    assert same(steady(layer), pictures, range(1, 8))


def test_elsewhere_than_in_float32_on_a_processor_layers_stay_as_they_are() -> None:
    for device, dtype in ((CPU, torch.bfloat16), (torch.device("cuda"), torch.float32)):
        pipeline = Pipeline(nn.Linear(2, 2), nn.Conv2d(2, 2, 1))
        keep_rows_steady(pipeline, device, dtype)
        assert pipeline.layers == [nn.Linear, nn.Conv2d]
    keep_rows_steady(pipeline, CPU, torch.float32)
    assert pipeline.layers == [SteadyLinear, SteadyConv]


@pytest.mark.slow
def test_a_job_draws_the_same_pixels_alone_and_in_any_company(tmp_path: Path) -> None:
    lines = [
        {"text": text, "seed": seed, "steps": steps, "count": count, "guidance": guidance}
        for seed, (text, steps, count, guidance) in enumerate(
            [
                ("a red lighthouse at sunset", 6, 2, 4.0),
                ("a blue boat at night", 8, 1, 3.0),
                ("a green tree in the snow", 4, 4, 6.0),
                ("a white cat by day", 7, 1, 4.0),
                ("a yellow house in the rain", 5, 1, 1.0),
                ("a black horse", 6, 3, 4.0),
            ]
        )
    ]
    painter = Painter(Catalogue.parse("[postcard]"), device="cpu")

    def drawn(number: int, when: str) -> list[bytes]:
        spool = tmp_path / f"{when}-{number}"
        spool.mkdir()
        pictures: list[bytes] = []

        def send(event: Event) -> None:
            if isinstance(event, ImageReady):
                pictures.append(np.asarray(Image.open(event.path)).tobytes())

        wanted = request(model="postcard", **lines[number])
        task = Task(job_id=spool.name, request=wanted, spool=str(spool))
        assert isinstance(painter.make(task, send, threading.Event()), Finished)
        return pictures

    try:
        alone = [drawn(number, "alone") for number in range(len(lines))]
        for order in ([3, 0, 5, 2, 4, 1], [5, 4, 3, 2, 1, 0]):
            with ThreadPoolExecutor(len(lines)) as pool:
                made = dict(
                    zip(order, pool.map(lambda n, o=order: drawn(n, f"{o}"), order), strict=True)
                )
            assert [made[number] for number in range(len(lines))] == alone
    finally:
        painter.close()
