"""/blend, as the members see it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.options import Options
from core.request import Request
from tests.bot.town import Town, told
from tests.builders import request
from tests.fakes.pictures import redrawn
from tests.fakes.worker import png

ONE, TWO, MIXTURE = (png(8, 8, [[seed]]) for seed in (1, 2, 3))


class Mixer:
    def __init__(self) -> None:
        self.mixed: list[tuple[list[bytes], int, int]] = []

    async def __call__(self, pictures: Sequence[bytes], width: int, height: int) -> bytes:
        self.mixed.append((list(pictures), width, height))
        return MIXTURE


async def read(data: bytes) -> tuple[Request, int] | None:
    return (request("a red fox"), 1) if data == ONE else None


@pytest.fixture
def mixer() -> Mixer:
    return Mixer()


@pytest.fixture
def world(tmp_path: Path, mixer: Mixer) -> Town:
    town = Town(tmp_path)
    town.options = Options(read_record=read, mix=mixer)
    return town


async def blend(town: Town, **options: Any) -> Any:
    pictures = {"image1": ("a.png", ONE), "image2": ("b.png", TWO)}
    return await town.ada.slash(town.channel, "blend", **pictures, **options)


async def test_two_pictures_are_made_one(town: Town, mixer: Mixer) -> None:
    answer = await blend(town, dimensions="landscape")
    assert answer.response.content.startswith("**a red fox --ar 3:2 --strength 0.35")
    made = (await town.newest()).request
    assert mixer.mixed == [([ONE, TWO], made.width, made.height)]
    assert made.width > made.height
    assert made.source is not None
    assert await town.blobs.get(made.source.blob) == redrawn(MIXTURE)
    assert made.source.strength == 0.35
    assert len(await town.store.ledger()) == 1
    await town.finish()
    assert len(town.last().attachments) == 1


async def test_up_to_five_are(town: Town, mixer: Mixer) -> None:
    await blend(town, image3=("c.png", TWO), image4=("d.png", TWO), image5=("e.png", TWO))
    ((pictures, width, height),) = mixer.mixed
    assert len(pictures) == 5
    assert width == height


async def test_whoever_is_shut_out_blends_nothing(town: Town, mixer: Mixer) -> None:
    await town.boss_does("server ban", person=town.ada)
    assert (await blend(town)).ephemeral
    assert mixer.mixed == []


async def test_without_a_mixer_one_sentence_says_so(town: Town) -> None:
    town.options = Options()
    await town.restart()
    assert told(await blend(town)) == "Pictures cannot be mixed here."
