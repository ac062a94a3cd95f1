"""Questions to a model: what a word changes, asked on every family."""

from __future__ import annotations

import threading

import pytest

from core.events import Ask, Finished, Inquiry, Progress
from core.shortening import normalised, without, words_of
from generation.painter import Painter
from tests.builders import request as postcard_request
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Make


def a_question(text: str, *others: str, model: str = "sd", **changes: object) -> Ask:
    made = a_request(text, model=model, **changes)
    return Ask(id="q", inquiry=Inquiry.WORTH, request=made, texts=(text, *others))


@pytest.mark.parametrize("model", ["sd", "small", "xl", "flux", "sd2", "sd3"])
def test_every_family_answers_and_the_same_text_changes_nothing(painter: Painter, model: str):
    answer = painter.answer(a_question("a cat", "a cat", "a dog on ice", model=model), 60)
    assert answer.sentence == ""
    assert answer.numbers[0] == 0
    assert answer.numbers[1] > 0


def test_weights_and_emphasis_are_heard(painter: Painter):
    answer = painter.answer(a_question("a cat", "a (cat:1.5)", "a cat::2 dog", "a cat::2"), 60)
    emphasis, parts, alone = answer.numbers
    assert emphasis > 0
    assert parts > 0
    assert alone == 0


def test_a_task_goes_on_beside_a_question(painter: Painter, make: Make):
    asked: list[tuple[float, ...]] = []

    def ask(event: object) -> None:
        if isinstance(event, Progress) and event.step == 2:
            asked.append(painter.answer(a_question("a cat", "a dog"), 60).numbers)

    made = make(steps=4, listen=ask)
    assert isinstance(made.ending, Finished)
    assert made.pixels == make(steps=4).pixels
    (numbers,) = asked
    assert numbers == painter.answer(a_question("a cat", "a dog"), 60).numbers


def test_what_cannot_be_answered_is_a_sentence(painter: Painter):
    assert "nobody" in painter.answer(a_question("a cat", model="nobody"), 60).sentence
    deep = painter.answer(a_question("a cat", "a dog", clip_skip=9), 60)
    assert "--clip-skip" in deep.sentence
    assert deep.numbers == ()


def test_a_question_whose_time_is_up_is_given_up(painter: Painter, monkeypatch: pytest.MonkeyPatch):
    rung = threading.Event()

    class Bell(threading.Timer):
        def start(self) -> None:
            self.function()
            rung.set()

    monkeypatch.setattr(threading, "Timer", Bell)
    answer = painter.answer(a_question("a cat", "a dog"), 60)
    assert rung.is_set()
    assert "took too long" in answer.sentence


def test_the_embedded_model_knows_what_matters():
    """Filler words change next to nothing, a style or a time of day very much."""
    from core.models import Catalogue

    painter = Painter(Catalogue.parse(""), device="cpu")
    try:
        text = "a very beautiful balloon at night, in the rain, watercolour, masterpiece"
        words = words_of(text)
        texts = (text, *(without(text, [word]) for word in words))
        question = Ask(id="q", inquiry=Inquiry.WORTH, request=postcard_request(text), texts=texts)
        numbers = painter.answer(question, 60).numbers
    finally:
        painter.close()
    share = dict(zip((word.text for word in words), normalised(numbers), strict=True))
    for filler in ("a", "very", "beautiful", "at", "in", "the", "masterpiece"):
        for matters in ("balloon", "night", "rain", "watercolour"):
            assert share[filler] < share[matters]
