from __future__ import annotations

import json
import pickle
import struct
from pathlib import Path

import pytest

from core.errors import ModelBrokenError
from core.models import Model
from generation import model_folder
from generation.model_folder import is_whole, locate


def a_model(source: object, **changes: str) -> Model:
    return Model(**({"name": "mine", "source": str(source)} | changes))


def safetensors(data: bytes = b"\0" * 16) -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, len(data)]}})
    return struct.pack("<Q", len(header)) + header.encode() + data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder with everything in its place."""
    home = tmp_path / "model"
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "scheduler": ["diffusers", "PNDMScheduler"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "safety_checker": [None, None],
        "requires_safety_checker": False,
    }
    for part in ("unet", "scheduler", "tokenizer"):
        (home / part).mkdir(parents=True)
    (home / "model_index.json").write_text(json.dumps(index))
    (home / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(safetensors())
    return home


def sentence_for(model: Model) -> str:
    with pytest.raises(ModelBrokenError) as caught:
        locate(model)
    return caught.value.sentence


def test_a_whole_folder_is_found_with_the_size_of_its_weights(folder: Path):
    located = locate(a_model(folder))
    assert located.source == str(folder)
    assert located.size == len(safetensors())
    assert located.variant is None


def test_a_variant_counts_only_where_there_are_files_of_it(folder: Path):
    assert locate(a_model(folder, variant="fp16")).variant is None
    half = safetensors(b"\0" * 8)
    (folder / "unet" / "diffusion_pytorch_model.fp16.safetensors").write_bytes(half)
    located = locate(a_model(folder, variant="fp16"))
    assert (located.variant, located.size) == ("fp16", len(half))
    assert locate(a_model(folder)).size == len(safetensors())


def test_a_missing_folder(tmp_path: Path):
    source = tmp_path / "nowhere"
    assert sentence_for(a_model(source)) == (
        f"The model “mine” is not on this machine: there is no folder “{source}”; "
        "correct its source in models.toml."
    )


def test_a_hub_id_that_was_never_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert sentence_for(a_model("somebody/some-model")) == (
        "The model “mine” is not on this machine; download it with "
        "`hf download somebody/some-model` or change its source in models.toml."
    )
    assert "--revision abc`" in sentence_for(a_model("somebody/some-model", revision="abc"))


def test_the_embedded_model_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(model_folder, "WEIGHTS", tmp_path / "none")
    assert "missing from this installation" in sentence_for(a_model("postcard"))


def test_no_index(folder: Path):
    (folder / "model_index.json").unlink()
    assert "it has no model_index.json" in sentence_for(a_model(folder))


@pytest.mark.parametrize("text", ["{", "\x80", ""])
def test_an_unreadable_index(folder: Path, text: str):
    (folder / "model_index.json").write_text(text, encoding="latin-1")
    assert "its model_index.json cannot be read" in sentence_for(a_model(folder))


@pytest.mark.parametrize("text", ["{}", "[]", "7"])
def test_an_index_of_something_else(folder: Path, text: str):
    (folder / "model_index.json").write_text(text)
    assert "does not name a diffusers pipeline" in sentence_for(a_model(folder))


def test_a_missing_part(folder: Path):
    (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    assert "its “unet” has no weights" in sentence_for(a_model(folder))
    (folder / "unet").rmdir()
    assert "its “unet” folder is missing" in sentence_for(a_model(folder))


def test_pickles_only(folder: Path):
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    assert sentence_for(a_model(folder)) == (
        f"The model “mine” cannot be loaded from “{folder}”: the weights of its “unet” are "
        "pickles, which can run code when opened; use a model with .safetensors files."
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 7,
        safetensors()[:-1],
        safetensors() + b"\0",
        pickle.dumps({"weights": [0.0] * 100}),
        struct.pack("<Q", 2**60) + b"{}",
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 13) + b'{"w": "four"}',
    ],
)
def test_weights_that_are_damaged_or_not_what_their_name_says(folder: Path, data: bytes):
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(data)
    assert not is_whole(weights)
    sentence = sentence_for(a_model(folder))
    assert "“unet/diffusion_pytorch_model.safetensors” is damaged or cut short" in sentence
