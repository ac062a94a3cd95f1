"""/shorten, as the members see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.options import Options
from bot.suggestions import block, details_id, listed, worth_of
from core.advice import ASKED
from core.errors import EngineError
from core.events import Answer, Ask
from tests.bot.town import Town, told
from tests.bot.world import labels

LINE = "a (red fox:1.3), jumping over a lazy dog --ar 3:2 --no people"


class Oracle:
    """A word is worth its length, but for the first letter."""

    def __init__(self) -> None:
        self.asked: list[Ask] = []
        self.error: EngineError | None = None

    async def __call__(self, question: Ask) -> Answer:
        self.asked.append(question)
        if self.error is not None:
            raise self.error
        first, *others = question.texts
        return Answer(id=question.id, numbers=tuple(len(first) - len(one) - 2.0 for one in others))


@pytest.fixture
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture
def world(tmp_path: Path, oracle: Oracle) -> Town:
    town = Town(tmp_path)
    town.options = Options(ask=oracle)
    return town


async def shorten(town: Town, line: str = LINE, who: Any = None) -> Any:
    return await (who or town.ada).slash(town.channel, "shorten", prompt=line)


async def test_a_member_sees_which_words_matter_and_makes_a_shorter_prompt(
    town: Town, oracle: Oracle
) -> None:
    answer = await shorten(town)
    assert answer.ephemeral
    first, *_ = answer.response.content.split("\n")
    assert first == "~~a~~ (red fox:1.3), **jumping** **over** ~~a~~ **lazy** dog"
    (asked,) = oracle.asked
    assert asked.request is not None
    assert asked.request.text == "a (red fox:1.3), jumping over a lazy dog"
    assert asked.texts[4] == "a (red fox:1.3), over a lazy dog"
    prompts = listed(answer.response.content)
    assert prompts[0] == "a (red fox:1.3), jumping over a lazy dog --no people --ar 3:2"
    assert prompts[5] == "jumping --no people --ar 3:2"
    assert labels(answer.response) == [["1", "2", "3", "4", "5"], ["Show details"]]

    form = await town.ada.click(answer.response, label="5")
    assert form.modal is not None
    assert form.modal["title"] == "Make this picture"
    made = await town.ada.submit_modal(form, {"prompt": "jumping high --ar 3:2"})
    assert made.response.content.startswith("**jumping high --ar 3:2** - ")
    job = await town.newest()
    assert job.request.aspect == (3, 2)
    assert job.owner.id == town.ada.id


async def test_the_buttons_work_after_a_restart_and_nothing_is_asked_again(
    town: Town, oracle: Oracle
) -> None:
    answer = await shorten(town)
    await town.restart()
    await town.ada.click(answer.response, label="Show details")
    details = answer.response.content
    assert "beside the weightiest: jumping 1.00 · " in details
    assert details.endswith("\n```")
    assert listed(details) == listed(answer.response.content)
    assert labels(answer.response) == [["1", "2", "3", "4", "5"]]
    form = await town.ada.click(answer.response, label="1")
    await town.restart()
    made = await town.ada.submit_modal(form, {"prompt": listed(details)[1]})
    assert "waiting" in made.response.content
    assert len(oracle.asked) == 1


async def test_a_prompt_that_cannot_be_made_is_told_why(town: Town, oracle: Oracle) -> None:
    for line, said in {
        "a fox --aspcet 3:2": "There is no flag --aspcet.",
        "a {red, blue} fox": "One prompt is looked at, at a time",
        "fox --ar 3:2": "There is nothing to leave out",
    }.items():
        answer = await shorten(town, line)
        assert answer.ephemeral
        assert said in told(answer)
    assert oracle.asked == []


async def test_without_an_answer_one_sentence_says_so(town: Town, oracle: Oracle) -> None:
    oracle.error = EngineError("It is asleep.")
    assert told(await shorten(town)) == "It is asleep."
    assert list(await town.store.ledger()) == []


async def test_nobody_keeps_the_device_busy_with_it(town: Town, oracle: Oracle) -> None:
    for _ in range(ASKED):
        await shorten(town)
    assert "Ask again in" in told(await shorten(town))
    await shorten(town, who=town.bo)
    await town.env.advance_time(61)
    await shorten(town)
    assert len(oracle.asked) == ASKED + 2


async def test_whoever_is_shut_out_is_given_no_advice(town: Town, oracle: Oracle) -> None:
    await town.boss_does("server ban", person=town.ada)
    assert (await shorten(town)).ephemeral
    assert oracle.asked == []


@pytest.mark.parametrize(
    "line",
    ["@everyone <@&1> look at `this` **bold**", "``` a fence", "word " * 900, "🎨x " * 600],
)
async def test_any_words_are_shown_safely_and_within_a_message(town: Town, line: str) -> None:
    answer = await shorten(town, line)
    content = answer.response.content
    assert len(content) <= 2000
    outside = content.split("```")[0]
    assert "@everyone" not in outside
    assert "<@&" not in outside.replace("\\<", "")
    assert content.count("```") in (0, 2)
    for label in [each for row in labels(answer.response) for each in row if each.isdigit()]:
        assert (await town.ada.click(answer.response, label=label)).modal is not None


async def test_a_button_of_another_version_is_answered(town: Town) -> None:
    for id in ("a1:9", "a1:more:0", "a2:1", "a1:more:!"):
        said = await town.press_id(town.ada, id)
        assert said == "This button is from another version of Easel; use /imagine again."


def test_lines_are_read_from_their_block() -> None:
    lines = ["a ``` b", "2. c", "d --ar 3:2"]
    assert listed("1. not this\n" + block(lines)) == dict(enumerate(lines, 1))
    assert listed(block(lines, first="zero")) == dict(enumerate(["zero", *lines]))
    assert list(listed(block(lines, room=30))) == [1, 2]
    assert block(lines, first="x" * 50, room=30) == ""
    assert listed("nothing") == {}


def test_numbers_are_kept_in_an_id() -> None:
    worth = tuple(number / 31 for number in range(32))
    id = details_id(worth)
    assert len(id) <= 100
    kept = worth_of(id)
    assert kept is not None
    assert max(abs(a - b) for a, b in zip(worth, kept, strict=True)) < 0.01
