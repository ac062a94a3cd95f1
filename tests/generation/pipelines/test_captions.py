"""A caption model, tiny and with random weights, saved and loaded by the real calls."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from core.captioner import Captioner
from core.errors import ModelBrokenError
from core.events import Ask, Inquiry
from core.models import Catalogue
from generation.captions import Captions
from generation.painter import Painter

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[DEC]", *(f"word{n}" for n in range(40))]


@pytest.fixture(scope="module")
def blip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import (
        BertTokenizer,
        BlipConfig,
        BlipForConditionalGeneration,
        BlipProcessor,
    )
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

    folder = tmp_path_factory.mktemp("blip")
    words = BertTokenizer(vocab={word: number for number, word in enumerate(WORDS)})
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1}
    torch.manual_seed(0)
    config = BlipConfig(
        text_config={
            **small,
            "encoder_hidden_size": 16,
            "vocab_size": len(WORDS),
            "num_attention_heads": 2,
            "max_position_embeddings": 64,
            "bos_token_id": 4,
            "eos_token_id": 3,
            "sep_token_id": 3,
            "pad_token_id": 0,
        },
        vision_config={**small, "num_attention_heads": 2, "image_size": 32, "patch_size": 8},
        projection_dim=16,
    )
    BlipForConditionalGeneration(config).save_pretrained(folder)
    size = {"height": 32, "width": 32}
    BlipProcessor(BlipImageProcessorPil(size=size), words).save_pretrained(folder)
    return folder


def test_four_captions_and_others_the_next_time(blip: Path):
    captions = Captions(Captioner(source=str(blip)), torch.device("cpu"), torch.float32)
    picture = Image.effect_noise((50, 40), 90).convert("RGB")
    first, again = captions.of(picture), captions.of(picture)
    assert len(set(first)) == len(first) == 4
    assert all("word" in text for text in first)
    assert first != again


def test_a_worker_with_a_caption_model_describes(blip: Path, tmp_path: Path):
    Image.new("RGB", (40, 30), "teal").save(tmp_path / "p.png")
    painter = Painter(Catalogue.parse(f'[caption]\nsource = "{blip}"'), device="cpu")
    try:
        question = Ask(id="q", inquiry=Inquiry.CAPTION, picture=str(tmp_path / "p.png"))
        answer = painter.answer(question, 60)
    finally:
        painter.close()
    assert answer.sentence == ""
    assert len(answer.texts) == 4
    assert answer.varies
    assert "guessed" in answer.note


def test_without_safetensors_or_files_it_does_not_load(blip: Path, tmp_path: Path):
    with pytest.raises(ModelBrokenError, match=r"\[caption\] in models.toml"):
        Captions(Captioner(source=str(tmp_path)), torch.device("cpu"), torch.float32)
    for file in blip.iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelBrokenError):
        Captions(Captioner(source=str(tmp_path)), torch.device("cpu"), torch.float32)


def test_the_embedded_models_reader_names_what_it_knows(tmp_path: Path):
    from core.prompt import parse
    from generation.postcard.data import render
    from generation.postcard.world import fresh_scenes

    scenes = fresh_scenes(12, 77)
    painter = Painter(Catalogue.parse(""), device="cpu")
    right = 0
    try:
        for number, (scene, pixels) in enumerate(zip(scenes, render(scenes), strict=True)):
            path = tmp_path / f"{number}.png"
            Image.fromarray(pixels).save(path)
            answer = painter.answer(Ask(id="q", inquiry=Inquiry.CAPTION, picture=str(path)), 60)
            assert len(answer.texts) == 4
            assert not answer.varies
            assert all(parse(line).text == line for line in answer.texts)
            right += scene.subject in answer.texts[0] and scene.colour in answer.texts[0]
            assert "postcards" in answer.note
    finally:
        painter.close()
    assert right >= 9


def test_a_model_that_nobody_can_ask_says_what_is_missing(folders: dict[str, Path], tmp_path: Path):
    Image.new("RGB", (40, 30)).save(tmp_path / "p.png")
    painter = Painter(Catalogue.parse(f'[mine]\nsource = "{folders["sd"]}"'), device="cpu")
    try:
        question = Ask(id="q", inquiry=Inquiry.CAPTION, picture=str(tmp_path / "p.png"))
        assert "[caption] in models.toml" in painter.answer(question, 60).sentence
    finally:
        painter.close()
