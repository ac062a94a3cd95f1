"""Compiled blocks: nothing is compiled anew while members come and go."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import SD3Transformer2DModel, UNet2DConditionModel
from torch import Tensor, nn

from generation import compiling
from generation.compiling import compile_blocks
from generation.tiling import circular


@pytest.fixture
def denoiser(folders: dict[str, Path]) -> Any:
    torch.compiler.reset()
    loaded: Any = SD3Transformer2DModel.from_pretrained(folders["sd3"], subfolder="transformer")
    return loaded.eval()


@torch.no_grad()
def answer(denoiser: Any, rows: int, width: int = 8, height: int = 8) -> Tensor:
    generator = torch.Generator().manual_seed(rows)
    return denoiser(
        torch.randn(rows, 4, height, width, generator=generator),
        torch.randn(rows, 24, 64, generator=generator),
        torch.randn(rows, 64, generator=generator),
        torch.randn(rows, generator=generator).abs() * 900,
    ).sample


def test_no_number_of_rows_and_no_size_is_compiled_anew_after_the_first(denoiser: Any):
    """Compiled by torch's own “eager” backend: what makes graphs, and when, is the same for all."""
    sizes = [(1, 8, 8), (2, 8, 8), (3, 8, 8), (8, 16, 8), (5, 8, 16), (1, 16, 16), (2, 12, 8)]
    plain = [answer(denoiser, *size) for size in sizes]
    assert compile_blocks(denoiser, backend="eager") == 1
    graphs = torch._dynamo.utils.counters["stats"]
    graphs.clear()
    for rows in (1, 2):
        answer(denoiser, rows)
    assert graphs["unique_graphs"] == 2
    with torch._dynamo.config.patch(error_on_recompile=True):
        for size, wanted in zip(sizes, plain, strict=True):
            assert torch.equal(answer(denoiser, *size), wanted)
    assert graphs["unique_graphs"] == 2


def test_what_cannot_be_compiled_is_computed_as_it_is_and_said_once(
    denoiser: Any, caplog: pytest.LogCaptureFixture
):
    wanted = answer(denoiser, 2)

    def backend(graph: Any, inputs: Any) -> Any:
        raise RuntimeError("no such kernel")

    compile_blocks(denoiser, backend=backend)
    with caplog.at_level(logging.WARNING, logger="generation.compiling"):
        for _ in range(3):
            assert torch.equal(answer(denoiser, 2), wanted)
    (said,) = [one.getMessage() for one in caplog.records if one.name == "generation.compiling"]
    assert said.startswith("SD3Transformer2DModel is not compiled after all: ")
    assert "no such kernel" in said


def test_an_error_of_a_block_itself_is_not_the_compilers(denoiser: Any):
    compile_blocks(denoiser, backend="eager")

    def full(*given: Any, **named: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    (block,) = denoiser.transformer_blocks
    block._compiled_call_impl._compiled = full
    with pytest.raises(torch.OutOfMemoryError):
        answer(denoiser, 2)
    assert not block._compiled_call_impl._group.failed


def test_a_copy_that_works_in_another_way_calls_nothing_of_the_compiled_one(
    folders: dict[str, Path],
):
    unet: Any = UNet2DConditionModel.from_pretrained(folders["sd"], subfolder="unet")
    given = torch.zeros(1, 4, 8, 8), 5, torch.zeros(1, 24, 32)
    with torch.no_grad():
        plain, wanted = unet(*given).sample, circular(unet)(*given).sample
        compile_blocks(unet, backend="eager")
        own: Any = circular(unet)
        assert torch.equal(own(*given).sample, wanted)
    assert not torch.equal(wanted, plain)
    assert all(part._compiled_call_impl is None for part in own.modules())


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.line = nn.Linear(width, width)

    def forward(self, given: Tensor) -> Tensor:
        return self.line(given) * 2


class Many(nn.Module):
    """Blocks of more shapes than torch makes graphs of by itself."""

    _repeated_blocks = ("Block",)
    shapes = 10

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(width) for width in range(2, 2 + self.shapes))

    def elsewhere(self) -> list[Tensor]:
        """The blocks' answers, in a thread of its own: another one loads models."""

        @torch.no_grad()
        def answers() -> list[Tensor]:
            return [block(torch.ones(2, block.line.in_features)) for block in self.blocks]

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(answers).result()


@pytest.fixture
def many() -> Many:
    torch.compiler.reset()
    return Many()


def same(some: list[Tensor], others: list[Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(some, others, strict=True))


def test_a_thread_that_loaded_nothing_makes_as_many_graphs_as_it_takes(many: Many):
    wanted = many.elsewhere()
    compile_blocks(many, backend="eager")
    graphs = torch._dynamo.utils.counters["stats"]
    graphs.clear()
    assert same(many.elsewhere(), wanted)
    assert graphs["unique_graphs"] == many.shapes


def test_more_graphs_than_there_may_be_are_no_fault_of_the_task(
    many: Many, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    wanted = many.elsewhere()
    monkeypatch.setattr(compiling, "_MOST_GRAPHS", 2)
    compile_blocks(many, backend="eager")
    with caplog.at_level(logging.WARNING, logger="generation.compiling"):
        assert same(many.elsewhere(), wanted)
    (said,) = [one.getMessage() for one in caplog.records if one.name == "generation.compiling"]
    assert said.startswith("Many is not compiled after all: ")
