"""Questions to the workers, beside their tasks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.errors import EngineError
from core.events import Ask, Finished, Inquiry, Started
from generation.engines import questions
from tests.generation.build import a_request, a_task
from tests.generation.engines.test_subprocess import Make, ending_of


def a_question(text: str = "a red fox", seconds: float = 60) -> Ask:
    texts = (text, text[:-3], text[:-5])
    return Ask(
        id="q1", inquiry=Inquiry.WORTH, request=a_request(text), texts=texts, seconds=seconds
    )


async def test_an_idle_worker_answers(engine: Make):
    subject = engine()
    async with subject.running():
        # Nobody has said yet that it is ready: the question waits for that.
        assert (await subject.ask(a_question())).numbers == (3.0, 5.0)
        assert (await subject.ask(a_question())).numbers == (3.0, 5.0)


async def test_a_busy_worker_answers_and_goes_on(engine: Make, tmp_path: Path):
    subject = engine("--step-ms", "5", "--steps", "40")
    async with subject.running():
        run = subject.run(a_task(tmp_path))
        assert isinstance(await anext(run), Started)
        assert (await subject.ask(a_question())).numbers == (3.0, 5.0)
        assert isinstance([event async for event in run][-1], Finished)


async def test_why_there_is_no_answer_is_told_in_its_sentence(engine: Make):
    subject = engine()
    async with subject.running():
        with pytest.raises(EngineError, match="No answer, as asked"):
            await subject.ask(a_question("a fox [error]"))


async def test_a_worker_that_dies_leaves_the_question_and_the_next_answers(engine: Make):
    subject = engine()
    async with subject.running():
        with pytest.raises(EngineError, match="stopped while it looked"):
            await subject.ask(a_question("a fox [crash]"))
        assert (await subject.ask(a_question())).numbers == (3.0, 5.0)


async def test_silence_is_not_waited_for_for_ever(engine: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(questions, "SLACK_SECONDS", 0.05)
    subject = engine()
    async with subject.running():
        await subject.ask(a_question())
        with pytest.raises(EngineError, match="too busy"):
            await subject.ask(a_question("a fox [mute]", seconds=0.05))
        # The late answer, were there one, would be nobody's: the next question has its own.
        assert (await subject.ask(a_question())).numbers == (3.0, 5.0)


async def test_an_engine_that_does_not_run_is_not_there(engine: Make, tmp_path: Path):
    subject = engine("--exit-at-start", "3")
    with pytest.raises(EngineError, match="is not there"):
        await subject.ask(a_question())
    async with subject.running():
        # One that was asked when there was hope yet is told as soon as there is none.
        with pytest.raises(EngineError, match="is not there"):
            await subject.ask(a_question())
        await ending_of(subject, a_task(tmp_path))
        with pytest.raises(EngineError, match="is not there"):
            await subject.ask(a_question())


async def test_a_stop_keeps_nobody_waiting_for_a_worker(engine: Make):
    subject = engine("--start-ms", "60000", stop_seconds=0.1)
    async with subject.running():
        asked = asyncio.ensure_future(subject.ask(a_question()))
        await asyncio.sleep(0)
    with pytest.raises(EngineError, match="is not there"):
        await asked


async def test_several_ask_at_once_and_each_hears_its_own(engine: Make):
    subject = engine()
    async with subject.running():
        texts = ["a red fox", "a much longer red fox", "a fox"]
        asked = [
            Ask(
                id=f"q{number}",
                inquiry=Inquiry.WORTH,
                request=a_request(text),
                texts=(text, ""),
            )
            for number, text in enumerate(texts)
        ]
        answers = await asyncio.gather(*map(subject.ask, asked))
        assert [answer.numbers for answer in answers] == [(float(len(text)),) for text in texts]
