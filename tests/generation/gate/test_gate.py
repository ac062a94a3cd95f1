"""A picture made in company is the picture that the plain pipeline makes alone.

Every family, and all that a picture is made from, with jobs that differ in steps, words, guidance,
samplers and number of pictures, and come and go in an order drawn by lot. A few are run always;
`make gate` runs them all.
"""

# pyright: basic
from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from generation import answers, grouping
from generation.batching import Setting
from tests.generation.gate.company import difference, in_company, psnr
from tests.generation.gate.jobs import Job, numbers
from tests.generation.gate.models import PIPELINES, load

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    # Of the libraries under a pipeline, about each other.
    pytest.mark.filterwarnings("ignore"),
]

WHOLE = os.environ.get("EASEL_TEST_GATE", "") not in ("", "0")
JOBS = 8 if WHOLE else 4
ORDERS = range(int(os.environ.get("EASEL_TEST_ORDERS", 5)) if WHOLE else 1)
NEAR = 1e-5
SAME_TO_THE_EYE = 40.0
"""Decibels."""
ALWAYS = {
    ("sd", "image"),
    ("sd", "control"),
    ("sdxl", "text"),
    ("sd3-inpaint", "inpaint"),
    ("sdxl-fill", "inpaint"),
    ("flux-fill", "inpaint"),
    ("flux", "image"),
    ("klein", "text"),
    ("z-image", "text"),
    ("qwen", "text"),
    ("sana", "text"),
    ("kandinsky", "text"),
}
HALVES = [("sd", "text"), ("flux", "text"), ("kandinsky", "text")]
CASES = [
    (family, mode)
    for family, modes in PIPELINES.items()
    for mode in modes
    if WHOLE or (family, mode) in ALWAYS
]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gate")


@pytest.mark.parametrize(("family", "mode"), CASES)
def test_company_changes_no_latents(family: str, mode: str, folder: Path) -> None:
    shared = load(family, mode, folder)
    jobs = [Job(family, mode, number) for number in range(JOBS)]
    alone = [job.draw(job.pipeline(shared)) for job in jobs]
    for seed in ORDERS:
        order = numbers(seed, JOBS)
        drawn, groups = in_company([jobs[number] for number in order], shared, seed)
        assert max(groups) > 1, "nobody shared a forward"
        far = {
            number: difference(one, alone[number]) for number, one in zip(order, drawn, strict=True)
        }
        assert max(far.values()) <= NEAR, far


@pytest.mark.parametrize(("family", "mode"), CASES if WHOLE else HALVES)
def test_company_changes_no_picture_in_half_precision(family: str, mode: str, folder: Path) -> None:
    if family == "prior":
        pytest.skip("it makes no pictures")
    shared = load(family, mode, folder, torch.bfloat16)
    jobs = [Job(family, mode, number, output="pt") for number in range(JOBS)]
    alone = [job.draw(job.pipeline(shared)) for job in jobs]
    drawn, groups = in_company(jobs, shared, seed=1)
    assert max(groups) > 1
    near = [psnr(one, other) for one, other in zip(drawn, alone, strict=True)]
    assert min(near) >= SAME_TO_THE_EYE, near


def test_jobs_with_other_adapters_do_not_draw_with_each_others(folder: Path) -> None:
    shared = load("sd", "text", folder)
    jobs = [Job("sd", "text", number) for number in range(6)]
    settings = [adapter(shared.unet, name) for name in (None, "a", "b", "a", None, "b")]
    alone = []
    for job, setting in zip(jobs, settings, strict=True):
        if setting is not None:
            setting.enter()
        alone.append(job.draw(job.pipeline(shared)))
        if setting is not None:
            setting.leave()
    bare = [job.draw(job.pipeline(shared)) for job in jobs]
    drawn, groups = in_company(jobs, shared, 3, settings)
    assert max(groups) > 1
    for one, own, without, setting in zip(drawn, alone, bare, settings, strict=True):
        assert difference(one, own) <= NEAR
        assert setting is None or difference(one, without) > 1000 * NEAR


def adapter(unet: Any, name: str | None) -> Setting | None:
    """Low-rank changes to what attention asks for, as LoRA makes them."""
    if name is None:
        return None
    handles: list[Any] = []

    def enter() -> None:
        lot = torch.Generator().manual_seed(ord(name))
        for path, part in unet.named_modules():
            if path.endswith("to_q"):
                down = torch.randn(4, part.in_features, generator=lot) / 4
                up = torch.randn(part.out_features, 4, generator=lot) / 4
                change = partial(_changed, down=down, up=up)
                handles.append(part.register_forward_hook(change))

    def leave() -> None:
        while handles:
            handles.pop().remove()

    return Setting(name, enter, leave)


def _changed(
    _: Any, given: tuple[torch.Tensor], out: torch.Tensor, *, down: torch.Tensor, up: torch.Tensor
) -> torch.Tensor:
    return out + given[0] @ down.T @ up.T


# Whether the gate would notice


def _turned(cut: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def turned(answer: Any, counts: list[int], *, lists: bool) -> list[Any]:
        parts = cut(answer, counts, lists=lists)
        same = len(set(counts)) == 1
        return parts[::-1] if same else parts

    return turned


def _one_time(merged: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def with_one(calls: Any) -> dict[str, Any]:
        found = merged(calls)
        return found | {"timestep": found["timestep"][:1].expand(len(found["timestep"]))}

    return with_one


@pytest.mark.parametrize("mistake", ["rows go to others", "all have one time"])
def test_the_gate_notices(mistake: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from generation import forwards

    shared = load("sdxl", "text", folder)
    jobs = [Job("sdxl", "text", number) for number in (0, 3, 4, 7)]
    alone = [job.draw(job.pipeline(shared)) for job in jobs]
    if mistake == "rows go to others":
        monkeypatch.setattr(forwards, "cut", _turned(answers.cut))
    else:
        original = grouping.merged
        monkeypatch.setattr(
            forwards,
            "merged",
            lambda calls: (
                _one_time(original)(calls)
                if calls[0].key.size.name.startswith("UNet")
                else original(calls)
            ),
        )

    def difference_in(seed: int) -> float:
        drawn, _ = in_company(jobs, shared, seed=seed)
        return max(map(difference, drawn, alone))

    # On a busy machine the threads may come so far apart that none has company at another time.
    assert any(difference_in(seed) > 100 * NEAR for seed in range(1, 6))
