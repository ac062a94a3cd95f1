"""Pictures from the shell, by the embedded model in the real worker: the shell's own, which takes
long to start, or that of a server that runs on the same data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.request import Request
from generation.provenance import read_record
from tests.end_to_end.conftest import Served, whole_easel

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def imagine(folder: Path, *words: str) -> dict[str, Any]:
    async with whole_easel(folder, *words, "--json") as program:
        assert await program.ended() == 0, program.said
    return json.loads(program.lines[-1])


def pixels(folder: Path, path: str) -> np.ndarray:
    with Image.open(folder / path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


async def test_the_same_prompt_and_seed_give_the_same_pixels_and_another_seed_others(
    tmp_path: Path, served: Served
) -> None:
    line = "a red lighthouse at sunset --ar 3:2 --seed 7"
    first = await imagine(tmp_path, "imagine", line)
    again = await imagine(served.folder, "imagine", line)
    other = await imagine(served.folder, "imagine", line.replace("7", "8"))
    assert abs(first["width"] - 1.5 * first["height"]) < 8
    for number in range(4):
        mine = pixels(tmp_path, first["images"][number])
        assert mine.shape == (first["height"], first["width"], 3)
        assert np.array_equal(mine, pixels(served.folder, again["images"][number]))
        assert np.abs(mine - pixels(served.folder, other["images"][number])).mean() > 2
    pictures = [pixels(tmp_path, image) for image in first["images"]]
    assert all(np.abs(pictures[0] - picture).mean() > 2 for picture in pictures[1:])


async def test_a_picture_says_how_it_was_made_and_nothing_of_who(served: Served) -> None:
    made = await imagine(served.folder, "imagine", "a blue boat --no moon --seed 3 --steps 8 --n 2")
    data = (served.folder / made["images"][1]).read_bytes()
    with Image.open(served.folder / made["images"][1]) as picture:
        text = picture.info["parameters"]
    assert text.startswith("a blue boat\nNegative prompt: moon\nSteps: 8, ")
    record = read_record(data)
    assert record is not None
    request, number = record
    assert isinstance(request, Request)
    assert (request.seed, request.steps, number) == (3, 8, 2)


async def test_a_variation_keeps_the_layout_of_its_picture(served: Served) -> None:
    grid = await imagine(served.folder, "imagine", "a red house in the snow --seed 5")
    varied = await imagine(served.folder, "press", grid["job"], "V2")
    source = pixels(served.folder, grid["images"][1])
    stranger = pixels(served.folder, grid["images"][0])
    for image in varied["images"]:
        near = np.abs(pixels(served.folder, image) - source).mean()
        assert 0.5 < near < np.abs(stranger - source).mean()


async def test_a_model_folder_that_is_broken_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text('[mine]\nsource = "./broken"\n')
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model_index.json").write_text("{not json")
    async with whole_easel(tmp_path, "imagine", "a boat") as program:
        assert await program.ended() == 1
    said = [line for line in program.lines if line.startswith("easel: ")]
    assert len(said) == 1
    assert "mine" in said[0]
