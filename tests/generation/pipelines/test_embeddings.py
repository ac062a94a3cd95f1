"""A model of CLIP's kind, tiny and with random weights, saved and loaded by the real calls."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from core.embedder import Embedder
from core.events import Ask, Inquiry
from core.models import Catalogue
from generation.embeddings import Embeddings
from generation.eye import ModelEye
from generation.painter import Painter


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import CLIPConfig, CLIPModel
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    folder = tmp_path_factory.mktemp("clip")
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
    torch.manual_seed(0)
    config = CLIPConfig(
        text_config={**small, "num_attention_heads": 2, "vocab_size": 30, "eos_token_id": 2},
        vision_config={**small, "num_attention_heads": 2, "image_size": 32, "patch_size": 8},
        projection_dim=24,
    )
    CLIPModel(config).save_pretrained(folder)
    size = {"shortest_edge": 32}
    CLIPImageProcessorPil(size=size, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    paths = {name: folder / f"{name}.png" for name in ("teal", "red")}
    for name, path in paths.items():
        Image.new("RGB", (60, 40), name).save(path)
    return paths


def alone(work):
    return work()


def test_a_picture_is_the_same_vector_each_time(clip: Path, pictures: dict[str, Path]):
    from transformers import CLIPImageProcessor, CLIPModel

    held = Embeddings(Embedder(source=str(clip)), torch.device("cpu"), torch.float32)
    teal, red = (held.of(str(path), alone) for path in pictures.values())
    assert len(teal) == 24
    assert teal == held.of(str(pictures["teal"]), alone)
    assert teal != red
    model = CLIPModel.from_pretrained(clip).eval()
    with Image.open(pictures["teal"]) as opened:
        inputs = CLIPImageProcessor.from_pretrained(clip)(images=opened, return_tensors="pt")
    with torch.no_grad():
        theirs = model.get_image_features(**inputs).pooler_output[0]
    assert torch.allclose(torch.tensor(teal), theirs / theirs.norm(), atol=1e-5)


async def test_a_worker_with_such_a_model_looks_at_pictures(clip: Path, pictures: dict[str, Path]):
    catalogue = Catalogue.parse(f'likeness = "{clip}"')
    painter = Painter(catalogue, device="cpu")

    async def ask(question: Ask):
        return painter.answer(question, 60)

    assert catalogue.embedder is not None
    eye = ModelEye(catalogue.embedder, ask)
    try:
        teal = await eye.look(pictures["teal"], "a teal square")
        again = await eye.look(pictures["teal"], "other words")
        red = await eye.look(pictures["red"], "")
    finally:
        painter.close()
    assert teal == again != red
    assert (teal.kind, teal.dimension) == (catalogue.embedder.kind, 24)


def test_what_does_not_load_is_tried_once_and_named(tmp_path: Path, pictures: dict[str, Path]):
    painter = Painter(Catalogue.parse(f'likeness = "{tmp_path}"'), device="cpu")
    question = Ask(id="q", inquiry=Inquiry.LOOK, picture=str(pictures["red"]))
    try:
        first, second = painter.answer(question, 60), painter.answer(question, 60)
    finally:
        painter.close()
    assert "likeness names in models.toml" in first.sentence
    assert second == first


def test_a_model_in_another_format_than_safetensors_is_not_loaded(clip: Path, tmp_path: Path):
    for file in clip.iterdir():
        if file.suffix == ".json":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    held = Embeddings(Embedder(source=str(tmp_path)), torch.device("cpu"), torch.float32)
    Image.new("RGB", (8, 8)).save(tmp_path / "p.png")
    with pytest.raises(Exception, match="compares pictures cannot be loaded"):
        held.of(str(tmp_path / "p.png"), alone)


def test_without_one_nobody_looks(pictures: dict[str, Path]):
    painter = Painter(Catalogue.parse(""), device="cpu")
    try:
        question = Ask(id="q", inquiry=Inquiry.LOOK, picture=str(pictures["red"]))
        answer = painter.answer(question, 60)
    finally:
        painter.close()
    assert answer.sentence and not answer.numbers
