"""The tokenizer takes any text, and the encoder's teacher counts classes as captions name them."""

import pytest
import torch
from transformers import CLIPTokenizer

from generation.postcard.text import (
    LENGTH,
    encode_texts,
    named_classes,
    new_text_encoder,
    new_tokenizer,
    teach_other_words,
    token_ids,
)
from generation.postcard.wording import READ_AS, Caption
from generation.postcard.world import ATTRIBUTES


@pytest.fixture(scope="module")
def tokenizer() -> CLIPTokenizer:
    return new_tokenizer(seed=1)


@pytest.mark.parametrize("text", ["a red lighthouse at sunset", "white cat in the snow", "dusk"])
def test_known_words_come_back_as_they_were(tokenizer: CLIPTokenizer, text: str) -> None:
    ids = tokenizer(text).input_ids
    assert tokenizer.decode(ids, skip_special_tokens=True) == text
    assert len(ids) == len(text.split()) + 2


@pytest.mark.parametrize(
    "text", ["", "Füße", "猫と灯台", "🚀🌙", "\x00\x07", "a" * 5000, "‮ trick", "\ud83d\ude00"]
)
def test_any_text_encodes_to_the_same_length(tokenizer: CLIPTokenizer, text: str) -> None:
    ids = token_ids(tokenizer, [text.encode("utf-16", "surrogatepass").decode("utf-16")])
    assert ids.shape == (1, LENGTH)
    assert int(ids.max()) < len(tokenizer)


def test_case_does_not_matter(tokenizer: CLIPTokenizer) -> None:
    assert tokenizer("Red CASTLE").input_ids == tokenizer("red castle").input_ids


def test_it_survives_saving(tokenizer: CLIPTokenizer, tmp_path) -> None:
    tokenizer.save_pretrained(tmp_path)
    again = CLIPTokenizer.from_pretrained(tmp_path)
    text = "an orange boat, 猫"
    assert again(text).input_ids == tokenizer(text).input_ids
    assert again.model_max_length == LENGTH


def test_what_is_not_named_has_the_last_class() -> None:
    classes = named_classes([Caption("", {}), Caption("cat", {"subject": "cat"})])
    nothing = [len(values) for values in ATTRIBUTES.values()]
    assert classes[0].tolist() == nothing
    assert classes[1].tolist() == [ATTRIBUTES["subject"].index("cat"), *nothing[1:]]


def test_other_words_are_read_as_known_ones(tokenizer: CLIPTokenizer) -> None:
    torch.manual_seed(1)
    encoder = new_text_encoder(tokenizer).eval()
    before = tokenizer("a red flower, dusk").input_ids
    larger = teach_other_words(tokenizer, encoder, {"flowers": "flower", "twilight": "dusk"})
    assert larger("a red flower, dusk").input_ids == before
    new, known = encode_texts(larger, encoder, ["flowers at twilight", "flower at dusk"])
    assert torch.equal(new, known)


def test_every_other_word_leads_to_a_word_captions_use(tokenizer: CLIPTokenizer) -> None:
    assert {f"{known}</w>" for known in READ_AS.values()} <= set(tokenizer.get_vocab())
