"""The tokenizer and the text encoder: taught to tell what a caption names, then frozen.

Frozen on purpose: trained along with the denoiser it forgets subjects and colours, because the
denoiser learns sky and ground first and pulls the encoder towards those.
"""

import json
import random
import time
from collections.abc import Callable, Iterator

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from generation.postcard.wording import Caption, caption, tokenizer_lines
from generation.postcard.world import ATTRIBUTES, fresh_scenes

LENGTH = 40
WIDTH = 160
VOCABULARY_SIZE = 1200
_START, _END = "<|startoftext|>", "<|endoftext|>"


def new_tokenizer(seed: int) -> CLIPTokenizer:
    """A byte-level BPE over the world's captions; any other Unicode text falls back to bytes."""
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token=_END))
    reference = CLIPTokenizer().backend_tokenizer
    tokenizer.normalizer = reference.normalizer
    tokenizer.pre_tokenizer = reference.pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    bytes_of_all = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE,
        min_frequency=2,
        initial_alphabet=bytes_of_all,
        end_of_word_suffix="</w>",
        special_tokens=[_START, _END],
        show_progress=False,
    )
    tokenizer.train_from_iterator(tokenizer_lines(seed), trainer)
    model = tokenizer.to_str()
    vocabulary, merges = _vocabulary_and_merges(model, bytes_of_all)
    return CLIPTokenizer(vocabulary, merges, model_max_length=LENGTH)


def _vocabulary_and_merges(
    model: str, alphabet: list[str]
) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """The trained tables, with every byte present both inside and at the end of a word."""
    import json

    tables = json.loads(model)["model"]
    vocabulary: dict[str, int] = dict(tables["vocab"])
    for symbol in alphabet:
        for token in (symbol, symbol + "</w>"):
            vocabulary.setdefault(token, len(vocabulary))
    return vocabulary, [(left, right) for left, right in tables["merges"]]


def new_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=WIDTH * 3,
            projection_dim=WIDTH,
            num_hidden_layers=3,
            num_attention_heads=5,
            max_position_embeddings=LENGTH,
            hidden_act="gelu",
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


@torch.no_grad()
def teach_other_words(
    tokenizer: CLIPTokenizer, encoder: CLIPTextModel, read_as: dict[str, str]
) -> CLIPTokenizer:
    """Give each new word a token of its own with the embedding of the word it is read as.

    Returns the larger tokenizer; the encoder grows in place. Words that captions already taught,
    as one token, stay as they are.
    """
    embeddings: dict[str, str] = {}
    for word, known in read_as.items():
        pieces = tokenizer.convert_ids_to_tokens(tokenizer(word).input_ids[1:-1])
        if len(pieces) == 1:
            continue
        tables = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
        vocabulary, merges = tables["vocab"], [tuple(pair) for pair in tables["merges"]]
        whole = pieces[0]
        for piece in pieces[1:]:
            merges.append((whole, piece))
            whole += piece
            vocabulary.setdefault(whole, len(vocabulary))
        embeddings[whole] = f"{known}</w>"
        tokenizer = CLIPTokenizer(vocabulary, merges, model_max_length=LENGTH)
    vocabulary = tokenizer.get_vocab()
    encoder.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    table = encoder.get_input_embeddings().weight
    for new, known in embeddings.items():
        table[vocabulary[new]] = table[vocabulary[known]]
    return tokenizer


class Reader(nn.Module):
    """Says from the encoder's output what a caption names; used only to teach the encoder.

    Like the denoiser it pools all positions by attention. The last class of each attribute
    means "not named".
    """

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, len(ATTRIBUTES))
        self.heads = nn.ModuleList(
            nn.Linear(WIDTH, len(values) + 1) for values in ATTRIBUTES.values()
        )

    def forward(self, states: Tensor) -> list[Tensor]:
        """(N x length x width) to one (N x values+1) of logits per attribute."""
        weights = self.query(states).softmax(dim=1)
        pooled = torch.einsum("nla,nlw->anw", weights, states)
        return [head(pooled[index]) for index, head in enumerate(self.heads)]


def token_ids(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """(N x 40) token numbers, as the pipeline makes them."""
    return tokenizer(
        texts, padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt"
    ).input_ids


def named_classes(captions: list[Caption]) -> Tensor:
    """(N x attributes) class numbers; an attribute that is not named has the last class."""
    return torch.tensor(
        [
            [
                values.index(item.names[name]) if name in item.names else len(values)
                for name, values in ATTRIBUTES.items()
            ]
            for item in captions
        ]
    )


def _caption_batches(tokenizer: CLIPTokenizer, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    rng = random.Random(seed)
    while True:
        scenes = fresh_scenes(96, rng.randrange(2**31))
        rng.shuffle(scenes)
        captions = [
            Caption("", {}) if rng.random() < 0.02 else caption(scene, rng) for scene in scenes
        ]
        yield token_ids(tokenizer, [item.text for item in captions]), named_classes(captions)


def train_text_encoder(
    tokenizer: CLIPTokenizer,
    encoder: CLIPTextModel,
    steps: int,
    seed: int,
    report: Callable[[dict[str, float]], None],
) -> None:
    """Teach `encoder` in place, then freeze it. Reports the share of attributes read right."""
    torch.manual_seed(seed)
    reader = Reader()
    parameters = [*encoder.parameters(), *reader.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps + 1)
    batches = _caption_batches(tokenizer, seed)
    started = time.monotonic()
    encoder.train()
    for step in range(1, steps + 1):
        ids, classes = next(batches)
        logits = reader(encoder(ids).last_hidden_state)
        loss = sum(functional.cross_entropy(part, classes[:, k]) for k, part in enumerate(logits))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        if step % 50 == 0 or step == steps:
            right = torch.stack([part.argmax(1) == classes[:, k] for k, part in enumerate(logits)])
            report(
                {
                    "step": step,
                    "loss": float(loss.detach()),
                    "right": right.float().mean().item(),
                    "worst": right.float().mean(dim=1).min().item(),
                    "seconds": time.monotonic() - started,
                }
            )
    encoder.eval().requires_grad_(False)


@torch.no_grad()
def encode_texts(tokenizer: CLIPTokenizer, encoder: CLIPTextModel, texts: list[str]) -> Tensor:
    """(N x 40 x 160) outputs in bfloat16, as the denoiser sees them."""
    parts = [
        encoder(token_ids(tokenizer, texts[start : start + 256])).last_hidden_state.bfloat16()
        for start in range(0, len(texts), 256)
    ]
    return torch.cat(parts)
