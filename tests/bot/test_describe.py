"""/describe, as the members see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.options import Options
from bot.suggestions import listed
from core.errors import EngineError
from core.events import Answer, Ask, Inquiry
from core.request import Request
from core.sentences import say
from generation.images import encode_png
from generation.provenance import chunks, read_record
from tests.bot.town import Town, told
from tests.bot.world import custom_ids, labels
from tests.builders import request
from tests.fakes.worker import png

PLAIN = png(48, 32, [[1]])


async def read(data: bytes) -> tuple[Request, int] | None:
    return read_record(data)


def with_record(**changes: Any) -> bytes:
    made = request("a red fox in snow", aspect=(3, 2), width=152, height=104, **changes)
    return encode_png(Image.new("RGB", (8, 8)), chunks(made, 2))


class Eyes:
    """Sees something else every time."""

    def __init__(self) -> None:
        self.looked: list[Ask] = []
        self.error: EngineError | None = None

    async def __call__(self, question: Ask) -> Answer:
        if self.error is not None:
            raise self.error
        if question.inquiry is Inquiry.WORTH:
            return Answer(id=question.id, numbers=tuple(map(float, range(1, len(question.texts)))))
        self.looked.append(question)
        seen = [f"a cat, number {n}, picture {len(self.looked)}" for n in range(1, 5)]
        note = say("A model looked at the picture and guessed; it cannot know how it was made.")
        return Answer(id=question.id, texts=tuple(seen), note=note, varies=True)


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
def world(tmp_path: Path, eyes: Eyes) -> Town:
    town = Town(tmp_path)
    town.options = Options(ask=eyes, read_record=read)
    return town


async def describe(town: Town, **options: Any) -> Any:
    return await town.ada.slash(town.channel, "describe", **options)


async def test_easels_own_picture_says_how_it_was_made(town: Town, eyes: Eyes) -> None:
    answer = await describe(town, image=("mine.png", with_record()))
    assert answer.ephemeral
    lines = listed(answer.response.content)
    seed = request().image_seed(1)
    assert lines == {
        1: "a red fox in snow --ar 3:2 --model postcard",
        2: "a red fox in snow",
        3: f"a red fox in snow --ar 3:2 --seed {seed} --n 1 --model postcard",
        4: "fox in snow --ar 3:2 --model postcard",
    }
    assert "own record" in answer.response.content
    assert labels(answer.response) == [["1", "2", "3", "4"], ["Imagine all"]]
    assert eyes.looked == []
    form = await town.ada.click(answer.response, label="3")
    await town.ada.submit_modal(form, {"prompt": lines[3]})
    made = (await town.newest()).request
    assert (made.seed, made.count, made.aspect) == (seed, 1, (3, 2))


async def test_all_are_made_after_a_question_with_their_cost(town: Town) -> None:
    answer = await describe(town, image=("mine.png", PLAIN))
    await town.restart()
    question = (await town.ada.click(answer.response, label="Imagine all")).response
    assert question is not None
    assert question.content.startswith("That makes **4 jobs** with 16 pictures")
    assert list(await town.store.history(None)) == []
    await town.ada.click(question, label="Make 4")
    texts = [job.request.text for job in await town.store.history(None)]
    assert sorted(texts) == [f"a cat, number {n}, picture 1" for n in range(1, 5)]


async def test_another_picture_is_looked_at_and_again(
    town: Town, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def as_it_is(data: bytes) -> bytes:
        return data

    monkeypatch.setattr(town.bot.desk.studio.pictures, "_redraw", as_it_is)
    answer = await describe(town, image=("mine.png", PLAIN))
    assert listed(answer.response.content)[1] == "a cat, number 1, picture 1 --ar 3:2"
    assert "guessed" in answer.response.content
    assert labels(answer.response) == [["1", "2", "3", "4"], ["Imagine all", "Describe again"]]
    assert Path(eyes.looked[0].picture).read_bytes() == PLAIN
    assert all(len(id) <= 100 for id in custom_ids(answer.response))
    await town.restart()
    await town.ada.click(answer.response, label="Describe again")
    assert listed(answer.response.content)[1] == "a cat, number 1, picture 2 --ar 3:2"


async def test_a_link_is_as_good(town: Town, eyes: Eyes) -> None:
    town.net.files["https://example.org/cat.png"] = PLAIN
    answer = await describe(town, link="<https://example.org/cat.png>")
    assert len(listed(answer.response.content)) == 4
    assert len(eyes.looked) == 1


async def test_one_sentence_for_what_cannot_be_described(town: Town, eyes: Eyes) -> None:
    assert told(await describe(town)) == "Give one picture, as a file or as a link."
    refused = await describe(town, image=("a.txt", b"no picture"))
    assert refused.ephemeral
    assert "```" not in told(refused)
    eyes.error = EngineError("Nobody can look.")
    assert told(await describe(town, image=("a.png", PLAIN))) == "Nobody can look."
    assert list(await town.store.ledger()) == []


async def test_a_picture_that_is_no_longer_kept_is_asked_for(town: Town) -> None:
    answer = await describe(town, image=("mine.png", PLAIN))
    for folder in await town.blobs.folders():
        for key in await town.blobs.older(folder, 4e9):
            assert await town.blobs.remove(key, 4e9)
    late = await town.ada.click(answer.response, label="Describe again")
    assert "no longer kept" in told(late)


async def test_a_forged_record_is_only_a_picture(town: Town, eyes: Eyes) -> None:
    forged = with_record(steps=10**9, sampler="no such thing")
    answer = await describe(town, image=("mine.png", forged))
    assert answer.ephemeral
    assert listed(answer.response.content)[1] == "a cat, number 1, picture 1"
    assert len(eyes.looked) == 1
