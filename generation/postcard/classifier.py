"""A small network that says what a picture shows; it has seen rendered scenes only."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from generation.postcard.data import render, to_pixels
from generation.postcard.draw import NATIVE
from generation.postcard.world import ATTRIBUTES, Scene, fresh_scenes

_WIDTHS = (24, 48, 96, 128)


class Classifier(nn.Module):
    """(N x 3 x 128 x 128) pixels in -1..1 to one (N x values) of logits per attribute."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 5  # red, green, blue, and where the pixel is: across, down
        for width in _WIDTHS:
            layers += [
                nn.Conv2d(before, width, 3, stride=2, padding=1),
                nn.GroupNorm(8, width),
                nn.ReLU(),
                nn.Conv2d(width, width, 3, padding=1),
                nn.GroupNorm(8, width),
                nn.ReLU(),
            ]
            before = width
        self.body = nn.Sequential(*layers)
        self.heads = nn.ModuleList(
            nn.Linear(before * 2, len(values)) for values in ATTRIBUTES.values()
        )

    def forward(self, pixels: Tensor) -> list[Tensor]:
        count, _, height, width = pixels.shape
        across = torch.linspace(-1, 1, width).expand(count, 1, height, width)
        down = torch.linspace(-1, 1, height).view(1, 1, height, 1).expand(count, 1, height, width)
        seen = self.body(torch.cat([pixels, across, down], dim=1))
        pooled = torch.cat([seen.mean(dim=(2, 3)), seen.amax(dim=(2, 3))], dim=1)
        return [head(pooled) for head in self.heads]


def classes_of(scenes: list[Scene]) -> Tensor:
    """(N x attributes) class numbers."""
    return torch.tensor(
        [
            [values.index(getattr(scene, name)) for name, values in ATTRIBUTES.items()]
            for scene in scenes
        ]
    )


def train_classifier(
    pictures: int, steps: int, seed: int, report: Callable[[dict[str, float]], None]
) -> Classifier:
    """A classifier taught with `pictures` fresh renders, softened and speckled at random."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    scenes = fresh_scenes(pictures, seed)
    drawn, classes = render(scenes), classes_of(scenes)
    classifier = Classifier().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(classifier.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps + 1)
    for step in range(1, steps + 1):
        rows = rng.integers(0, pictures, 48)
        pixels = _worn(to_pixels(drawn[rows]), rng)
        with torch.autocast("cpu", torch.bfloat16):
            logits = classifier(pixels)
        wanted = classes[torch.from_numpy(rows)]
        loss = sum(
            functional.cross_entropy(part.float(), wanted[:, k]) for k, part in enumerate(logits)
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            report({"step": step, "loss": float(loss.detach())})
    return classifier.eval()


def _worn(pixels: Tensor, rng: np.random.Generator) -> Tensor:
    """Blurred a little, speckled a little: what separates a made picture from a drawn one."""
    if rng.random() < 0.5:
        factor = rng.choice([0.5, 0.7])
        small = functional.interpolate(pixels, scale_factor=factor, mode="bilinear", antialias=True)
        pixels = functional.interpolate(small, size=pixels.shape[-2:], mode="bilinear")
    noise = torch.from_numpy(rng.standard_normal(pixels.shape, dtype=np.float32))
    return pixels + noise * float(rng.uniform(0, 0.08))


def read(classifier: Classifier, pictures: list[Image.Image]) -> Tensor:
    """(N x attributes) class numbers the classifier sees; other sizes are scaled to 128x128."""
    return torch.stack([part.argmax(1) for part in logits_of(classifier, pictures)], dim=1)


@torch.no_grad()
def logits_of(classifier: Classifier, pictures: list[Image.Image]) -> list[Tensor]:
    """One (N x values) for each attribute; other sizes are scaled to 128x128."""
    arrays = [
        np.asarray(p.convert("RGB") if p.size == NATIVE else p.convert("RGB").resize(NATIVE))
        for p in pictures
    ]
    batches = [classifier(pixels) for pixels in to_pixels(np.stack(arrays)).split(64)]
    return [torch.cat(parts) for parts in zip(*batches, strict=True)]


def accuracy_on_renders(classifier: Classifier, count: int, seed: int) -> dict[str, float]:
    """Share right of each attribute on `count` renders the classifier has not seen."""
    scenes = fresh_scenes(count, seed)
    pictures = [Image.fromarray(array) for array in render(scenes)]
    right = (read(classifier, pictures) == classes_of(scenes)).float().mean(dim=0)
    return dict(zip(ATTRIBUTES, right.tolist(), strict=True))


def cached_classifier(
    path: Path, seed: int, report: Callable[[dict[str, float]], None]
) -> Classifier:
    """The classifier kept at `path`, trained first (some minutes) when it is not there."""
    classifier = Classifier()
    if path.exists():
        classifier.load_state_dict(load_file(path))
        return classifier.eval()
    classifier = train_classifier(pictures=14_000, steps=1200, seed=seed, report=report)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: t.half().contiguous() for name, t in classifier.state_dict().items()}, path)
    return classifier
