"""What the embedded model's reader sees in a picture, in prompts that the model knows."""

from __future__ import annotations

from functools import cache

import torch
from PIL import Image
from safetensors.torch import load_file

from generation.postcard import READER
from generation.postcard.classifier import Classifier, logits_of
from generation.postcard.wording import plain_phrase
from generation.postcard.world import ATTRIBUTES

SURE = 0.5
"""What is less probable is not named."""

_USUAL = {"weather": "clear", "light": "sun", "distance": "near", "style": "flat"}
_NOTHING = "none"
_AFTER = ("ground", "time", "weather", "light", "position", "distance", "style")


@cache
def reader() -> Classifier:
    classifier = Classifier()
    classifier.load_state_dict({name: t.float() for name, t in load_file(READER).items()})
    return classifier.eval()


def seen(picture: Image.Image) -> dict[str, tuple[str, float]]:
    """The likeliest value of each attribute, and how likely it is, 0..1."""
    found: dict[str, tuple[str, float]] = {}
    parts = logits_of(reader(), [picture])
    for (name, values), logits in zip(ATTRIBUTES.items(), parts, strict=True):
        chance, at = torch.softmax(logits[0].float(), dim=0).max(dim=0)
        found[name] = (values[int(at)], float(chance))
    return found


def prompts(picture: Image.Image) -> tuple[list[str], dict[str, tuple[str, float]]]:
    """Up to four prompts, the fullest first, and what was seen."""
    found = seen(picture)
    names = {name: value for name, (value, chance) in found.items() if chance >= SURE}
    noun = names.get("subject", "landscape")
    if "subject" in names and "colour" in names:
        noun = f"{names['colour']} {noun}"
    noun = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    phrases = {
        name: plain_phrase(name, names[name])
        for name in _AFTER
        if name in names and names[name] not in (_USUAL.get(name), _NOTHING)
    }
    place = [phrases[name] for name in ("ground", "time") if name in phrases]
    rest = [phrase for name, phrase in phrases.items() if name not in ("ground", "time")]
    lines = [
        ", ".join([" ".join([noun, *place]), *rest]),
        ", ".join([noun, *reversed(place), *rest[:1]]),
        f"a postcard of {' '.join([noun, *place])}",
        ", ".join([noun, *place[-1:], *rest[::-1]]),
        f"a picture of {noun}",
    ]
    return list(dict.fromkeys(lines))[:4], found
