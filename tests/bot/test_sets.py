"""Several jobs of one command: asked for once, made once, each delivered on its own."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sets import Answer
from core.actions import ButtonError
from core.errors import BannedError
from core.jobs import Job, Outcome, State
from tests.bot.town import Town, told
from tests.bot.world import custom_ids, labels
from tests.fakes.worker import png

SIX = "a {red, blue} {fox, hat, owl --ar 3:2}"


async def asked(town: Town, line: str = SIX, **options: Any) -> Any:
    """The question that the line is answered with."""
    answer = await town.imagine(line, **options)
    assert answer.ephemeral
    return answer.response


async def jobs(town: Town) -> list[Job]:
    """In the order they were asked for."""
    found = await town.store.history(None, limit=100)
    return sorted(found, key=lambda job: job.id)


async def made(town: Town, line: str = SIX, label: str = "Make 6") -> list[Job]:
    await town.ada.click(await asked(town, line), label=label)
    return await jobs(town)


async def test_a_set_is_asked_about_before_it_is_made(town: Town) -> None:
    question = await asked(town)
    first, *block = question.content.split("\n")
    assert first.startswith("That makes **6 jobs** with 24 pictures, about ")
    assert first.endswith(" of GPU time. Shall they be made?")
    assert block == ["```", f"/imagine prompt:{SIX}", "```"]
    assert labels(question) == [["Make 6", "Not now"]]
    assert await jobs(town) == []
    assert town.messages() == []


async def test_six_are_made_on_one_click_and_each_is_delivered(town: Town) -> None:
    found = await made(town)
    assert [(job.request.text, job.request.aspect) for job in found] == [
        ("a red fox", (1, 1)),
        ("a red hat", (1, 1)),
        ("a red owl", (3, 2)),
        ("a blue fox", (1, 1)),
        ("a blue hat", (1, 1)),
        ("a blue owl", (3, 2)),
    ]
    assert [line.kind for line in await town.store.ledger()] == ["reserve"] * 6
    shown = town.messages()
    assert [message.content.split(" - ")[0] for message in shown] == [
        "**a red fox**",
        "**a red hat**",
        "**a red owl --ar 3:2**",
        "**a blue fox**",
        "**a blue hat**",
        "**a blue owl --ar 3:2**",
    ]
    assert all("(waiting, " in message.content for message in shown)
    assert all(labels(message) == [["Cancel"]] for message in shown)

    for job in found:
        await town.finish(job)
    done = town.messages()
    assert [message.id for message in done] == [message.id for message in shown]
    assert all(message.content.endswith("(fast)") for message in done)
    assert all(len(message.attachments) == 1 for message in done)
    outcomes = [job.outcome for job in await jobs(town)]
    assert outcomes == [Outcome.EDITED_BY_TOKEN] + [Outcome.EDITED_BY_BOT] * 5


async def test_each_has_its_own_progress_and_can_be_cancelled_alone(town: Town) -> None:
    found = await made(town)
    second = await town.start(found[1])
    await town.step(second, 10)
    await town.env.advance_time(61)
    assert "(50%)" in town.messages()[1].content
    await town.press("cancel", town.messages()[2])
    states = [job.state for job in await jobs(town)]
    assert states.count(State.CANCELLED) == 1
    assert states[2] is State.CANCELLED


async def test_one_that_began_before_its_message_shows_how_far_it_is(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord takes a few messages at a time, and the worker does not wait for them."""
    post = town.bot.messenger.post

    async def slowly(*where: Any, **how: Any) -> int:
        monkeypatch.setattr(town.bot.messenger, "post", post)
        job = (await jobs(town))[2]
        now = town.clock.now()
        await town.store.claim(job.id, by="test", now=now, lease_until=now + 3600)
        town.board.changed(job.id)
        town.board.started(job.id, 20)
        return await post(*where, **how)

    monkeypatch.setattr(town.bot.messenger, "post", slowly)
    _, _, third = await made(town, "a {red, blue, green} fox", "Make 3")
    second, shown = town.messages()[1:]
    assert "(waiting, 2nd" in second.content
    assert shown.content.endswith("(0%)")
    await town.step(third, 10)
    await town.env.advance_time(61)
    assert "(50%)" in town.messages()[2].content


async def test_repeats_are_a_set_too(town: Town) -> None:
    found = await made(town, "a fox --repeat 3 --seed 7", "Make 3")
    assert [job.request.seed for job in found] == [7, 8, 9]
    assert [message.content.split(" - ")[0] for message in town.messages()] == [
        "**a fox --seed 7**",
        "**a fox --seed 8**",
        "**a fox --seed 9**",
    ]


async def test_a_double_click_makes_one_set(town: Town) -> None:
    question = await asked(town)
    await town.ada.click(question, label="Make 6")
    again = await town.ada.click(question, label="Make 6")
    assert again.ephemeral
    assert told(again) == "You pressed this already; these pictures are being made."
    assert len(await jobs(town)) == len(await town.store.ledger()) == 6
    for job in await jobs(town):
        await town.finish(job)
    assert told(await town.ada.click(question, label="Make 6")).startswith("You pressed this")
    assert len(town.messages()) == 6


async def test_not_now_makes_nothing(town: Town) -> None:
    question = await asked(town)
    await town.ada.click(question, label="Not now")
    assert question.content == "Nothing was made."
    assert labels(question) == []
    assert await jobs(town) == []


async def test_the_question_can_be_answered_after_a_restart(town: Town) -> None:
    question = await asked(town, "a {red, blue} fox", model="sdxl")
    await town.restart()
    await town.ada.click(question, label="Make 2")
    assert [(job.request.text, job.request.model) for job in await jobs(town)] == [
        ("a red fox", "sdxl"),
        ("a blue fox", "sdxl"),
    ]


async def test_a_picture_to_start_from_is_every_jobs(town: Town) -> None:
    question = await asked(town, "a {red, blue} fox", image=("a.png", png(8, 8, [[1]])))
    await town.restart()
    await town.ada.click(question, label="Make 2")
    sources = [job.request.source for job in await jobs(town)]
    assert len(sources) == 2
    assert len({source.blob for source in sources if source is not None}) == 1


async def test_what_was_not_delivered_at_a_restart_is_delivered_once(town: Town) -> None:
    found = await made(town)
    for job in found[:3]:
        await town.finish(job, quiet=True)
    await town.restart()
    await town.env.advance_time(31)
    for job in found[3:]:
        await town.finish(job)
    assert len(town.messages()) == 6
    assert all(len(message.attachments) == 1 for message in town.messages())


@pytest.mark.parametrize("when", ["before the post", "after the post"])
async def test_a_job_whose_waiting_message_was_never_noted_is_shown_once(
    town: Town, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """As if the bot had been killed between two steps of the first waiting message."""

    async def killed(*_: Any, **__: Any) -> Any:
        raise OSError

    where: Any = town.store if when == "after the post" else town.bot.messenger
    name = "shown_at" if when == "after the post" else "post"
    kept = getattr(where, name)

    async def only_first(job_id: str, message_id: int) -> None:
        first = min(town.store._jobs)
        await (kept(job_id, message_id) if job_id == first else killed())

    monkeypatch.setattr(where, name, only_first if when == "after the post" else killed)
    found = await made(town, "a {red, blue} fox", "Make 2")
    monkeypatch.setattr(where, name, kept)
    assert len(town.messages()) == (2 if when == "after the post" else 1)
    await town.restart()
    await town.env.advance_time(1)
    for job in found:
        await town.finish(job)
    shown = town.messages()
    assert [message.content.split(" - ")[0] for message in shown] == [
        "**a red fox**",
        "**a blue fox**",
    ]
    assert all(len(message.attachments) == 1 for message in shown)
    assert all(job.delivered_at is not None for job in await jobs(town))


async def test_a_billion_is_refused_with_its_number(town: Town) -> None:
    answer = await town.imagine(" ".join(["{a,b,c,d,e,f,g,h,i,j}"] * 9))
    assert answer.ephemeral
    assert told(answer) == "That makes 1,000,000,000 jobs at once; your limit here is 10."
    assert labels(answer.response) == []


async def test_admins_say_how_many_one_command_may_make(town: Town) -> None:
    await town.boss_does("quota set", batch=5)
    assert told(await town.imagine(SIX)) == "That makes 6 jobs at once; your limit here is 5."
    await town.boss_does("quota set", batch=6)
    assert labels(await asked(town)) == [["Make 6", "Not now"]]


async def test_a_set_beyond_the_amount_is_refused_whole(town: Town) -> None:
    await town.boss_does("quota set", pictures=20, per="day")
    refused = await town.ada.click(await asked(town), label="Make 6")
    assert refused.ephemeral
    assert told(refused).startswith("These 6 jobs need 24 pictures and ")
    assert "none of them was begun" in told(refused)
    assert "<t:" in told(refused)
    assert await jobs(town) == []
    assert list(await town.store.ledger()) == []
    # The same question, once there is room.
    await town.boss_does("quota set", pictures=24, per="day")
    question = await asked(town)
    await town.ada.click(question, label="Make 6")
    assert len(await jobs(town)) == 6


@pytest.mark.parametrize("line", ["a {red, blue} fox", "a fox --aspcet 3:2"], ids=["set", "mend"])
async def test_no_picture_is_kept_for_whom_nothing_is_made(town: Town, line: str) -> None:
    """A question and a mend wait for an answer, which may never come."""

    def kept() -> int:
        return sum(path.is_file() for path in (town.folder / "blobs").rglob("*"))

    await town.boss_does("quota set", pictures=3, per="day")
    refused = await town.imagine(line, image=("a.png", png(8, 8, [[1]])))
    assert told(refused).startswith("This needs 4 pictures, more than the whole allowance")
    assert labels(refused.response) == []
    assert kept() == 0
    await town.boss_does("server ban", person=town.ada)
    refused = await town.imagine(line, image=("a.png", png(8, 8, [[1]])))
    assert told(refused) == BannedError().sentence
    assert kept() == 0
    await town.boss_does("server unban", person=town.ada)
    await town.boss_does("quota set", pictures=8, per="day")
    asked_again = await town.imagine(line, image=("a.png", png(8, 8, [[1]])))
    assert len(labels(asked_again.response)) == 1
    assert kept() == 1


async def test_a_set_that_finds_no_room_in_the_queue_is_refused_whole(town: Town) -> None:
    await town.boss_does("quota set", waiting=6)
    await town.imagine("in front")
    refused = await town.ada.click(await asked(town), label="Make 6")
    assert told(refused).startswith("You have 1 job waiting or running, these are 6 more")
    assert len(await jobs(town)) == 1


async def test_who_is_shut_out_is_not_even_asked(town: Town) -> None:
    question = await asked(town)
    await town.boss_does("server ban", person=town.ada)
    assert told(await town.imagine(SIX)) == BannedError().sentence
    assert told(await town.ada.click(question, label="Make 6")) == BannedError().sentence
    assert await jobs(town) == []


async def test_only_who_asked_may_answer(town: Town) -> None:
    question = await asked(town)
    for label_id in custom_ids(question):
        said = await town.press_id(town.bo, label_id)
        assert said == "Only the person who asked can do that."
    said = await town.press_id(town.ada, custom_ids(question)[0])
    assert said == "This button is from another version of Easel; use /imagine again."
    assert await jobs(town) == []


async def test_an_answer_after_the_picture_was_deleted_asks_for_it_again(town: Town) -> None:
    question = await asked(town, "a {red, blue} fox", image=("a.png", png(8, 8, [[1]])))
    for folder in await town.blobs.folders():
        for key in await town.blobs.older(folder, 4e9):
            assert await town.blobs.remove(key, 4e9)
    late = await town.ada.click(question, label="Make 2")
    assert told(late) == (
        "The picture that came with this is no longer kept; send the command with it again."
    )
    assert await jobs(town) == []


async def test_what_changed_meanwhile_is_asked_again(town: Town) -> None:
    await town.wishes.change(town.ada.id, lambda p: p.with_option("many", "--repeat 2"))
    question = await asked(town, "a fox --many")
    await town.wishes.change(town.ada.id, lambda p: p.with_option("many", "--repeat 4"))
    again = await town.ada.click(question, label="Make 2")
    assert labels(again.response) == [["Make 4", "Not now"]]
    assert await jobs(town) == []


async def test_a_line_too_long_for_the_question_is_told_so(town: Town) -> None:
    answer = await town.imagine("a {red, blue} fox " + "in the snow " * 160)
    assert "must fit into one message" in told(answer)
    assert await jobs(town) == []


async def test_broken_braces_are_refused_with_the_mend(town: Town) -> None:
    answer = await town.imagine("a {red, blue fox")
    assert "A brace is opened and not closed. Type \\" in told(answer)


def test_a_button_is_its_id() -> None:
    key = "ab" * 32 + ".png"
    for answer in (Answer(6, 2**63), Answer(100, 2**64 - 1, key), Answer(0, 7)):
        assert Answer.from_custom_id(answer.custom_id) == answer
        assert len(answer.custom_id) <= 100
    for id in ("s1:", "s2:6:1:", "s1:x:1:", "s1:no:ada"):
        with pytest.raises(ButtonError):
            Answer.from_custom_id(id)
