"""A prompt that cannot be read: every problem, the mend, and a button that runs it."""

from __future__ import annotations

import pytest

from bot.mend import Extras, mended_line, refusal
from core.errors import Problem, PromptError
from tests.bot.world import World, labels
from tests.fakes.pictures import redrawn
from tests.fakes.worker import png


async def test_a_prompt_error_has_a_mend_that_runs(easel: World) -> None:
    answer = await easel.imagine("a lighthouse --aspcet 3:2")
    told = answer.response
    assert told.ephemeral
    assert "There is no flag --aspcet. Did you mean --aspect?" in told.content
    assert "```\n/imagine prompt:a lighthouse --aspect 3:2\n```" in told.content
    assert labels(told) == [["Run it mended"]]
    assert await easel.store.history(None) == []

    started = await easel.ada.click(told, label="Run it mended")
    assert not started.response.ephemeral
    assert started.response.content.startswith("**a lighthouse --ar 3:2** - ")
    job = await easel.finish()
    assert job.place.reply_to == 0
    assert started.response.content.endswith("(fast)")


async def test_the_mend_runs_after_a_restart(easel: World) -> None:
    told = (await easel.imagine("a lighthouse --aspcet 3:2")).response
    await easel.restart()
    started = await easel.ada.click(told, label="Run it mended")
    assert started.response.content.startswith("**a lighthouse --ar 3:2** - ")


async def test_the_mend_keeps_the_model_and_the_picture(easel: World) -> None:
    picture = png(8, 8, [[1]])
    told = (
        await easel.imagine("a stamp --aspcet 3:2", model="sdxl", image=("a.png", picture))
    ).response
    assert "/imagine model:sdxl prompt:a stamp --aspect 3:2\n" in told.content
    await easel.ada.click(told, label="Run it mended")
    job = await easel.newest()
    assert (job.request.model, job.request.text) == ("sdxl", "a stamp")
    assert job.request.source is not None
    assert await easel.blobs.get(job.request.source.blob) == redrawn(picture)


async def test_every_problem_is_listed(easel: World) -> None:
    told = (await easel.imagine("a cat --ar 99:1 --steps many --seed -4")).response
    assert told.ephemeral
    assert told.content.count("\n- ") + told.content.startswith("- ") == 3
    assert "/imagine prompt:a cat --ar 99:1 --steps many --seed -4" in told.content


async def test_an_uncertain_mend_has_no_button(easel: World) -> None:
    told = (await easel.imagine("a cat --steps many")).response
    assert labels(told) == []


async def test_an_empty_prompt_is_one_sentence(easel: World) -> None:
    told = (await easel.imagine("  ")).response
    assert told.ephemeral
    assert told.content


async def test_a_very_long_prompt_with_a_mistake_is_told_in_one_message(easel: World) -> None:
    told = (await easel.imagine("lighthouse " * 500 + "--aspcet 3:2")).response
    assert told.ephemeral
    assert "--aspcet" in told.content
    assert len(told.content) <= 2000


@pytest.mark.parametrize(
    "line", ["a cat", "has ``` inside", "`ticks` and **stars**", "umlaut äöü 🎨", "```"]
)
async def test_the_line_is_read_back_as_it_was_written(line: str) -> None:
    error = PromptError((Problem("Wrong."),), typed="x", mended=line)
    content, view = refusal(error, "x", Extras())
    assert view is not None
    assert mended_line(content) == line
    assert content.count("```") == 2


def test_what_came_beside_the_line_is_kept_in_the_button() -> None:
    key = "ab" * 32 + ".png"
    for extras in (Extras(), Extras("sdxl"), Extras("", key), Extras("my-model.v2", key)):
        assert extras.custom_id is not None
        assert Extras.from_custom_id(extras.custom_id) == extras
    assert Extras("m" * 60, key).custom_id is None
    assert Extras.from_custom_id("m9:new:thing:x") is None


async def test_many_problems_are_cut_with_their_number() -> None:
    problems = tuple(Problem(f"Problem number {n} is wrong." * 3) for n in range(60))
    content, _ = refusal(PromptError(problems, typed="x" * 300), "x", Extras())
    assert len(content) <= 2000
    assert " more." in content
    assert "x" * 300 in content
