"""Loading models that are well and models that are not, and letting go of the least used."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import ModelBrokenError, ModelNotFoundError, OutOfMemoryError
from core.models import Catalogue
from generation.models import Shelf, pick_device, pick_dtype
from generation.run import StoppedError
from tests.generation.pipelines.conftest import catalogue

CPU = torch.device("cpu")
UNET = Path("unet", "diffusion_pytorch_model.safetensors")
WORDS = Path("text_encoder", "config.json")


def shelf(folders: dict[str, Path], **options: Any) -> Shelf:
    return Shelf(catalogue(folders), CPU, torch.float32, **options)


@pytest.fixture
def copied(folders: dict[str, Path], tmp_path: Path) -> Path:
    """A folder of one's own to break."""
    return Path(shutil.copytree(folders["sd"], tmp_path / "broken"))


def sentence_for(folder: Path) -> str:
    with pytest.raises(ModelBrokenError) as caught:
        shelf({"broken": folder}).get("broken")
    assert "Traceback" not in caught.value.sentence
    return caught.value.sentence


def edit(file: Path, **changes: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_a_model_is_loaded_once_and_gives_each_task_its_own_pipeline(folders: dict[str, Path]):
    subject = shelf(folders)
    loaded = subject.get("sd")
    assert subject.get("SD") is loaded
    one, other = (loaded.pipeline(from_picture=False) for _ in range(2))
    assert one is not other
    assert one.scheduler is not other.scheduler
    assert one.unet is other.unet is loaded.text_to_image.unet
    assert type(loaded.pipeline(from_picture=True)).__name__ == "StableDiffusionImg2ImgPipeline"
    one.scheduler = None
    assert other.scheduler is not None
    assert loaded.text_to_image.scheduler is not None


def test_the_least_recently_used_model_makes_room(folders: dict[str, Path]):
    subject = shelf(folders)
    size = subject.get("sd").size
    assert size == sum(file.stat().st_size for file in folders["sd"].rglob("*.safetensors"))
    subject = shelf(folders, limit=int(size * 2.1))
    for name in ("sd", "small", "sd", "xl"):
        subject.get(name)
    assert subject.names() == ["sd", "xl"]
    subject = shelf(folders, limit=0)
    for name in ("sd", "small"):
        subject.get(name)
    assert subject.names() == ["small"]


def test_a_variant_is_loaded_from_its_files(folders: dict[str, Path], tmp_path: Path):
    loaded = shelf(folders).get("sd")
    loaded.text_to_image.save_pretrained(tmp_path / "half", variant="fp16")
    toml = f'[half]\nsource = "{tmp_path / "half"}"\nvariant = "fp16"'
    half = Shelf(Catalogue.parse(toml), CPU, torch.float32).get("half")
    assert half.text_to_image.unet.dtype is torch.float32


def test_weights_of_another_shape(copied: Path):
    edit(copied / "unet" / "config.json", block_out_channels=[16, 16])
    assert sentence_for(copied) == (
        f"The model “broken” cannot be loaded from “{copied}”: its files are incomplete or do not "
        "fit together; download the model again."
    )


def test_missing_tensors(copied: Path):
    tensors = load_file(copied / UNET)
    tensors.pop("conv_in.weight")
    save_file(tensors, copied / UNET)
    assert "incomplete or do not fit together" in sentence_for(copied)


def test_a_text_encoder_without_its_weights(copied: Path):
    """The library would fill the gaps with random numbers and go on."""
    file = copied / "text_encoder" / "model.safetensors"
    tensors = load_file(file)
    for name in [name for name in tensors if "layers.1" in name]:
        tensors.pop(name)
    save_file(tensors, file)
    assert "incomplete or do not fit together" in sentence_for(copied)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"architectures": 7}'])
def test_an_unreadable_config_of_a_part(copied: Path, text: str):
    (copied / "unet" / "config.json").write_text(text)
    sentence = sentence_for(copied)
    assert sentence.startswith(f"The model “broken” cannot be loaded from “{copied}”: ")


@pytest.mark.parametrize(
    "entry",
    [
        {"_class_name": "NoSuchPipeline"},
        {"_class_name": ["pipeline", "MyPipeline"]},
        {"unet": ["my_module", "UNet2DConditionModel"]},
        {"unet": ["diffusers", "NoSuchModel"]},
    ],
)
def test_an_index_that_asks_for_other_code_runs_none(copied: Path, entry: dict[str, Any]):
    ran = copied / "ran"
    for name in ("pipeline.py", "unet/my_module.py", "my_module.py"):
        (copied / name).write_text(f"open({str(ran)!r}, 'w')")
    edit(copied / "model_index.json", **entry)
    assert "cannot be loaded" in sentence_for(copied)
    assert not ran.exists()


def test_a_pickle_is_never_opened(copied: Path):
    (copied / UNET).unlink()
    torch.save({}, copied / "unet" / "diffusion_pytorch_model.bin")
    assert "pickles, which can run code when opened" in sentence_for(copied)


def test_too_little_memory_is_not_a_broken_model(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    def full(*args: Any, **kwargs: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("generation.models.AutoPipelineForText2Image.from_pretrained", full)
    with pytest.raises(OutOfMemoryError, match="“sd” needs more memory than there is"):
        shelf(folders).get("sd")


def test_an_unknown_model(folders: dict[str, Path]):
    with pytest.raises(ModelNotFoundError):
        shelf(folders).get("nonsense")


def test_devices_and_number_formats():
    assert pick_device("cpu") == CPU
    assert pick_dtype("auto", CPU) is torch.float32
    assert pick_dtype("float16", CPU) is torch.float16


# Several tasks at once


def cramped(folders: dict[str, Path]) -> Shelf:
    """A shelf with room for one model."""
    return shelf({name: folders[name] for name in ("sd", "small")}, limit=1)


def test_a_model_that_is_borrowed_is_not_let_go_of(folders: dict[str, Path]):
    subject = cramped(folders)
    loaded = subject.borrow("sd")
    assert subject.at_hand("sd") is loaded
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(subject.borrow, "small")
        subject.give_back(loaded)
        with pytest.raises(TimeoutError):
            other.result(timeout=0.1)
        assert subject.names() == ["sd"]
        subject.give_back(loaded)
        assert other.result(timeout=60).model.name == "small"
    assert subject.names() == ["small"]


def test_who_comes_later_waits_behind_a_load_that_needs_room(folders: dict[str, Path]):
    subject = cramped(folders)
    loaded = subject.borrow("sd")
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(subject.borrow, "small", stop)
        with pytest.raises(TimeoutError):
            other.result(timeout=0.1)
        assert subject.at_hand("sd") is None
        stop.set()
        with pytest.raises(StoppedError):
            other.result(timeout=60)
    assert subject.at_hand("sd") is loaded


def test_what_works_in_another_way_on_the_same_weights_is_made_once(folders: dict[str, Path]):
    loaded = shelf(folders).get("sd")
    made = [loaded.variant("circular unet", lambda: object()) for _ in range(2)]
    assert made[0] is made[1]
    assert loaded.variant("circular vae", lambda: object()) is not made[0]
