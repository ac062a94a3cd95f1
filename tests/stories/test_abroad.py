"""Easel where it is not itself: in a server that never invited it, and between two people. Somebody
installed it for themselves and takes it along."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.jobs import Job, NewJob, Outcome, Owner, Place
from core.works import Showing
from sandbox.views import Interaction, Message
from tests.builders import request
from tests.stories.sandbox_stage import PATIENCE, SandboxStage, sandbox_stage
from tests.stories.stage import STEPS

ELSEWHERE = "elsewhere"
LINE = "a red lighthouse --ar 3:2"
FIFTEEN_MINUTES = 15 * 60.0


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[SandboxStage]:
    """Mira installed Easel for herself. She is in another server, with Noah."""
    async with sandbox_stage(tmp_path, EASEL_USER_INSTALL="on") as stage:
        await stage.client.person("mira", installed=True)
        await stage.client.channel(name=ELSEWHERE, abroad=True)
        yield stage


async def imagine(stage: SandboxStage, prompt: str = LINE, channel: str = ELSEWHERE) -> Interaction:
    return await stage.client.slash("mira", channel, "imagine", prompt=prompt)


async def message_of(stage: SandboxStage, asked: Interaction) -> Message:
    """The answer, once Easel has stopped thinking."""
    return await stage.client.wait_edit(asked.answer_id, lambda m: not m.loading, PATIENCE)


async def newest(stage: SandboxStage) -> Job:
    """Once it is written down how it was delivered, which is after its message is seen."""
    async with asyncio.timeout(PATIENCE):
        while (job := (await stage.storage.jobs.history(None))[0]).delivered_at is None:
            await asyncio.sleep(0)
    return job


async def made(stage: SandboxStage, channel: str = ELSEWHERE) -> Message:
    """A finished grid."""
    asked = await imagine(stage, channel=channel)
    await stage.begins()
    await stage.finishes()
    return await stage.client.wait_edit(asked.answer_id, has_grid, PATIENCE)


def has_grid(message: Message) -> bool:
    return message.button("U1") is not None


async def asked_as_the_bot(stage: SandboxStage, channel_id: str) -> list[str]:
    return [str(one["path"]) for one in await stage.client.requests(f"/channels/{channel_id}")]


async def test_a_picture_is_made_shown_and_pressed_by_tokens_alone(stage: SandboxStage) -> None:
    client = stage.client
    # What the admins of Easel's own server set is no rule of this one.
    await client.slash("ada", "studio", "quota set", pictures=0, per="day")
    asked = await imagine(stage)
    waiting = await message_of(stage, asked)
    assert "(waiting, 1st, about" in waiting.content
    assert not waiting.private

    await stage.begins()
    await stage.draws(STEPS // 2)
    half = await client.wait_edit(asked.answer_id, lambda m: "(50%)" in m.content, PATIENCE)
    assert half.pictures
    await stage.finishes()
    grid = await client.wait_edit(asked.answer_id, has_grid, PATIENCE)
    assert len(grid.pictures) == 1
    assert [one.id for one in await client.messages(ELSEWHERE, "noah")] == [grid.id]

    # Noah did not install it, and may press all the same: the picture is his own then.
    pressed = await client.press("noah", grid.id, label="U2")
    picked = await client.wait_edit(pressed.answer_id, lambda m: bool(m.pictures), PATIENCE)
    assert "Image #2" in picked.content
    pressed = await client.press("noah", grid.id, label="V1")
    assert "(waiting" in (await message_of(stage, pressed)).content
    await stage.begins()
    await stage.finishes()
    await client.wait_edit(pressed.answer_id, has_grid, PATIENCE)

    await newest(stage)
    jobs = await stage.storage.jobs.history(None)
    assert [job.outcome for job in jobs] == [Outcome.EDITED_BY_TOKEN] * 3
    assert {(job.place.server_id, job.place.abroad) for job in jobs} == {(0, True)}
    assert len({job.owner.id for job in jobs}) == 2
    for job in (jobs[0], jobs[-1]):
        assert (await stage.storage.works.get(f"{job.id}-1")).showing is Showing.PRIVATE
    assert await asked_as_the_bot(stage, grid.channel_id) == []


async def test_what_misses_the_token_comes_to_its_owner_directly(stage: SandboxStage) -> None:
    client = stage.client
    asked = await imagine(stage)
    await stage.begins()
    await client.wait_edit(asked.answer_id, lambda m: "(0%)" in m.content, PATIENCE)
    await client.advance(FIFTEEN_MINUTES)
    await stage.finishes()
    direct = await client.direct("mira")
    grid = await client.wait_message(direct, has_grid, timeout=PATIENCE)
    assert len(grid.pictures) == 1
    assert "Discord did not take this any more; so it comes here." in grid.content
    left = await client.message(asked.answer_id)
    assert "(0%)" in left.content

    # There Easel is itself, and its buttons work as ever.
    pressed = await client.press("mira", grid.id, label="V1")
    await stage.begins()
    await stage.finishes()
    await client.wait_edit(pressed.answer_id, has_grid, PATIENCE)
    second, first = await newest(stage), (await stage.storage.jobs.history(None))[1]
    assert (first.outcome, second.outcome) == (Outcome.DIRECT_MESSAGE, Outcome.EDITED_BY_TOKEN)
    assert not second.place.abroad
    assert len([m for m in await client.messages(direct) if has_grid(m)]) == 2
    assert await asked_as_the_bot(stage, left.channel_id) == []


async def test_to_whom_nobody_may_write_it_stays_in_the_history(
    stage: SandboxStage, caplog: pytest.LogCaptureFixture
) -> None:
    client = stage.client
    await client.person("mira", dms_open=False)
    caplog.set_level(logging.INFO)
    asked = await imagine(stage)
    await stage.begins()
    await client.wait_edit(asked.answer_id, lambda m: "(0%)" in m.content, PATIENCE)
    before = await client.message(asked.answer_id)
    await client.advance(FIFTEEN_MINUTES)
    await stage.finishes()
    job = await newest(stage)
    assert (job.outcome, job.place.abroad) == (Outcome.HISTORY_ONLY, True)
    assert caplog.text.count(f"job {job.id} delivered: history_only") == 1
    assert await client.message(asked.answer_id) == before
    assert await client.messages(await client.direct("mira"), "mira") == []
    assert (await stage.storage.works.get(f"{job.id}-1")).owner == job.owner
    assert await asked_as_the_bot(stage, before.channel_id) == []


async def test_what_would_be_done_too_late_is_refused_at_once(stage: SandboxStage) -> None:
    hour = NewJob(
        id="0" * 20,
        interaction_id="somebody else's",
        owner=Owner(5, "somebody"),
        place=Place(),
        request=request(),
        reserve_ms=3_600_000,
        created_at=0.0,
    )
    await stage.storage.jobs.admit(hour, lambda _: None)
    refused = await message_of(stage, await imagine(stage, f"{LINE} --relax"))
    assert refused.private
    assert refused.content.startswith("That would take about 60 minutes, and Discord lets Easel")
    assert "in a server where Easel is, or in a direct message to Easel" in refused.content
    several = await message_of(stage, await imagine(stage, "a {red, blue} fox"))
    assert several.private
    assert several.content.startswith("That makes 2 jobs, and here Easel can show one")
    assert [job.id for job in await stage.storage.jobs.history(None)] == [hour.id]
    # Where Easel is itself, both are taken.
    for channel in ("studio", await stage.client.direct("mira")):
        taken = await message_of(stage, await imagine(stage, f"{LINE} --relax", channel))
        assert "(waiting, relaxed, " in taken.content


async def test_between_two_people_it_is_as_in_another_server(stage: SandboxStage) -> None:
    client = stage.client
    between = str((await client.channel(between=["mira", "noah"]))["id"])
    grid = await made(stage, between)
    assert [one.id for one in await client.messages(between, "noah")] == [grid.id]
    job = await newest(stage)
    assert (job.place.abroad, job.outcome) == (True, Outcome.EDITED_BY_TOKEN)
    assert await asked_as_the_bot(stage, between) == []


async def test_where_apps_may_not_speak_up_only_who_asks_sees_it(stage: SandboxStage) -> None:
    client = stage.client
    await client.permissions(ELSEWHERE, target="everyone", deny=["USE_EXTERNAL_APPS"])
    grid = await made(stage)
    assert grid.private
    assert len(grid.pictures) == 1
    assert await client.messages(ELSEWHERE, "noah") == []
    wrong = await message_of(stage, await imagine(stage, f"{LINE} --chaos 900"))
    assert wrong.private
    assert "--chaos" in wrong.content


async def test_where_nobody_may_attach_files_no_picture_is_begun(stage: SandboxStage) -> None:
    await stage.client.permissions(ELSEWHERE, target="everyone", deny=["ATTACH_FILES"])
    refused = await message_of(stage, await imagine(stage))
    assert refused.private
    assert refused.content.startswith("Easel may not show pictures here, since you may not attach")
    assert await stage.storage.jobs.history(None) == []


async def test_what_cannot_be_done_there_is_said(stage: SandboxStage) -> None:
    client = stage.client
    # Whoever runs that server has no say over what is somebody's own.
    await client.permissions(
        ELSEWHERE, target="everyone", allow=["MANAGE_MESSAGES", "MANAGE_GUILD"]
    )
    asked = await imagine(stage)
    pressed = await client.press("noah", asked.answer_id, label="Cancel")
    assert "Only the person who started this job" in (await message_of(stage, pressed)).content
    await stage.begins()
    await stage.finishes()
    grid = await client.wait_edit(asked.answer_id, has_grid, PATIENCE)
    link = f"https://discord.com/channels/1/{grid.channel_id}/{grid.id}"
    asked = await client.slash("mira", ELSEWHERE, "info", image=link)
    assert "cannot read the messages here" in (await message_of(stage, asked)).content
    asked = await client.menu("mira", "Job details", message=grid.id)
    assert "a red lighthouse" in (await message_of(stage, asked)).content

    asked = await client.menu("mira", "Delete", message=grid.id)
    question = await message_of(stage, asked)
    assert question.content.startswith("Delete these 4 pictures?")
    await client.press("mira", question.id, label="Delete")
    said = "Its pictures are deleted. Easel cannot delete the message itself here"
    await client.wait_edit(question.id, lambda m: m.content.startswith(said), PATIENCE)
    assert (await newest(stage)).deleted_at is not None
    assert await asked_as_the_bot(stage, grid.channel_id) == []


async def test_whoever_runs_that_server_has_no_say_over_what_others_made_there(
    stage: SandboxStage,
) -> None:
    client = stage.client
    await client.permissions(
        ELSEWHERE, target="everyone", allow=["MANAGE_MESSAGES", "MANAGE_GUILD"]
    )
    await client.person("noah", installed=True)
    grid = await made(stage)
    asked = await client.menu("noah", "Job details", message=grid.id)
    details = await message_of(stage, asked)
    assert "a red lighthouse" in details.content
    assert details.button("Save style") is None
    asked = await client.menu("noah", "Delete", message=grid.id)
    assert (await message_of(stage, asked)).content.startswith("Only the person who made it")
    assert (await newest(stage)).deleted_at is None


async def test_what_admins_use_is_not_there(stage: SandboxStage) -> None:
    client = stage.client
    await client.person("ada", installed=True)
    here = {str(one["name"]) for one in await client.commands("ada", "studio")}
    there = {str(one["name"]) for one in await client.commands("ada", ELSEWHERE)}
    assert here - there == {"quota", "server", "style", "showcase", "theme", "Report"}
    assert there >= {"imagine", "history", "prefer", "settings", "help", "Job details"}
    assert await client.commands("noah", ELSEWHERE) == []


async def test_switched_off_nothing_of_it_is_there(tmp_path: Path) -> None:
    async with sandbox_stage(tmp_path) as stage:
        await stage.client.person("mira", installed=True)
        await stage.client.channel(name=ELSEWHERE, abroad=True)
        assert await stage.client.commands("mira", ELSEWHERE) == []
        waiting = await message_of(stage, await imagine(stage, channel="studio"))
        assert "(waiting" in waiting.content
