"""A model held and computed as its operator wants; what cannot be had here is said at the start."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch

from core.errors import SettingsError
from core.models import Catalogue
from core.speed import Speed
from generation import compiling
from generation.models import Shelf, pick_dtype
from generation.painter import Painter
from generation.weights import denoisers_of
from tests.generation.pipelines.conftest import catalogue

CPU = torch.device("cpu")
NONE = Catalogue.parse("")


@pytest.mark.parametrize(
    ("speed", "said"),
    [
        (
            Speed(attention="sage"),
            (
                "EASEL_ATTENTION cannot be “sage” here: it runs on NVIDIA GPUs only, and this is "
                "“cpu”; set it to auto."
            ),
        ),
        (
            Speed(quantize="float8"),
            (
                "EASEL_QUANTIZE cannot be “float8” here: it needs an NVIDIA GPU that multiplies "
                "float8 (Ada, Hopper or newer); use int8, float8-storage or off."
            ),
        ),
    ],
)
def test_what_cannot_be_had_here_is_one_sentence_before_any_model_is_loaded(
    speed: Speed, said: str
):
    pytest.importorskip("torchao")
    with pytest.raises(SettingsError) as caught:
        Painter(NONE, device="cpu", speed=speed)
    assert caught.value.sentence == said


def test_a_models_own_choice_that_cannot_be_had_is_told_by_its_table():
    models = Catalogue.parse('[dreams]\nsource = "some/dreams"\nattention = "flash"')
    with pytest.raises(
        SettingsError, match=r"^models.toml: \[dreams\] attention cannot be “flash”"
    ):
        Shelf(models, CPU, torch.float32)


def test_compiling_without_a_compiler(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(compiling, "why_not", lambda device: "torch needs a C++ compiler")
    with pytest.raises(SettingsError, match="EASEL_COMPILE cannot be “on” here: torch needs"):
        Shelf(NONE, CPU, torch.float32, usual=Speed(compile="on"))
    Shelf(NONE, CPU, torch.float32)


def test_without_a_gpu_a_model_is_in_memory_as_it_always_was(folders: dict[str, Path]):
    held = Shelf(catalogue(folders), CPU, torch.float32).get("sd").held
    assert (held.memory, held.compiled, held.thrifty) == ("high", 0, False)
    held = Shelf(catalogue(folders), CPU, torch.float32, usual=Speed(memory="low")).get("sd").held
    assert (held.memory, held.thrifty) == ("low", True)


def test_a_model_that_does_not_fit_takes_less_of_the_gpu(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """The device is the processor here, but is said to have so little memory of its own."""
    caplog.set_level(logging.INFO)
    found: dict[str, int] = {}
    for memory, megabytes in (("high", 9.0), ("medium", 6.6), ("low", 5.0)):
        monkeypatch.setattr("generation.speed._room", lambda device, mb=megabytes: int(mb * 1e6))
        loaded = Shelf(catalogue(folders), CPU, torch.float32).get("sd")
        assert loaded.held.memory == memory
        assert f"sd: memory {memory}, 0.0 of 0.0 GiB" in caplog.text
        found[memory] = loaded.held.resident
    assert found["low"] < found["medium"] < found["high"]


def test_blocks_are_compiled_where_it_is_wanted_and_possible(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    assert not compiling.is_wanted("auto", CPU)
    assert not compiling.is_wanted("off", torch.device("cuda"))
    on = Shelf(catalogue(folders), CPU, torch.float32, usual=Speed(compile="on"))
    unet, flux = on.get("sd"), on.get("flux")
    # The tiny UNet has five transformer blocks and seven of convolutions.
    assert (unet.held.compiled, flux.held.compiled) == (12, 2)
    for part in denoisers_of(unet.text_to_image).values():
        assert sum(one._compiled_call_impl is not None for one in part.modules()) == 12
    monkeypatch.setattr("generation.speed._room", lambda device: 1)
    on = Shelf(catalogue(folders), CPU, torch.float32, usual=Speed(compile="on"))
    assert on.get("small").held.compiled == 0
    assert "small is not compiled: with low memory its blocks come and go" in caplog.text


@pytest.mark.parametrize(("has_it", "dtype"), [(True, torch.bfloat16), (False, torch.float16)])
def test_a_gpu_computes_with_the_best_half_precision_it_has(
    has_it: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
):
    def answer(including_emulation: bool = True) -> bool:
        return including_emulation or has_it

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", answer)
    assert pick_dtype("auto", torch.device("cuda")) is dtype
    assert pick_dtype("float32", torch.device("cuda")) is torch.float32
    assert pick_dtype("auto", CPU) is torch.float32
