"""Queries, keys and values in one multiplication: the same pictures, also in company."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from core.models import Catalogue
from core.speed import Speed
from generation.models import Loaded, Shelf
from generation.weights import denoisers_of
from tests.generation.gate.company import difference, in_company
from tests.generation.gate.jobs import Job
from tests.generation.pipelines.conftest import catalogue

CPU = torch.device("cpu")
FUSED = Speed(fuse="on")


def loaded(folders: dict[str, Path], name: str, speed: Speed, more: str = "") -> Loaded:
    models = catalogue(folders)
    if more:
        models = Catalogue.parse(f'[{name}]\nsource = "{folders[name]}"\nfamily = "sd"\n{more}')
    return Shelf(models, CPU, torch.float32, usual=speed).get(name)


def multiplied(pipeline: Any) -> set[str]:
    """Of which layers of attention a denoiser makes use: the last parts of their names."""
    [part] = denoisers_of(pipeline).values()
    used: set[str] = set()
    for path, layer in part.named_modules():
        if isinstance(layer, nn.Linear):
            name = path.rpartition(".")[2]
            layer.register_forward_pre_hook(lambda *_, name=name: used.add(name))
    draw(pipeline)
    return used


def draw(pipeline: Any) -> torch.Tensor:
    return pipeline(
        "a lighthouse",
        num_inference_steps=2,
        height=64,
        width=64,
        generator=torch.Generator().manual_seed(7),
        output_type="latent",
    ).images


@pytest.mark.parametrize(("name", "family"), [("sd", "sd"), ("flux", "flux")])
def test_a_fused_model_draws_the_same_pictures_alone_and_in_company(
    folders: dict[str, Path], name: str, family: str
) -> None:
    plain = loaded(folders, name, Speed()).text_to_image
    fused = loaded(folders, name, FUSED).text_to_image
    assert difference(draw(fused), draw(plain)) <= 1e-5
    jobs = [Job(family, "text", number) for number in range(3)]
    alone = [job.draw(job.pipeline(plain)) for job in jobs]
    drawn, groups = in_company(jobs, fused, seed=1)
    assert max(groups) > 1
    assert max(map(difference, drawn, alone)) <= 1e-5
    assert "to_q" in multiplied(plain)
    assert "to_qkv" in multiplied(fused)


def test_where_weights_are_wanted_one_by_one_they_stay_apart(
    folders: dict[str, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("torchao")
    caplog.set_level(logging.INFO)
    quantised = loaded(folders, "sd", Speed(fuse="on", quantize="int8"))
    assert "to_qkv" not in multiplied(quantised.text_to_image)
    assert "sd: its projections are not fused: with int8 they are no plain numbers" in caplog.text
    ink = '[adapters.ink]\nsource = "ink.safetensors"\nfamily = "sd"\n'
    adapted = loaded(folders, "sd", FUSED, ink)
    assert "to_qkv" not in multiplied(adapted.text_to_image)
    assert "sd: its projections are not fused: adapters change them one by one" in caplog.text
