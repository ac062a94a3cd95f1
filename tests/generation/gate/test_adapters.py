"""A picture drawn with adapters, beside jobs with others, with other weights and with none, is the
one that diffusers draws alone with the same.

A transformer and a UNet are run always; `make gate` runs every family that diffusers has adapters
for, and all that a picture is made from.
"""

# pyright: basic
from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import torch

from core.models import Model
from core.request import Lora
from generation.adapters import Adapters
from generation.faults import UnfitRequestError
from generation.quiet import quiet
from tests.generation.gate.company import difference, in_company
from tests.generation.gate.jobs import Job, numbers
from tests.generation.gate.models import PIPELINES, load
from tests.generation.gate.test_gate import NEAR, ORDERS, WHOLE
from tests.generation.loras import adapter, made_of, save_lora

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore"),
]

SEEN = 100 * NEAR
WEARS: tuple[tuple[tuple[str, float], ...], ...] = (
    (),
    (("a", 1.0),),
    (("b", -0.6),),
    (("a", 1.0),),
    (("a", 0.4), ("b", 1.3)),
    (),
    (("a", 1.0),),
    (("b", 2.0), ("c", 0.5)),
)
"""What the jobs of a company have on, in their order."""

READS = {
    "sd": ("text_encoder",),
    "sd2": ("text_encoder",),
    "sdxl": ("text_encoder", "text_encoder_2"),
    "sd3": ("text_encoder",),
    "flux": ("text_encoder",),
}
"""Encoders that an adapter of the family touches as well."""

WITHOUT = {"kandinsky", "kandinsky-inpaint", "prior"}
"""Families that diffusers loads no adapters for."""

ALWAYS = {("sd", "image"), ("sdxl", "text"), ("flux", "text")}
CASES = [
    (family, mode)
    for family, modes in PIPELINES.items()
    for mode in modes
    if family not in WITHOUT and (WHOLE or (family, mode) in ALWAYS)
]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


def files_for(pipeline: Any, family: str, folder: Path) -> dict[str, Path]:
    """`a` reads texts in its own way too, `b` and `c` are of other ranks."""
    denoiser = "unet" if hasattr(pipeline, "unet") else "transformer"
    parts = {"a": (denoiser, *READS.get(family, ()))}
    return {
        name: save_lora(
            pipeline, folder / f"{family}-{name}", seed, parts.get(name, (denoiser,)), rank=2 + seed
        )
        for seed, name in enumerate("abc")
    }


def drawn_by_diffusers(pipeline: Any, jobs: list[Job], files: dict[str, Path]) -> list[Any]:
    """What each draws alone; nothing of ours has touched the pipeline."""
    bare = [job.draw(job.pipeline(pipeline)) for job in jobs]
    for name, file in files.items():
        with quiet(UserWarning):
            pipeline.load_lora_weights(
                str(file.parent), weight_name=file.name, adapter_name=f"lora-{name}"
            )
    found = []
    for job, without, wears in zip(jobs, bare, WEARS, strict=False):
        if wears:
            pipeline.set_adapters([f"lora-{name}" for name, _ in wears], [w for _, w in wears])
            found.append(job.draw(job.pipeline(pipeline)))
            assert difference(found[-1], without) > SEEN
        else:
            found.append(without)
    return found


@pytest.mark.parametrize(("family", "mode"), CASES)
def test_company_with_other_adapters_changes_no_latents(
    family: str, mode: str, folder: Path
) -> None:
    shared = load(family, mode, folder)
    files = files_for(shared, family, folder / mode)
    jobs = [Job(family, mode, number) for number in range(len(WEARS) if WHOLE else 6)]
    alone = drawn_by_diffusers(load(family, mode, folder), jobs, files)
    parts = [one for one in shared.components.values() if isinstance(one, torch.nn.Module)]
    before = [made_of(part) for part in parts]
    model = Model(name=family, source="", adapters=tuple(adapter(*one) for one in files.items()))
    adapters = Adapters(shared, model)
    with ExitStack() as wardrobe, torch.no_grad():
        worn = [
            wardrobe.enter_context(
                adapters.worn([Lora(*one) for one in wears], lambda function: function())
            )
            if wears
            else None
            for wears in WEARS
        ]
        shares: list[int] = []
        for seed in ORDERS:
            order = numbers(seed, len(jobs))
            drawn, groups = in_company(
                [jobs[number] for number in order], shared, seed, [worn[number] for number in order]
            )
            shares.append(max(groups))
            far = {
                number: difference(one, alone[number])
                for number, one in zip(order, drawn, strict=True)
            }
            assert max(far.values()) <= NEAR, far
        assert max(shares) > 1, "nobody shared a forward"
    assert [made_of(part) for part in parts] == before


@pytest.mark.parametrize("family", sorted(WITHOUT) if WHOLE else ["kandinsky"])
def test_a_family_without_adapters_says_so(family: str, folder: Path) -> None:
    (mode, *_) = PIPELINES[family]
    with pytest.raises(UnfitRequestError, match="takes no adapters"):
        Adapters(load(family, mode, folder), Model(name=family, source=""))
