"""The delivery ladder, rung by rung, with a Discord that refuses as told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.ending import LOST, REFUSED, TOO_LARGE, Endings
from bot.ladder import CHANNEL_REST_SECONDS, Ladder, Later
from bot.messenger import Found
from bot.render import Renderer
from core.errors import SettingsError
from core.jobs import Image, Job, Outcome, Place, State
from core.models import PRESETS, Catalogue
from storage.blobs import LocalBlobs
from tests.bot.faults import refusal
from tests.bot.messenger import MIB, UNKNOWN_AFTER_SENDING, FakeMessenger
from tests.builders import ADA, NOON, FakeClock, new_job, request
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.worker import grid

JOB = "00000000000000000001"
PLACE = Place(server_id=10, channel_id=20, token="secret", token_expires_at=NOON + 900, reply_to=33)
FORBIDDEN = refusal(403, 50013)
TOKEN_OVER = refusal(401, 50027)


class Stairs:
    """A finished job at the foot of the ladder."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.store = MemoryJobStore()
        self.blobs = LocalBlobs(folder)
        self.messenger = FakeMessenger()
        self.dm = False
        self.shrunk: list[int] = []
        self.shrink_to: Path | None = None
        self.lossless = False
        endings = Endings(self.store, self.blobs, Renderer(Catalogue(PRESETS)), self._shrink)
        self.ladder = Ladder(
            self.store,
            self.messenger,  # type: ignore[arg-type]
            endings,
            self.clock,
            upload_bytes=10 * MIB,
            wants_dm=self._wants_dm,
        )

    async def _wants_dm(self, owner_id: int) -> bool:
        return self.dm and owner_id == ADA.id

    async def _shrink(self, path: Path, limit: int) -> tuple[Path, bool] | None:
        self.shrunk.append(limit)
        return (self.shrink_to, self.lossless) if self.shrink_to is not None else None

    async def done(
        self, *, message_id: int = 500, place: Place = PLACE, size: int = 0, **changes: Any
    ) -> Job:
        """A job that was made while nobody was looking."""
        await self.store.admit(
            new_job(JOB, place=place, request=request(**changes)), lambda usage: None
        )
        if message_id:
            await self.store.shown_at(JOB, message_id)
        job = await self.store.claim(JOB, by="w", now=NOON, lease_until=NOON + 99)
        assert job is not None
        blob = await self.blobs.put(grid(job.request) + b"\0" * size, ".png")
        image = Image(job_id=JOB, number=1, blob=blob, width=8, height=8, seed=1)
        await self.store.finish(JOB, job.fence, images=[image], grid=blob, gpu_ms=1, now=NOON)
        return await self.store.get(JOB)

    async def climb(self) -> Job:
        await self.ladder.climb(await self.store.get(JOB))
        return await self.store.get(JOB)


@pytest.fixture
async def stairs(tmp_path: Path) -> Stairs:
    stairs = Stairs(tmp_path / "blobs")
    stairs.blobs = await LocalBlobs.open(tmp_path / "blobs")
    stairs.ladder._endings._blobs = stairs.blobs
    return stairs


async def test_first_the_answer_is_edited_by_its_token(stairs: Stairs) -> None:
    await stairs.done()
    job = await stairs.climb()
    assert (job.outcome, job.message_id) == (Outcome.EDITED_BY_TOKEN, 500)
    ((kind, token, post),) = stairs.messenger.calls
    assert (kind, token) == ("token", "secret")
    assert post.content == "**a red lighthouse** - <@1> (fast)"
    assert post.mentions.to_dict() == {"parse": [], "users": [1]}
    assert post.uploads is not None
    (upload,) = post.uploads
    assert (upload.name, upload.alt) == (f"{JOB}.png", "a red lighthouse")


async def test_the_answer_is_found_even_when_its_message_was_never_noted(stairs: Stairs) -> None:
    await stairs.done(message_id=0)
    job = await stairs.climb()
    assert (job.outcome, job.message_id) == (Outcome.EDITED_BY_TOKEN, 500)


async def test_after_14_minutes_the_bot_edits_its_own_message(stairs: Stairs) -> None:
    await stairs.done()
    stairs.clock.advance(14 * 60)
    job = await stairs.climb()
    assert job.outcome is Outcome.EDITED_BY_BOT
    assert stairs.messenger.calls[0][:2] == ("edit", (20, 500))


async def test_a_second_before_14_minutes_the_token_still_holds(stairs: Stairs) -> None:
    await stairs.done()
    stairs.clock.advance(14 * 60 - 1)
    assert (await stairs.climb()).outcome is Outcome.EDITED_BY_TOKEN


@pytest.mark.parametrize("error", [TOKEN_OVER, refusal(404, 10015), refusal(404, 10062)])
async def test_a_dead_token_is_never_tried_again(stairs: Stairs, error: Exception) -> None:
    await stairs.done()
    stairs.messenger.will("token", error)
    stairs.messenger.will("edit", refusal(500))
    with pytest.raises(Later):
        await stairs.climb()
    assert (await stairs.store.get(JOB)).token_dead
    job = await stairs.climb()
    assert job.outcome is Outcome.EDITED_BY_BOT
    assert stairs.messenger.kinds() == ["token", "edit", "edit"]


async def test_with_no_message_to_edit_it_is_posted_in_reply_to_the_pressed_one(
    stairs: Stairs,
) -> None:
    await stairs.done(message_id=0)
    stairs.messenger.will("token", TOKEN_OVER)
    job = await stairs.climb()
    assert (job.outcome, job.message_id) == (Outcome.POSTED, 901)
    assert list(stairs.messenger.nonces) == [f"j{JOB}"]
    assert stairs.messenger.replies == [33]


async def test_a_message_that_cannot_be_edited_any_more_is_answered_by_a_post(
    stairs: Stairs,
) -> None:
    await stairs.done()
    stairs.clock.advance(3600)
    stairs.messenger.will("edit", refusal(429, 30046))
    job = await stairs.climb()
    assert job.outcome is Outcome.POSTED
    assert stairs.messenger.replies == [500]


async def test_a_nonce_fits(stairs: Stairs) -> None:
    await stairs.done(message_id=0)
    stairs.messenger.will("token", TOKEN_OVER)
    await stairs.climb()
    assert all(len(nonce) <= 25 for nonce in stairs.messenger.nonces)


async def test_a_post_whose_answer_was_lost_is_not_posted_twice(stairs: Stairs) -> None:
    await stairs.done(message_id=0, place=replace(PLACE, token=""))
    stairs.messenger.will("post", UNKNOWN_AFTER_SENDING)
    with pytest.raises(Later):
        await stairs.climb()
    job = await stairs.climb()  # within the life of the nonce
    assert job.outcome is Outcome.POSTED
    assert len(stairs.messenger.messages) == 1
    assert stairs.messenger.searched == []


async def test_an_older_post_is_looked_for_and_taken_over(stairs: Stairs) -> None:
    await stairs.done(message_id=0, place=replace(PLACE, token=""))
    stairs.messenger.will("post", UNKNOWN_AFTER_SENDING)
    with pytest.raises(Later):
        await stairs.climb()
    stairs.clock.advance(3600)
    stairs.messenger.found = Found(901, final=True)
    job = await stairs.climb()
    assert (job.outcome, job.message_id) == (Outcome.POSTED, 901)
    assert stairs.messenger.kinds() == ["post"]
    assert stairs.messenger.searched == [(20, JOB, NOON)]


async def test_a_waiting_message_that_was_never_noted_is_taken_over(stairs: Stairs) -> None:
    job = await stairs.done(message_id=0, place=replace(PLACE, token=""))
    # It was posted while the job waited, and finished within the life of its nonce.
    await stairs.store.posting(job.id, NOON - 5)
    stairs.messenger.found = Found(902, final=False)
    job = await stairs.climb()
    assert (job.outcome, job.message_id) == (Outcome.EDITED_BY_BOT, 902)
    assert stairs.messenger.kinds() == ["edit"]


async def test_an_older_post_that_never_arrived_is_posted_now(stairs: Stairs) -> None:
    await stairs.done(message_id=0, place=replace(PLACE, token=""))
    stairs.messenger.will("post", refusal(502))
    with pytest.raises(Later):
        await stairs.climb()
    stairs.clock.advance(3600)
    assert (await stairs.climb()).outcome is Outcome.POSTED
    assert len(stairs.messenger.searched) == 1


async def test_a_waiting_message_that_was_never_noted_is_edited_rather_than_orphaned(
    stairs: Stairs,
) -> None:
    await stairs.done(message_id=0)
    stairs.clock.advance(3600)
    stairs.messenger.found = Found(444, final=False)
    job = await stairs.climb()
    assert (job.outcome, job.message_id) == (Outcome.EDITED_BY_BOT, 444)
    assert stairs.messenger.kinds() == ["edit"]


async def test_a_search_that_is_not_allowed_posts_nothing_twice(stairs: Stairs) -> None:
    await stairs.done(message_id=0)
    stairs.clock.advance(3600)
    stairs.messenger.will("find", FORBIDDEN)
    assert (await stairs.climb()).outcome is Outcome.HISTORY_ONLY
    assert stairs.messenger.messages == {}


@pytest.mark.parametrize("rung", ["token", "edit"])
async def test_a_message_that_a_person_deleted_stays_deleted(stairs: Stairs, rung: str) -> None:
    await stairs.done()
    if rung == "edit":
        stairs.clock.advance(3600)
    stairs.messenger.will(rung, refusal(404, 10008))
    assert (await stairs.climb()).outcome is Outcome.HISTORY_ONLY
    assert stairs.messenger.kinds() == [rung]


async def test_a_nonce_that_finds_a_deleted_message_counts_as_posted(stairs: Stairs) -> None:
    await stairs.done(message_id=0, place=replace(PLACE, token=""))
    stairs.messenger.will("post", refusal(404, 10008))
    assert (await stairs.climb()).outcome is Outcome.POSTED


@pytest.mark.parametrize("code", [50013, 50001, 10003, 10004])
async def test_a_lost_channel_is_left_alone_for_ten_minutes(stairs: Stairs, code: int) -> None:
    await stairs.done()
    stairs.clock.advance(3600)
    stairs.messenger.will("edit", refusal(404 if code < 50000 else 403, code))
    assert (await stairs.climb()).outcome is Outcome.HISTORY_ONLY
    assert stairs.messenger.kinds() == ["edit"]
    other = await stairs.store.get(JOB)
    stairs.clock.advance(CHANNEL_REST_SECONDS - 1)
    await stairs.ladder.climb(other)
    assert stairs.messenger.kinds() == ["edit"]
    stairs.clock.advance(2)
    await stairs.ladder.climb(other)
    assert stairs.messenger.kinds() == ["edit", "edit"]


async def test_who_asked_for_it_gets_a_direct_message(stairs: Stairs) -> None:
    await stairs.done()
    stairs.clock.advance(3600)
    stairs.dm = True
    stairs.messenger.will("edit", FORBIDDEN)
    job = await stairs.climb()
    assert job.outcome is Outcome.DIRECT_MESSAGE
    assert stairs.messenger.calls[-1][:2] == ("direct", ADA.id)


@pytest.mark.parametrize("code", [50007, 50278])
async def test_a_closed_dm_leaves_it_in_the_history(stairs: Stairs, code: int) -> None:
    await stairs.done()
    stairs.clock.advance(3600)
    stairs.dm = True
    stairs.messenger.will("edit", FORBIDDEN)
    stairs.messenger.will("direct", refusal(403, code))
    assert (await stairs.climb()).outcome is Outcome.HISTORY_ONLY


async def test_nobody_is_written_to_unasked(stairs: Stairs) -> None:
    await stairs.done()
    stairs.clock.advance(3600)
    stairs.messenger.will("edit", FORBIDDEN)
    assert (await stairs.climb()).outcome is Outcome.HISTORY_ONLY
    assert "direct" not in stairs.messenger.kinds()


@pytest.mark.parametrize("rung", ["edit", "post"])
async def test_a_bot_that_is_turned_away_stops_and_keeps_the_job(stairs: Stairs, rung: str) -> None:
    await stairs.done(message_id=500 if rung == "edit" else 0, place=replace(PLACE, token=""))
    stairs.messenger.will(rung, refusal(401))
    with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
        await stairs.climb()
    assert (await stairs.store.get(JOB)).delivered_at is None


@pytest.mark.parametrize(
    "error",
    [refusal(500), refusal(429), TimeoutError(), ConnectionResetError(), refusal(503, 130000)],
)
async def test_an_unknown_end_is_tried_again_on_the_same_rung(
    stairs: Stairs, error: Exception
) -> None:
    await stairs.done()
    stairs.messenger.will("token", error)
    with pytest.raises(Later):
        await stairs.climb()
    assert not (await stairs.store.get(JOB)).token_dead
    assert (await stairs.climb()).outcome is Outcome.EDITED_BY_TOKEN


async def test_words_that_a_filter_refuses_are_left_out(stairs: Stairs) -> None:
    await stairs.done()
    stairs.messenger.will("token", refusal(400, 200000))
    assert (await stairs.climb()).outcome is Outcome.EDITED_BY_TOKEN
    post = stairs.messenger.calls[-1][2]
    assert "lighthouse" not in post.content
    assert post.uploads
    assert all("lighthouse" not in upload.alt for upload in post.uploads)
    assert "filter" in post.content


async def test_a_form_that_is_refused_twice_goes_a_rung_down(stairs: Stairs) -> None:
    await stairs.done()
    stairs.messenger.will("token", refusal(400, 50035), refusal(400, 50035))
    assert (await stairs.climb()).outcome is Outcome.EDITED_BY_BOT


async def test_a_picture_that_discord_refuses_is_replaced_by_a_sentence(stairs: Stairs) -> None:
    await stairs.done()
    stairs.messenger.will("token", refusal(400, 20009))
    assert (await stairs.climb()).outcome is Outcome.HISTORY_ONLY
    post = stairs.messenger.calls[-1][2]
    assert post.uploads == ()
    assert REFUSED in post.content


async def test_a_picture_over_the_limit_is_made_smaller(stairs: Stairs, tmp_path: Path) -> None:
    stairs.shrink_to = tmp_path / "small.jpg"
    stairs.shrink_to.write_bytes(b"\xff\xd8\xff small")
    stairs.messenger.limit = MIB
    await stairs.done(size=2 * MIB)
    assert (await stairs.climb()).outcome is Outcome.EDITED_BY_TOKEN
    assert stairs.shrunk == [MIB]
    post = stairs.messenger.calls[-1][2]
    assert post.uploads is not None
    assert [upload.name for upload in post.uploads] == [f"{JOB}.jpg"]
    assert post.content.endswith(
        "Shown as a JPEG, as files here may have 1 MiB; Easel keeps the lossless picture."
    )


async def test_a_lossless_copy_needs_no_word(stairs: Stairs, tmp_path: Path) -> None:
    stairs.shrink_to, stairs.lossless = tmp_path / "small.webp", True
    stairs.shrink_to.write_bytes(b"RIFF small WEBP")
    stairs.messenger.limit = MIB
    await stairs.done(size=2 * MIB)
    await stairs.climb()
    post = stairs.messenger.calls[-1][2]
    assert post.uploads is not None
    assert [upload.name for upload in post.uploads] == [f"{JOB}.webp"]
    assert post.content.endswith("(fast)")


async def test_a_picture_that_cannot_be_made_smaller_is_replaced_by_a_sentence(
    stairs: Stairs,
) -> None:
    stairs.messenger.limit = MIB
    await stairs.done(size=2 * MIB)
    await stairs.climb()
    post = stairs.messenger.calls[-1][2]
    assert post.uploads == ()
    assert TOO_LARGE in post.content
    assert post.view is not None
    assert len(post.view.children) == 9  # its single pictures may still be small enough


@pytest.mark.parametrize("error", [refusal(413), refusal(400, 40005), refusal(400, 50045)])
async def test_what_discord_finds_too_large_is_made_smaller_three_times_at_most(
    stairs: Stairs, tmp_path: Path, error: Exception
) -> None:
    stairs.shrink_to = tmp_path / "small.jpg"
    stairs.shrink_to.write_bytes(b"\xff\xd8\xff small")
    await stairs.done(size=MIB)
    stairs.messenger.will("token", error, error, error, error)
    assert (await stairs.climb()).outcome is Outcome.HISTORY_ONLY
    assert len(stairs.shrunk) == 3
    assert stairs.shrunk == sorted(stairs.shrunk, reverse=True)
    assert stairs.messenger.kinds() == ["token"] * 5
    assert TOO_LARGE in stairs.messenger.calls[-1][2].content


async def test_a_file_that_is_missing_is_said_and_not_waited_for(
    stairs: Stairs,
) -> None:
    job = await stairs.done()
    (await stairs.blobs.local(job.grid)).unlink()
    assert (await stairs.climb()).outcome is Outcome.EDITED_BY_TOKEN
    assert LOST in stairs.messenger.calls[-1][2].content


async def test_a_failed_job_says_why_and_what_it_cost(stairs: Stairs) -> None:
    await stairs.store.admit(new_job(JOB, place=PLACE), lambda usage: None)
    job = await stairs.store.claim(JOB, by="w", now=NOON, lease_until=NOON + 99)
    assert job is not None
    await stairs.store.fail(JOB, job.fence, sentence="The worker fell over.", now=NOON)
    assert (await stairs.climb()).outcome is Outcome.EDITED_BY_TOKEN
    post = stairs.messenger.calls[-1][2]
    assert post.content.endswith("(failed)\nThe worker fell over. Nothing was charged.")
    assert post.uploads == ()


async def test_a_cancelled_job_is_shown_as_stopped(stairs: Stairs) -> None:
    await stairs.store.admit(new_job(JOB, place=PLACE), lambda usage: None)
    await stairs.store.cancel(JOB, NOON)
    assert (await stairs.climb()).state is State.CANCELLED
    assert stairs.messenger.calls[-1][2].content.endswith("(stopped)")
