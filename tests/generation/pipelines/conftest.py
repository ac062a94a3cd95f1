"""Tests with torch, on tiny pipelines with random weights. All of this folder is slow."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from core.events import Ending, Event, ImageReady, Preview, Progress
from core.models import Catalogue
from tests.generation.build import a_task

if TYPE_CHECKING:
    from generation.painter import Painter


THIRD_PARTY = (
    # diffusers' schedulers give tensors to numpy's functions.
    "__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    "__array_wrap__ must accept context and return_scalar:DeprecationWarning",
    # torchsde minds a rounded bound.
    "Should have t:UserWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(300))
            for warning in THIRD_PARTY:
                item.add_marker(pytest.mark.filterwarnings(f"ignore:{warning}"))


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import diffusers  # noqa: F401
    import torch

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Saved pipelines by name: `sd` (KL autoencoder), `small` (tiny autoencoder), `xl`,
    `flux`, `sd2` (predicts velocity), `sd3`."""
    from tests.generation import tiny

    home = tmp_path_factory.mktemp("models")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "sd": tiny.save_sd(home / "sd"),
            "small": tiny.save_sd(home / "small", tiny=True),
            "xl": tiny.save_sdxl(home / "xl"),
            "flux": tiny.save_flux(home / "flux"),
            "sd2": tiny.save_sd(home / "sd2", prediction_type="v_prediction"),
            "sd3": tiny.save_sd3(home / "sd3"),
        }


def catalogue(folders: dict[str, Path]) -> Catalogue:
    tables = [f'[{name}]\nsource = "{folder}"\n' for name, folder in folders.items()]
    return Catalogue.parse("\n".join(tables))


@pytest.fixture(scope="session")
def painter(folders: dict[str, Path]) -> Painter:
    from generation.painter import Painter

    return Painter(catalogue(folders), device="cpu", preview_every=2)


@pytest.fixture
def shape(tmp_path: Path) -> str:
    """The path of a picture of 64 pixels a side that is dark in the middle."""
    path = tmp_path / "shape.png"
    Image.radial_gradient("L").convert("RGB").resize((64, 64)).save(path)
    return str(path)


@dataclass
class Made:
    """What came of a task."""

    ending: Ending
    events: list[Event] = field(default_factory=list[Event])

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def pictures(self) -> list[Image.Image]:
        return [Image.open(event.path).convert("RGB") for event in self.of(ImageReady)]

    @property
    def pixels(self) -> list[bytes]:
        return [picture.tobytes() for picture in self.pictures]

    @property
    def steps(self) -> list[int]:
        return [event.step for event in self.of(Progress)]

    @property
    def previews(self) -> list[Path]:
        return [Path(event.path) for event in self.of(Preview)]


Make = Callable[..., Made]


@pytest.fixture
def make(painter: Painter, tmp_path: Path) -> Make:
    """Makes a task: `make("a cat", model="sd", steps=4)`. `listen` is called with every event, and
    `halt` cancels it."""
    count = 0

    def run(
        text: str = "a cat",
        *,
        listen: Callable[[Event], None] = lambda event: None,
        halt: threading.Event | None = None,
        by: Painter | None = None,
        **changes: Any,
    ) -> Made:
        nonlocal count
        count += 1
        task = a_task(tmp_path, text, f"j{count}", **({"model": "sd"} | changes))
        events: list[Event] = []

        def send(event: Event) -> None:
            events.append(event)
            listen(event)

        return Made((by or painter).make(task, send, halt or threading.Event()), events)

    return run


def furthest(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of two pictures in any pixel and channel, 0..255."""
    from PIL import ImageChops

    return max(high for _, high in ImageChops.difference(one, other).getextrema())
