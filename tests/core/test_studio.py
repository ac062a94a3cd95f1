"""What people can do, from the first line typed to the last button pressed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from core.actions import Action, Button
from core.compose import Limits
from core.edits import VARY_STRONG
from core.errors import (
    BusyError,
    ImageNotFoundError,
    JobNotFoundError,
    NotYoursError,
    PromptError,
    QueueFullError,
    RefusedError,
)
from core.jobs import Image, Job, NewJob, Owner, Parent, Place, State
from core.models import Catalogue
from core.pictures import PictureError
from core.ports import Admission, Usage
from core.queue import Queue, Standing
from core.request import Kind, Source, Visibility
from core.studio import DOUBLE_CLICK_SECONDS, Receipt, Studio
from storage.blobs import LocalBlobs
from tests.builders import ADA, BO, CHANNEL, FakeClock, actor, new_job
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.memory_wishes import MemoryWishes
from tests.fakes.pictures import FakeNet, redrawn, some_pictures

PNG = b"\x89PNG\r\n\x1a\n rest of the picture"
JPEG = b"\xff\xd8\xff\xe0 rest of the picture"
WEBP = b"RIFF\x10\x00\x00\x00WEBP rest of the picture"


class SlowStore(MemoryJobStore):
    """Gives way before it admits, as a database does."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = False

    async def admit(self, new: NewJob, check: Callable[[Usage], None]) -> Admission:
        await asyncio.sleep(0)
        if self.busy:
            raise BusyError
        return await super().admit(new, check)


@dataclass
class House:
    """A studio and everything around it, in a temporary folder."""

    blobs: LocalBlobs
    clock: FakeClock
    limit: int = 3
    store: SlowStore = field(default_factory=SlowStore)
    wishes: MemoryWishes = field(default_factory=MemoryWishes)
    moved: list[str] = field(default_factory=list[str])
    net: FakeNet = field(default_factory=FakeNet)
    events: int = 0
    catalogue: Catalogue = field(
        default_factory=lambda: Catalogue.parse("[postcard]\n[sdxl]\naliases = ['xl']")
    )

    def __post_init__(self) -> None:
        self.studio = self.open()

    def open(self) -> Studio:
        """A studio on the same store: the first one, or the one after a restart."""
        return Studio(
            self.store,
            self.blobs,
            self.catalogue,
            limits=Limits(max_waiting_per_member=self.limit),
            queue=Queue(self.store, self.clock, devices=1),
            clock=self.clock,
            rng=random.Random(len(self.moved)),
            moved=self.moved.append,
            pictures=some_pictures(self.blobs, self.net),
            book=self.store.rules,
            wishes=self.wishes,
        )

    def event(self) -> str:
        self.events += 1
        return f"event {self.events}"

    async def imagine(self, line: str, owner: Owner = ADA, **how: Any) -> Receipt:
        how = {"interaction_id": self.event(), "actor": actor(owner), "place": CHANNEL} | how
        return await self.studio.imagine(line, **how)

    async def press(self, button: Button, owner: Owner = ADA, **how: Any) -> Receipt:
        how = {"interaction_id": self.event(), "actor": actor(owner), "place": CHANNEL} | how
        return await self.studio.press(button, **how)

    async def claim(self, job: Job) -> Job:
        now = self.clock.now()
        claimed = await self.store.claim(job.id, by="worker", now=now, lease_until=now + 30)
        assert claimed is not None
        return claimed

    async def finish(self, job: Job) -> Job:
        """Runs a queued job to its end."""
        claimed = await self.claim(job)
        asked = job.request
        images = [
            Image(
                job_id=job.id,
                number=number + 1,
                blob=await self.blobs.put(PNG + bytes(f"{job.id} {number}", "ascii"), ".png"),
                width=asked.width,
                height=asked.height,
                seed=asked.image_seed(number),
            )
            for number in range(asked.count)
        ]
        done = await self.store.finish(
            job.id, claimed.fence, images=images, grid="grid", gpu_ms=500, now=self.clock.now()
        )
        assert done is not None
        self.studio.queue.forget()
        return done

    async def grid(self, line: str = "a fox --seed 7", owner: Owner = ADA) -> Job:
        return await self.finish((await self.imagine(line, owner)).job)


@pytest.fixture
async def house(tmp_path: Path, clock: FakeClock) -> House:
    return House(await LocalBlobs.open(tmp_path), clock)


# Imagine


async def test_a_typed_line_becomes_a_job_with_a_place_and_a_price(house: House) -> None:
    receipt = await house.imagine("a fox --ar 3:2 --seed 7")
    job = receipt.job
    assert (job.state, job.owner, job.place) == (State.QUEUED, ADA, CHANNEL)
    assert (job.request.text, job.request.aspect, job.request.seed) == ("a fox", (3, 2), 7)
    assert (job.request.kind, job.parent, job.created_at) == (Kind.IMAGINE, None, house.clock.now())
    assert (receipt.standing.place, receipt.repeated) == (1, False)
    assert receipt.standing.seconds == pytest.approx(job.reserve_ms / 1000)
    assert [line.gpu_ms for line in await house.store.ledger(job.id)] == [job.reserve_ms]
    assert job.reserve_ms > 0
    assert house.moved == [job.id]


async def test_the_price_follows_what_the_model_cost_lately(house: House) -> None:
    first = await house.imagine("a fox")
    await house.finish(first.job)
    second = await house.imagine("a fox")
    assert second.job.reserve_ms == pytest.approx(500, abs=5)


async def test_ids_are_long_enough_never_to_meet_and_fit_a_button(house: House) -> None:
    job = (await house.imagine("a fox")).job
    assert len(job.id) == 20
    assert Button.from_custom_id(Button(Action.REROLL, job.id).custom_id).job_id == job.id


async def test_the_option_of_the_command_chooses_the_model_unless_one_is_typed(
    house: House,
) -> None:
    assert (await house.imagine("a fox", model="xl")).job.request.model == "sdxl"
    assert (await house.imagine("a fox --v postcard", model="xl")).job.request.model == "postcard"


async def test_the_same_event_delivered_twice_is_one_job(house: House) -> None:
    first = await house.imagine("a fox", interaction_id="again")
    second = await house.imagine("a fox", interaction_id="again")
    assert second.job.id == first.job.id
    assert (first.repeated, second.repeated) == (False, True)
    assert second.standing == first.standing
    assert len(await house.store.ledger()) == 1


async def test_the_same_event_delivered_twice_at_once_is_one_job(house: House) -> None:
    receipts = await asyncio.gather(
        *(house.imagine("a fox", interaction_id="again") for _ in range(3))
    )
    assert len({receipt.job.id for receipt in receipts}) == 1
    assert sum(receipt.repeated for receipt in receipts) == 2


async def test_an_event_repeated_after_the_job_ran_says_so(house: House) -> None:
    first = await house.imagine("a fox", interaction_id="again")
    await house.finish(first.job)
    second = await house.imagine("a fox", interaction_id="again")
    assert (second.job.state, second.standing) == (State.DONE, Standing(0, 0.0))


@pytest.mark.parametrize("line", ["", "a fox --xyzzy", "x" * 10_000, "a fox --steps 100"])
async def test_a_line_that_cannot_be_read_charges_nothing(house: House, line: str) -> None:
    with pytest.raises(PromptError):
        await house.imagine(line)
    assert list(await house.store.ledger()) == []
    assert house.moved == []


async def test_reading_a_line_admits_nothing(house: House) -> None:
    assert house.studio.read("a fox --seed 7").seed == 7
    assert house.studio.read("--seed 7", with_picture=True).text == ""
    with pytest.raises(PromptError) as caught:
        house.studio.read("a fox --steps 100")
    assert (caught.value.typed, caught.value.mended) == ("a fox --steps 100", "a fox --steps 60")
    assert list(await house.store.waiting()) == []


# Limits


async def test_a_member_may_wait_for_so_many_and_no_more(house: House) -> None:
    jobs = [(await house.imagine("a fox")).job for _ in range(3)]
    await house.claim(jobs[0])
    with pytest.raises(QueueFullError) as caught:
        await house.imagine("a fox")
    assert caught.value.sentence == (
        "You have 3 jobs waiting or running and the limit here is 3. "
        "Wait for one to finish, or cancel one."
    )
    assert len(house.moved) == 3
    assert (await house.imagine("a fox", BO)).job.owner == BO


ABROAD = Place(channel_id=99, token="token-of-the-interaction", abroad=True)


async def test_where_easel_was_only_brought_along_a_job_must_be_done_soon(house: House) -> None:
    house.limit = 100
    house.studio = house.open()
    guest = actor(ADA, server_id=0, abroad=True)
    await house.imagine("a fox", actor=guest, place=ABROAD)
    # Bo's hour of work is begun before; Cy's would be done an hour from now, so it is refused.
    hour = new_job("b" * 20, owner=BO, reserve_ms=3_600_000)
    await house.store.admit(hour, lambda _: None)
    await house.store.claim(hour.id, by="w", now=house.clock.now(), lease_until=1e12)
    house.studio.queue.forget()
    admitted = len(await house.store.history(None))
    with pytest.raises(
        RefusedError, match=r"^That would take about 60 minutes, .* here for 15 only"
    ):
        await house.imagine("a fox", actor=guest, place=ABROAD)
    with pytest.raises(RefusedError, match=r"^That would take about 60"):
        await house.imagine("a fox --relax", actor=guest, place=ABROAD)
    assert len(await house.store.history(None)) == admitted
    assert len(await house.store.ledger()) == admitted
    # In a server, and in Easel's own direct messages, it is taken.
    await house.imagine("a fox")
    await house.imagine("a fox", actor=replace(guest, abroad=False), place=Place(channel_id=98))


async def test_a_stored_picture_is_shown_anywhere_however_much_waits(house: House) -> None:
    grid = await house.finish((await house.imagine("a fox")).job)
    long = new_job("b" * 20, owner=BO, reserve_ms=3_600_000)
    await house.store.admit(long, lambda _: None)
    guest = actor(BO, server_id=0, abroad=True)
    picked = await house.press(Button(Action.UPSCALE, grid.id, 2), actor=guest, place=ABROAD)
    assert picked.job.state is State.DONE
    assert picked.job.place == ABROAD


async def test_several_jobs_of_one_command_are_refused_where_one_can_be_shown(
    house: House,
) -> None:
    guest = actor(ADA, server_id=0, abroad=True)
    with pytest.raises(RefusedError, match=r"^That makes 2 jobs, and here Easel can show one"):
        await house.studio.order("a {red, blue} fox", actor=guest)
    assert len((await house.studio.order("a fox --n 2", actor=guest)).requests) == 1


async def test_one_that_finished_or_was_cancelled_makes_room(house: House) -> None:
    jobs = [(await house.imagine("a fox")).job for _ in range(3)]
    await house.finish(jobs[0])
    await house.imagine("a fox")
    await house.studio.cancel(jobs[1].id, actor())
    await house.imagine("a fox")
    with pytest.raises(QueueFullError):
        await house.imagine("a fox")


async def test_a_repeated_event_is_answered_even_at_the_limit(house: House) -> None:
    receipts = [await house.imagine("a fox", interaction_id=f"{n}") for n in range(3)]
    assert (await house.imagine("a fox", interaction_id="2")).job == receipts[2].job


async def test_when_the_database_is_busy_nothing_is_half_done(house: House) -> None:
    house.store.busy = True
    with pytest.raises(BusyError):
        await house.imagine("a fox", interaction_id="again")
    house.store.busy = False
    assert not (await house.imagine("a fox", interaction_id="again")).repeated
    assert len(house.moved) == 1


async def test_an_admitted_job_is_answered_even_if_the_queue_cannot_be_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object) -> None:
        raise BusyError

    monkeypatch.setattr(house.store, "waiting", busy)
    receipt = await house.imagine("a fox")
    assert receipt.standing.place == 1
    assert (await house.store.get(receipt.job.id)).state is State.QUEUED


# A picture to start from

LINK = "https://cdn.discordapp.com/attachments/1/2/a.png?ex=3"


async def test_a_picture_given_with_the_prompt_is_drawn_anew_and_started_from(
    house: House,
) -> None:
    request = (await house.imagine("a fox", picture=PNG)).job.request
    assert request.source is not None
    assert request.source.strength == 0.75
    assert await house.blobs.get(request.source.blob) == redrawn(PNG)


@pytest.mark.parametrize("line", [f"{LINK} a fox", f"a fox --init {LINK}", LINK])
async def test_a_picture_can_be_named_by_its_address(house: House, line: str) -> None:
    house.net.files[LINK] = JPEG
    request = (await house.imagine(line)).job.request
    assert request.source is not None
    assert await house.blobs.get(request.source.blob) == redrawn(JPEG)
    assert house.net.asked == [LINK]


@pytest.mark.parametrize(
    ("flags", "strength"), [("--iw 0", 1), ("--iw 3", 0.25), ("--strength 0.4", 0.4)]
)
async def test_how_much_of_it_is_kept_can_be_said(
    house: House, flags: str, strength: float
) -> None:
    request = (await house.imagine(f"a fox {flags}", picture=PNG)).job.request
    assert request.source is not None
    assert request.source.strength == pytest.approx(strength)


async def test_with_a_picture_no_word_is_needed(house: House) -> None:
    request = (await house.imagine("--ar 3:2", picture=PNG)).job.request
    assert (request.text, request.parts, request.aspect) == ("", (), (3, 2))


async def test_starting_from_a_picture_costs_less(house: House) -> None:
    with_picture = (await house.imagine("a fox", picture=PNG)).job
    without = (await house.imagine("a fox")).job
    assert with_picture.reserve_ms < without.reserve_ms


@pytest.mark.parametrize(
    ("line", "picture"),
    [
        (f"{LINK} a fox", PNG),
        (f"{LINK} {LINK}2 a fox", None),
        (f"{LINK} a fox --init {LINK}", None),
    ],
)
async def test_a_grid_starts_from_one_picture(
    house: House, line: str, picture: bytes | None
) -> None:
    with pytest.raises(PromptError) as caught:
        await house.imagine(line, picture=picture)
    assert caught.value.sentence == (
        "That names 2 pictures to start from, and a grid starts from one. Leave out the others."
    )
    assert house.net.asked == []


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"<svg/>"], ids=["empty", "PDF", "SVG"])
async def test_of_a_file_that_is_no_picture_nothing_is_kept_or_charged(
    house: House, tmp_path: Path, data: bytes
) -> None:
    house.net.files[LINK] = data
    for line, picture in (("a fox", data), (f"{LINK} a fox", None)):
        with pytest.raises(PictureError) as caught:
            await house.imagine(line, picture=picture)
        assert caught.value.sentence == "That file is not a picture Easel can read."
    assert list(await house.store.waiting()) == []
    assert list(await house.store.ledger()) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_nothing_is_fetched_or_kept_for_somebody_who_is_refused(
    house: House, tmp_path: Path
) -> None:
    for _ in range(3):
        await house.imagine("a fox")
    house.net.files[LINK] = PNG
    with pytest.raises(QueueFullError):
        await house.imagine(f"{LINK} a fox")
    with pytest.raises(QueueFullError):
        await house.imagine("a fox", picture=PNG)
    assert house.net.asked == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert len(house.moved) == 3


async def test_the_same_event_with_a_picture_delivered_twice_is_one_job(house: House) -> None:
    first = await house.imagine("a fox", picture=PNG, interaction_id="again")
    second = await house.imagine("a fox", picture=PNG, interaction_id="again")
    assert (second.job.id, second.repeated) == (first.job.id, True)
    assert len(await house.store.ledger()) == 1


async def test_every_job_of_a_set_starts_from_its_own_picture(house: House) -> None:
    other = LINK + "&other"
    house.net.files.update({LINK: PNG, other: JPEG})
    order = await house.studio.order(f"{{{LINK}, {other}}} a fox --repeat 2", actor=actor())
    assert order.links == (LINK, LINK, other, other)
    house.limit = 4
    receipts = await house.open().make(order, interaction_id="set", actor=actor(), place=CHANNEL)
    kept = [one.job.request.source for one in receipts]
    assert [await house.blobs.get(source.blob) for source in kept if source] == [
        *(redrawn(PNG),) * 2,
        *(redrawn(JPEG),) * 2,
    ]
    assert house.net.asked == [LINK, other]


# Buttons under a grid


async def test_u_shows_the_stored_picture_at_once_and_free(house: House) -> None:
    grid = await house.grid()
    receipt = await house.press(Button(Action.UPSCALE, grid.id, 2), BO)
    picked = receipt.job
    (image,) = await house.store.images(picked.id)
    stored = await house.store.image(grid.id, 2)
    assert (picked.state, picked.owner, picked.reserve_ms) == (State.DONE, BO, 0)
    assert (image.blob, image.number, image.seed) == (stored.blob, 1, stored.seed)
    assert picked.request.kind is Kind.UPSCALE
    assert picked.request.image_seed(0) == stored.seed
    assert picked.parent == Parent(grid.id, 2)
    assert receipt.standing == Standing(0, 0.0)
    assert sum(line.gpu_ms for line in await house.store.ledger(picked.id)) == 0
    assert house.moved[-1] == picked.id


async def test_u_works_even_for_who_may_not_queue_any_more(house: House) -> None:
    grid = await house.grid()
    for _ in range(3):
        await house.imagine("a fox")
    assert (await house.press(Button(Action.UPSCALE, grid.id, 1))).job.state is State.DONE
    with pytest.raises(QueueFullError):
        await house.press(Button(Action.VARY, grid.id, 1))


async def test_v_makes_a_new_grid_from_that_picture(house: House) -> None:
    grid = await house.grid()
    varied = (await house.press(Button(Action.VARY, grid.id, 3))).job
    stored = await house.store.image(grid.id, 3)
    assert (varied.state, varied.parent) == (State.QUEUED, Parent(grid.id, 3))
    assert varied.request.source == Source(stored.blob, VARY_STRONG)
    assert varied.request.kind is Kind.VARIATION
    assert varied.request.seed != grid.request.seed
    assert varied.request.text == grid.request.text


async def test_v_of_a_picture_picked_by_u_is_a_grid_again(house: House) -> None:
    grid = await house.grid()
    picked = (await house.press(Button(Action.UPSCALE, grid.id, 2))).job
    varied = (await house.press(Button(Action.VARY, picked.id, 1))).job
    assert varied.request.count == 4
    assert varied.request.source is not None
    assert varied.request.source.blob == (await house.store.image(grid.id, 2)).blob


async def test_reroll_asks_the_same_with_another_seed(house: House) -> None:
    grid = await house.grid("a fox --ar 3:2 --seed 7")
    again = (await house.press(Button(Action.REROLL, grid.id))).job
    assert (again.request.kind, again.parent) == (Kind.REROLL, Parent(grid.id))
    assert again.request.seed != 7
    assert (again.request.text, again.request.aspect) == ("a fox", (3, 2))


async def test_a_single_picture_has_nothing_to_reroll(house: House) -> None:
    grid = await house.grid()
    picked = (await house.press(Button(Action.UPSCALE, grid.id, 2))).job
    with pytest.raises(RefusedError, match="one picture of a grid; re-roll the grid instead"):
        await house.press(Button(Action.REROLL, picked.id))


async def test_buttons_work_after_a_restart_and_after_a_year(house: House) -> None:
    grid = await house.grid()
    custom_id = Button(Action.VARY, grid.id, 1).custom_id
    house.clock.advance(365 * 86400)
    house.studio = house.open()
    assert (await house.press(Button.from_custom_id(custom_id))).job.parent == Parent(grid.id, 1)


async def test_a_double_click_is_one_job(house: House) -> None:
    grid = await house.grid()
    button = Button(Action.VARY, grid.id, 1)
    first = await house.press(button)
    house.clock.advance(DOUBLE_CLICK_SECONDS - 0.1)
    second = await house.press(button)
    assert (second.job.id, second.repeated) == (first.job.id, True)
    assert second.standing.place == 1


async def test_a_double_click_faster_than_the_database_is_one_job(house: House) -> None:
    grid = await house.grid()
    button = Button(Action.REROLL, grid.id)
    receipts = await asyncio.gather(*(house.press(button) for _ in range(3)))
    assert len({receipt.job.id for receipt in receipts}) == 1
    assert [receipt.repeated for receipt in receipts] == [False, True, True]


async def test_the_second_click_works_where_the_first_failed(house: House) -> None:
    grid = await house.grid()
    house.store.busy = True
    with pytest.raises(BusyError):
        await house.press(Button(Action.VARY, grid.id, 1))
    house.store.busy = False
    assert not (await house.press(Button(Action.VARY, grid.id, 1))).repeated


async def test_pressing_again_later_or_elsewhere_is_another_job(house: House) -> None:
    grid = await house.grid()
    first = await house.press(Button(Action.VARY, grid.id, 1))
    other_button = await house.press(Button(Action.VARY, grid.id, 2))
    other_person = await house.press(Button(Action.VARY, grid.id, 1), BO)
    house.clock.advance(DOUBLE_CLICK_SECONDS)
    later = await house.press(Button(Action.VARY, grid.id, 1))
    assert len({one.job.id for one in (first, other_button, other_person, later)}) == 4


async def test_a_button_on_a_grid_that_is_not_there_yet_or_any_more_says_so(house: House) -> None:
    waiting = (await house.imagine("a fox")).job
    with pytest.raises(ImageNotFoundError):
        await house.press(Button(Action.UPSCALE, waiting.id, 1))
    with pytest.raises(ImageNotFoundError):
        await house.press(Button(Action.VARY, (await house.grid()).id, 5))
    with pytest.raises(JobNotFoundError):
        await house.press(Button(Action.REROLL, "0" * 20))


async def test_a_button_that_makes_no_picture_is_not_pressed_here(house: House) -> None:
    with pytest.raises(RefusedError, match="makes no picture"):
        await house.press(Button(Action.CANCEL, (await house.grid()).id))


# Whose is it


async def test_a_private_picture_is_pressed_by_its_owner_only(house: House) -> None:
    grid = await house.grid("a fox --stealth")
    for action, index in [(Action.UPSCALE, 1), (Action.VARY, 1), (Action.REROLL, 0)]:
        with pytest.raises(NotYoursError, match="private to the person who made it"):
            await house.press(Button(action, grid.id, index), BO)
    varied = await house.press(Button(Action.VARY, grid.id, 1))
    assert varied.job.request.visibility is Visibility.STEALTH


async def test_a_waiting_job_is_cancelled_at_once_and_refunded(house: House) -> None:
    job = (await house.imagine("a fox")).job
    gone = await house.studio.cancel(job.id, actor())
    assert gone.state is State.CANCELLED
    assert sum(line.gpu_ms for line in await house.store.ledger(job.id)) == 0
    assert house.moved == [job.id, job.id]


async def test_a_running_job_is_asked_to_stop(house: House) -> None:
    job = (await house.imagine("a fox")).job
    await house.claim(job)
    asked = await house.studio.cancel(job.id, actor())
    assert (asked.state, asked.cancel_requested) == (State.RUNNING, True)


async def test_a_finished_job_stays_when_cancelled(house: House) -> None:
    grid = await house.grid()
    assert (await house.studio.cancel(grid.id, actor())).state is State.DONE


async def test_only_its_owner_or_a_moderator_cancels_a_job(house: House) -> None:
    job = (await house.imagine("a fox")).job
    with pytest.raises(NotYoursError):
        await house.studio.cancel(job.id, actor(BO))
    assert (await house.store.get(job.id)).state is State.QUEUED
    gone = await house.studio.cancel(job.id, actor(BO, moderates=True))
    assert gone.state is State.CANCELLED
    with pytest.raises(JobNotFoundError):
        await house.studio.cancel("0" * 20, actor())


async def test_who_waits_behind_a_cancelled_job_moves_up(house: House) -> None:
    first = (await house.imagine("a fox")).job
    house.clock.advance(1)
    second = await house.imagine("a fox", BO)
    assert second.standing.place == 2
    await house.studio.cancel(first.id, actor())
    assert (await house.studio.receipt(second.job.id)).standing.place == 1


async def test_a_receipt_says_where_a_job_stands_now(house: House) -> None:
    job = (await house.imagine("a fox")).job
    assert (await house.studio.receipt(job.id)).standing.place == 1
    await house.claim(job)
    running = await house.studio.receipt(job.id)
    assert (running.job.state, running.standing) == (State.RUNNING, Standing(0, 0.0))
    with pytest.raises(JobNotFoundError):
        await house.studio.receipt("0" * 20)


async def test_fifty_members_at_once_do_not_hold_up_the_loop(house: House, no_stalls: None) -> None:
    crowd = [Owner(100 + n, f"member{n}") for n in range(50)]
    receipts = await asyncio.gather(*(house.imagine("a fox", member) for member in crowd))
    assert len({receipt.job.id for receipt in receipts}) == 50
    assert sorted(receipt.standing.place for receipt in receipts)[-1] == 50
