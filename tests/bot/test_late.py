"""Pictures that are done long after they were asked for: all delivered, none twice, and no dead
token is asked more than once."""

from __future__ import annotations

from typing import Any

import pytest

from core.jobs import Job, Outcome, State
from tests.bot.world import World, labels

MINUTES = [13, 14, 16, 60, 1440]
GRID = [["U1", "U2", "U3", "U4", "🔄"], ["V1", "V2", "V3", "V4"]]


async def finished_late(easel: World, job: Job, minutes: int, *, restart: bool) -> Job:
    """The job ends that long after it was asked for, maybe while the bot is away."""
    await easel.env.advance_time(minutes * 60)
    await easel.finish(job, quiet=restart)
    if restart:
        await easel.restart()
    await easel.env.settle()
    return await easel.store.get(job.id)


def calls_by_token(easel: World, since: int) -> list[Any]:
    """Of the edits by token after so many requests."""
    return [
        request
        for request in easel.env.http_requests[since:]
        if request.method == "PATCH" and request.path.startswith("/webhooks/")
    ]


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("minutes", MINUTES)
async def test_a_late_picture_takes_the_place_of_its_waiting_message(
    easel: World, minutes: int, restart: bool
) -> None:
    shown = await easel.imagine()
    job = await easel.start()
    await easel.env.advance_time(5)
    since = len(easel.env.http_requests)
    job = await finished_late(easel, job, minutes, restart=restart)
    assert job.outcome is (Outcome.EDITED_BY_TOKEN if minutes < 14 else Outcome.EDITED_BY_BOT)
    assert len(calls_by_token(easel, since)) == (1 if minutes < 14 else 0)
    (message,) = easel.messages()
    assert message.id == shown.response.id
    assert labels(message) == GRID
    assert len(message.attachments) == 1


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("minutes", MINUTES)
async def test_a_late_picture_whose_answer_never_arrived_is_posted_once(
    easel: World, minutes: int, restart: bool
) -> None:
    easel.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    await easel.imagine()
    job = await finished_late(easel, await easel.start(), minutes, restart=restart)
    assert job.outcome is Outcome.POSTED
    assert calls_by_token(easel, 0) == []
    (message,) = easel.messages()
    assert labels(message) == GRID


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("minutes", MINUTES)
async def test_a_token_that_died_early_is_asked_once(
    easel: World, minutes: int, restart: bool
) -> None:
    await easel.imagine()
    since = len(easel.env.http_requests)
    easel.env.inject_error(
        "PATCH", "/webhooks/*/*/messages/@original", status=401, code=50027, times=None
    )
    job = await finished_late(easel, await easel.start(), minutes, restart=restart)
    assert (job.state, job.outcome) == (State.DONE, Outcome.EDITED_BY_BOT)
    assert len(calls_by_token(easel, since)) == 1
    (message,) = easel.messages()
    assert labels(message) == GRID


@pytest.mark.parametrize("minutes", MINUTES)
async def test_a_late_picture_is_not_shown_again_after_another_restart(
    easel: World, minutes: int
) -> None:
    await easel.imagine()
    await finished_late(easel, await easel.start(), minutes, restart=True)
    before = len(easel.env.http_requests)
    await easel.restart()
    await easel.env.advance_time(3600)
    sent = [r for r in easel.env.http_requests[before:] if r.method in ("POST", "PATCH")]
    assert sent == []
    assert len(easel.messages()) == 1
