"""What an operator may choose of how models are held and computed."""

from __future__ import annotations

import pytest

from core.errors import SettingsError
from core.models import Catalogue
from core.settings import Settings
from core.speed import CHOICES, MEMORY, Speed, Weights, weights_in

GIB = 2**30


def test_nothing_chosen_is_nothing_lossy() -> None:
    assert Settings.from_env({}).speed == Speed()
    assert Speed().quantize == Speed().feature_cache == "off"
    assert all(getattr(Speed(), name) == choices[0] for name, choices in CHOICES.items())
    assert set(MEMORY) == {*CHOICES["memory"]} - {"auto"}


def test_a_model_has_its_own_choices_over_the_operators() -> None:
    usual = Settings.from_env({"EASEL_MEMORY": "medium", "EASEL_QUANTIZE": "int8"}).speed
    models = Catalogue.parse(
        '[big]\nsource = "some/big"\nmemory = "low"\nattention = "sage"\nfeature_cache = "on"\n'
        '[small]\nsource = "some/small"\nquantize = "off"\n'
    )
    assert models.get("big").speed(usual) == Speed(
        memory="low", attention="sage", quantize="int8", feature_cache="on"
    )
    assert models.get("small").speed(usual) == Speed(memory="medium")
    assert models.get("postcard").speed(usual) == usual


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('memory = "tiny"', "[big] memory must be one of auto, low, medium, high."),
        ('quantize = "int4"', "[big] quantize must be one of off, int8, float8, float8-storage."),
        ('fuse = "yes"', "[big] fuse must be one of off, on."),
        ('feature_cache = "yes"', "[big] feature_cache must be one of off, on."),
        ("compile = true", "[big] compile must be of type str."),
    ],
)
def test_a_choice_there_is_not(line: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Catalogue.parse(f'[big]\nsource = "some/big"\n{line}')
    assert caught.value.sentence == f"models.toml: {said}"
    with pytest.raises(SettingsError, match="EASEL_MEMORY: “tiny” does not fit"):
        Settings.from_env({"EASEL_MEMORY": "tiny"})


@pytest.mark.parametrize(
    ("denoiser", "whole", "room", "memory"),
    [
        # GiB of SDXL, FLUX.1 and FLUX.1 with int8 on cards people have.
        (4.8, 6.5, 24, "high"),
        (4.8, 6.5, 10, "high"),
        (4.8, 6.5, 8, "medium"),
        (4.8, 6.5, 6, "low"),
        (22.2, 31.5, 80, "high"),
        (22.2, 31.5, 32, "medium"),
        (22.2, 31.5, 24, "low"),
        (11.1, 20.4, 24, "medium"),
        (22.2, 31.5, None, "high"),
    ],
)
def test_auto_goes_by_the_size_of_the_gpu(
    denoiser: float, whole: float, room: float | None, memory: str
) -> None:
    weights = Weights(int(denoiser * GIB), int(whole * GIB))
    assert weights.memory_for(None if room is None else int(room * GIB)) == memory


@pytest.mark.parametrize(
    ("dtype", "quantize", "weights"),
    [
        ("auto", "off", Weights(200, 260)),
        ("float32", "off", Weights(400, 520)),
        ("bfloat16", "int8", Weights(100, 160)),
    ],
)
def test_what_numbers_on_disk_come_to_in_memory(
    dtype: str, quantize: str, weights: Weights
) -> None:
    numbers = {"unet": 100, "vae": 10, "text_encoder": 20, "tokenizer": 0}
    assert weights_in(numbers, dtype, quantize) == weights
