"""Advice on prompts: what is asked of a worker, and who may ask."""

from __future__ import annotations

import random

import pytest

from core.advice import ASKED, ASKED_SECONDS, Advice, Weighed, nobody_answers
from core.compose import Limits
from core.errors import BannedError, EngineError, PromptError, RefusedError
from core.events import Answer, Ask, Inquiry
from core.models import PRESETS, Catalogue
from core.orders import Orders
from tests.builders import ADA, BO, FakeClock, actor, request
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.memory_wishes import MemoryWishes


class Office:
    """Somebody who asks, and a worker whose every word is worth its number."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.wishes = MemoryWishes()
        self.asked: list[Ask] = []
        self.short = 0
        rules = MemoryJobStore().rules
        self.book = rules
        self.texts: tuple[str, ...] = ()
        self.orders = Orders(Catalogue(PRESETS), Limits(), random.Random(1), rules, self.wishes)
        self.advice = Advice(self.orders, self.answer, self.clock)

    async def answer(self, question: Ask) -> Answer:
        self.asked.append(question)
        if question.inquiry is Inquiry.CAPTION:
            return Answer(id=question.id, texts=self.texts, varies=True)
        count = len(question.texts) - 1 - self.short
        return Answer(id=question.id, numbers=tuple(float(n) for n in range(1, count + 1)))


@pytest.fixture
def office() -> Office:
    return Office()


async def test_every_word_is_left_out_once_on_the_model_that_was_asked_for(office: Office):
    weighed, model = await office.advice.weigh("a red fox --model sdxl --seed 5", actor())
    assert model == "sdxl"
    assert weighed.worth == (1 / 3, 2 / 3, 1.0)
    (asked,) = office.asked
    assert asked.inquiry is Inquiry.WORTH
    assert asked.texts == ("a red fox", "red fox", "a fox", "a red")
    assert asked.request is not None
    assert (asked.request.model, asked.request.seed) == ("sdxl", 5)
    assert weighed.shorter == ["red fox --model sdxl --seed 5", "fox --model sdxl --seed 5"]
    assert Weighed.read(weighed.line, weighed.worth) == weighed


async def test_a_members_own_options_are_read_and_their_suffix_is_not_written(office: Office):
    await office.wishes.change(
        ADA.id, lambda p: p.with_option("mine", "at night").with_suffix("--chaos 5")
    )
    weighed, _ = await office.advice.weigh("a red fox --mine", actor())
    assert weighed.line == "a red fox at night"
    asked = office.asked[0].request
    assert asked is not None
    assert asked.chaos == 5


async def test_what_cannot_be_weighed_is_refused_before_anybody_is_asked(office: Office):
    for line, error in {
        "a fox --ar x": PromptError,
        "a {red, blue} fox": RefusedError,
        "a fox --repeat 2": RefusedError,
        "fox": RefusedError,
    }.items():
        with pytest.raises(error):
            await office.advice.weigh(line, actor())
    await office.book.ban(actor().server_id, ADA.id, by=BO, now=0)
    with pytest.raises(BannedError):
        await office.advice.weigh("a red fox", actor())
    assert office.asked == []


async def test_only_so_often(office: Office):
    for _ in range(ASKED):
        await office.advice.weigh("a red fox", actor())
    with pytest.raises(RefusedError, match="Ask again in 60 s"):
        await office.advice.weigh("a red fox", actor())
    await office.advice.weigh("a red fox", actor(BO))
    office.clock.advance(ASKED_SECONDS)
    await office.advice.weigh("a red fox", actor())


async def test_an_answer_to_something_else_is_none(office: Office):
    office.short = 1
    with pytest.raises(EngineError):
        await office.advice.weigh("a red fox", actor())
    with pytest.raises(EngineError, match="is not there"):
        await nobody_answers(office.asked[0])


def test_numbers_of_other_words_are_none_of_these() -> None:
    with pytest.raises(ValueError, match="each word"):
        Weighed.read("a red fox", (1.0, 0.5))


async def test_a_record_gives_a_shorter_prompt_too(office: Office):
    made = request("a very red fox in snow", seed_typed=True)
    customs = await office.advice.begin(actor())
    lines = await office.advice.of_record(made, 2, PRESETS[0], customs, actor())
    assert lines[:2] == ["a very red fox in snow --model postcard", "a very red fox in snow"]
    assert lines[2].endswith(f"--seed {made.image_seed(1)} --n 1 --model postcard")
    assert lines[3] == "fox in snow --model postcard"


async def test_without_a_worker_a_record_still_speaks(office: Office):
    office.advice = Advice(office.orders, nobody_answers, office.clock)
    customs = await office.advice.begin(actor())
    lines = await office.advice.of_record(request(), 1, PRESETS[0], customs, actor())
    assert lines[0] == "a red lighthouse --model postcard"
    assert len(lines) == 3


async def test_a_record_that_nobody_could_have_made_gives_nothing(office: Office):
    customs = await office.advice.begin(actor())
    for made in (request("fox " * 3000), request(""), request("x", aspect=(0, 5))):
        assert await office.advice.of_record(made, 1, PRESETS[0], customs, actor()) == []


async def test_a_picture_is_described_by_whoever_can(office: Office):
    office.texts = ("A cat.", "a cat", "a dog")
    found = await office.advice.of_picture("/p.png", (300, 200), actor())
    assert found.lines == ("A cat --ar 3:2", "a cat --ar 3:2", "a dog --ar 3:2")
    assert found.varies
    assert office.asked[0].picture == "/p.png"
    office.texts = ()
    with pytest.raises(EngineError, match="no words"):
        await office.advice.of_picture("/p.png", (300, 200), actor())


async def test_describing_counts_as_asking(office: Office):
    for _ in range(ASKED):
        await office.advice.begin(actor())
    with pytest.raises(RefusedError, match="Ask again"):
        await office.advice.begin(actor())
