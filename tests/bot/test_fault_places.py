"""Every refusal of Discord's, at every place where the bot calls it: nobody is left without a
picture he could have, nobody gets it twice, and nothing else stops."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.ladder import CHANNEL_REST_SECONDS
from bot.options import Options
from core.jobs import Job, Outcome
from tests.bot.world import World, custom_ids
from tests.builders import request
from tests.fakes.worker import grid

TOKEN = "/webhooks/*/*/messages/@original"
CALLBACK = "/interactions/*/*/callback"
MESSAGE, MESSAGES = "/channels/*/messages/*", "/channels/*/messages"
FOLLOW_UP = "/webhooks/*/*"

REFUSALS = {
    "10062 too late": (404, 10062),
    "40060 answered already": (400, 40060),
    "50027 token over": (401, 50027),
    "10015 token over": (404, 10015),
    "50013 permission lost": (403, 50013),
    "50001 cannot see the channel": (403, 50001),
    "10008 message gone": (404, 10008),
    "10003 channel gone": (404, 10003),
    "10004 server gone": (404, 10004),
    "40007 banned": (403, 40007),
    "40005 too large": (400, 40005),
    "50045 too large": (400, 50045),
    "413 too large": (413, 0),
    "50035 invalid form": (400, 50035),
    "200000 AutoMod": (400, 200000),
    "240000 link filter": (400, 240000),
    "20009 explicit": (400, 20009),
    "40094 follow-ups used up": (400, 40094),
    "30046 old message": (429, 30046),
    "500": (500, 0),
    "502": (502, 0),
    "504": (504, 0),
    "130000 overloaded": (503, 130000),
    "50083 archived": (400, 50083),
    "160005 locked": (403, 160005),
}

NOT_HERE = frozenset(
    {
        "50013 permission lost",
        "50001 cannot see the channel",
        "10003 channel gone",
        "10004 server gone",
        "160005 locked",
    }
)
LOST = NOT_HERE | {"40007 banned", "50083 archived"}

Story = Callable[[World, Callable[[], None]], Awaitable[Job]]


async def first_answer(easel: World, refuse: Callable[[], None]) -> Job:
    refuse()
    await easel.imagine()
    return await easel.finish()


async def answer_to_a_press(easel: World, refuse: Callable[[], None]) -> Job:
    await easel.imagine()
    await easel.finish()
    refuse()
    await easel.press("V1", easel.last())
    return await easel.finish()


async def mark_of_a_pressed_button(easel: World, refuse: Callable[[], None]) -> Job:
    await easel.imagine()
    await easel.finish()
    refuse()
    await easel.press("V1", easel.last())
    return await easel.finish()


async def progress_by_token(easel: World, refuse: Callable[[], None]) -> Job:
    await easel.imagine()
    refuse()
    job = await easel.start()
    await easel.step(job, 10, preview=True)
    await easel.env.advance_time(61)
    return await easel.finish(job)


async def progress_as_the_bot(easel: World, refuse: Callable[[], None]) -> Job:
    await easel.imagine()
    job = await easel.start()
    await easel.env.advance_time(15 * 60)
    refuse()
    await easel.step(job, 10, preview=True)
    await easel.env.advance_time(61)
    return await easel.finish(job)


async def result_by_token(easel: World, refuse: Callable[[], None]) -> Job:
    await easel.imagine()
    job = await easel.start()
    await easel.env.advance_time(61)
    refuse()
    return await easel.finish(job)


async def result_as_the_bot(easel: World, refuse: Callable[[], None]) -> Job:
    await easel.imagine()
    job = await easel.start()
    await easel.env.advance_time(15 * 60)
    refuse()
    return await easel.finish(job)


async def result_as_a_post(easel: World, refuse: Callable[[], None]) -> Job:
    easel.env.inject_error("POST", CALLBACK, status=404, code=10062)
    await easel.imagine()
    refuse()
    return await easel.finish()


async def private_word(easel: World, refuse: Callable[[], None]) -> Job:
    refuse()
    await easel.imagine("--ar 3:2")  # refused, with a sentence
    await easel.imagine()
    return await easel.finish()


async def panel(easel: World, refuse: Callable[[], None]) -> Job:
    await easel.imagine()
    refuse()
    await easel.ada.slash(easel.channel, "queue")
    return await easel.finish()


async def completion(easel: World, refuse: Callable[[], None]) -> Job:
    refuse()
    try:
        await easel.ada.autocomplete(easel.channel, "imagine", "model", "post")
    except AssertionError:
        pass  # nothing was offered
    await easel.imagine()
    return await easel.finish()


@dataclass(frozen=True)
class PlaceOfCall:
    """`unseen`: the refusals after which the picture is rightly shown to nobody there; `never`:
    those that this call does not meet."""

    story: Story
    method: str
    path: str
    unseen: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


GONE = frozenset({"10008 message gone"})
EXPLICIT = frozenset({"20009 explicit"})
DELIVERED = GONE
"""On a post: a nonce found our own message, which had been deleted since."""

OF_INTERACTIONS = frozenset(
    {
        "10062 too late",
        "40060 answered already",
        "50027 token over",
        "10015 token over",
        "40094 follow-ups used up",
    }
)
OF_EDITS = frozenset({"30046 old message"})

PLACES = [
    PlaceOfCall(first_answer, "POST", CALLBACK),
    PlaceOfCall(answer_to_a_press, "POST", CALLBACK),
    PlaceOfCall(mark_of_a_pressed_button, "PATCH", MESSAGE),
    PlaceOfCall(progress_by_token, "PATCH", TOKEN),
    PlaceOfCall(progress_as_the_bot, "PATCH", MESSAGE),
    PlaceOfCall(result_by_token, "PATCH", TOKEN, GONE | EXPLICIT),
    PlaceOfCall(result_as_the_bot, "PATCH", MESSAGE, GONE | EXPLICIT | NOT_HERE, OF_INTERACTIONS),
    PlaceOfCall(
        result_as_a_post,
        "POST",
        MESSAGES,
        DELIVERED | EXPLICIT | LOST,
        OF_INTERACTIONS | OF_EDITS,
    ),
    PlaceOfCall(private_word, "POST", CALLBACK),
    PlaceOfCall(panel, "POST", CALLBACK),
    PlaceOfCall(completion, "POST", CALLBACK),
]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world in which pictures can be made smaller."""
    small = tmp_path / "small.png"
    small.write_bytes(grid(request(), scale=0.1))

    async def shrink(picture: Path, limit: int) -> tuple[Path, bool]:
        return small, True

    world = World(tmp_path)
    world.options = Options(shrink=shrink)
    return world


def shown(easel: World, job: Job) -> int:
    """How many messages show the job's picture."""
    return sum(
        any(job.id in id for id in custom_ids(message)) and bool(message.attachments)
        for message in easel.messages()
    )


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.story.__name__)
async def test_a_refusal(easel: World, place: PlaceOfCall) -> None:
    for name, (status, code) in REFUSALS.items():
        if name in place.never:
            continue

        def refuse(status: int = status, code: int = code) -> None:
            easel.env.inject_error(place.method, place.path, status=status, code=code)

        job = await place.story(easel, refuse)
        await easel.env.advance_time(CHANNEL_REST_SECONDS + 1)
        job = await easel.store.get(job.id)
        assert job.delivered_at is not None, name
        unseen = name in place.unseen
        assert shown(easel, job) == (0 if unseen else 1), name
        if unseen and name not in DELIVERED:
            assert job.outcome is Outcome.HISTORY_ONLY, name
        # A place that was not called leaves its refusal behind, and the next row would meet two.
        easel.env.backend.faults.clear()


async def test_a_follow_up_that_is_refused_is_only_a_word_less(easel: World) -> None:
    for status, code in REFUSALS.values():
        easel.env.inject_error("POST", FOLLOW_UP, status=status, code=code)
        await easel.imagine()
        job = await easel.finish()
        assert job.delivered_at is not None
        assert shown(easel, job) == 1
