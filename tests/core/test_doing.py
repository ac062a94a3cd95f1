"""What is done to a picture on the web is what could be done to it in Discord, and no more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.album import Collector
from core.allowance import EVERYONE, Allowance, Amount, Unit
from core.complaints import Complaints
from core.departures import Departures
from core.doing import Doing, Hand
from core.edits import Box, Op
from core.errors import (
    BannedError,
    ImageNotFoundError,
    NotYoursError,
    QuotaError,
    RefusedError,
)
from core.jobs import Job, Owner, State
from core.periods import Period
from core.permits import Permit
from core.pictures import PictureError
from core.request import Kind
from core.works import Showing, Viewer, Work
from tests.builders import ADA, BO, CHANNEL, actor, work
from tests.core.test_studio import PNG, House, house
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_notices import MemoryNotices
from tests.fakes.memory_reports import MemoryReports
from tests.fakes.pictures import redrawn

__all__ = ["house"]

SERVER = CHANNEL.server_id
CY = Owner(3, "cy")


@dataclass
class Wall:
    """Works in a dict; all that `Doing` asks of them."""

    works: dict[str, Work] = field(default_factory=dict[str, Work])

    async def get(self, work_id: str) -> Work:
        if work_id not in self.works:
            raise ImageNotFoundError
        return self.works[work_id]

    async def show(self, work_id: str, showing: Showing, **_: Any) -> Work:
        self.works[work_id] = replace(self.works[work_id], showing=showing)
        return self.works[work_id]


@dataclass
class Porter:
    """Lets those into the channel who are named."""

    people: set[int] = field(default_factory=lambda: {ADA.id, BO.id})
    closed: bool = False

    async def of(self, person_id: int, server_id: int, channel_id: int) -> Permit:
        assert (server_id, channel_id) == (SERVER, CHANNEL.channel_id)
        return Permit(presses=person_id in self.people, budget_id=77, closed=self.closed)


class Shop:
    def __init__(self, house: House) -> None:
        self.house = house
        self.wall, self.porter = Wall(), Porter()
        self.reports = MemoryReports(house.store.rules)
        self.album, self.notices = MemoryAlbum(house.store), MemoryNotices()
        self.doing = Doing(
            self.wall,  # pyright: ignore[reportArgumentType]
            house.studio,
            house.store.rules,
            Collector(house.store, self.album, house.clock),
            Complaints(self.reports, house.store, house.clock),
            self.porter,
            Departures(self.notices, house.clock),
        )

    async def hang(self, showing: Showing = Showing.SERVER, **changes: Any) -> Work:
        job = await self.house.grid()
        image = await self.house.store.image(job.id, 2)
        values = {"blob": image.blob, "message_id": 55, "showing": showing, **changes}
        self.wall.works[f"{job.id}-2"] = work(job.id, 2, **values)
        return self.wall.works[f"{job.id}-2"]

    async def repaint(self, hand: Hand, work: Work, ticket: str = "t", **how: Any) -> Job:
        return (await self.doing.repaint(hand, work.id, ticket=ticket, **how)).job


@pytest.fixture
def shop(house: House) -> Shop:
    return Shop(house)


def hand(owner: Owner = ADA, *, member: bool = True, **rights: Any) -> Hand:
    servers = frozenset({SERVER} if member else ())
    viewer = Viewer(person_id=owner.id, servers=servers)
    return Hand(viewer=viewer, actor=actor(owner, **rights))


async def test_what_one_may_not_see_is_not_there(shop: Shop) -> None:
    private, server = await shop.hang(Showing.PRIVATE), await shop.hang()
    for who, work_id in ((hand(BO), private.id), (hand(CY, member=False), server.id)):
        for deed in (
            shop.doing.like(who, work_id, likes=True),
            shop.doing.show(who, work_id, Showing.PUBLIC),
            shop.doing.delete(who, work_id),
            shop.doing.report(who, work_id, "spam"),
            shop.doing.repaint(who, work_id, ticket="t", region="left"),
        ):
            with pytest.raises(ImageNotFoundError):
                await deed
    assert await shop.reports.count(SERVER) == 0


async def test_a_like_is_given_and_taken_back(shop: Shop) -> None:
    work = await shop.hang()
    assert (await shop.doing.like(hand(BO), work.id, likes=True)).count == 1
    assert (await shop.doing.like(hand(BO), work.id, likes=True)).count == 1
    assert (await shop.doing.like(hand(BO), work.id, likes=False)).count == 0


class TestShowing:
    async def test_the_owner_says_who_sees_a_picture(self, shop: Shop) -> None:
        work = await shop.hang()
        assert await shop.doing.choices(hand().viewer, work) == (
            Showing.SERVER,
            Showing.UNLISTED,
            Showing.PRIVATE,
        )
        shown = await shop.doing.show(hand(), work.id, Showing.PRIVATE)
        assert shown.showing is Showing.PRIVATE

    async def test_never_to_more_than_the_server_allows(self, shop: Shop) -> None:
        work = await shop.hang()
        with pytest.raises(RefusedError, match="so many"):
            await shop.doing.show(hand(), work.id, Showing.PUBLIC)
        await shop.house.store.rules.change_house(
            SERVER, lambda h: replace(h, gallery=Showing.PUBLIC), by=BO, now=1.0
        )
        assert (await shop.doing.show(hand(), work.id, Showing.PUBLIC)).showing is Showing.PUBLIC

    async def test_nobody_else_does(self, shop: Shop) -> None:
        work = await shop.hang()
        moderator = hand(BO, moderates=True, administers=True)
        assert await shop.doing.choices(moderator.viewer, work) == ()
        with pytest.raises(NotYoursError):
            await shop.doing.show(moderator, work.id, Showing.PRIVATE)


async def test_a_picture_is_deleted_by_its_owner_and_by_moderators(shop: Shop) -> None:
    work, other = await shop.hang(), await shop.hang()
    with pytest.raises(NotYoursError):
        await shop.doing.delete(hand(BO), work.id)
    await shop.house.store.shown_at(work.job_id, 55)
    await shop.doing.delete(hand(), work.id)
    assert await shop.notices.keys() == [f"gone:{CHANNEL.channel_id}:55"]
    await shop.doing.delete(hand(BO, moderates=True), other.id)
    assert not await shop.house.store.images(work.job_id)
    assert not await shop.house.store.images(other.job_id)


async def test_the_admin_role_of_a_server_may_delete_there_and_nowhere_else(shop: Shop) -> None:
    work = await shop.hang()
    by_role = Viewer(person_id=BO.id, servers=frozenset({SERVER}), administers=frozenset({99}))
    with pytest.raises(NotYoursError):
        await shop.doing.delete(Hand(viewer=by_role, actor=actor(BO)), work.id)
    here = replace(by_role, administers=frozenset({SERVER}))
    await shop.doing.delete(Hand(viewer=here, actor=actor(BO)), work.id)
    assert not await shop.house.store.images(work.job_id)


async def test_a_report_says_what_is_wrong(shop: Shop) -> None:
    work = await shop.hang()
    with pytest.raises(RefusedError, match="what is wrong"):
        await shop.doing.report(hand(BO), work.id, "  ")
    await shop.doing.report(hand(BO), work.id, "it is spam")
    (report,) = await shop.reports.page(SERVER)
    assert (report.by, report.number, report.reason) == (BO, 2, "it is spam")


class TestRepainting:
    async def test_a_part_is_painted_anew_where_the_picture_is(self, shop: Shop) -> None:
        work = await shop.hang()
        job = await shop.repaint(hand(BO), work, mask=PNG + b"mask")
        edit = job.request.edit
        assert edit is not None and edit.op is Op.REGION and edit.mask is not None
        assert await shop.house.blobs.get(edit.mask) == redrawn(PNG + b"mask")
        assert (job.state, job.owner, job.request.kind) == (State.QUEUED, BO, Kind.REGION)
        place = job.place
        assert (place.server_id, place.channel_id, place.reply_to, place.token) == (
            SERVER,
            CHANNEL.channel_id,
            55,
            "",
        )

    async def test_cells_and_words_will_do(self, shop: Shop) -> None:
        job = await shop.repaint(hand(), await shop.hang(), region="1, bottom")
        edit = job.request.edit
        assert edit is not None and edit.parts == (Box(0, 0, 0.25, 0.25), Box(0, 0.5, 1, 1))

    async def test_the_same_form_twice_is_one_job_and_each_persons_own(self, shop: Shop) -> None:
        work = await shop.hang()
        job = await shop.repaint(hand(BO), work, region="left")
        shop.house.clock.advance(60)
        assert (await shop.repaint(hand(BO), work, region="left")).id == job.id
        assert (await shop.repaint(hand(ADA), work, region="left")).id != job.id
        shop.house.clock.advance(60)
        assert (await shop.repaint(hand(BO), work, ticket="u", region="left")).id != job.id

    async def test_who_may_not_press_there_may_not_here(self, shop: Shop) -> None:
        work = await shop.hang()
        shop.porter.people.clear()
        with pytest.raises(RefusedError, match="may not use buttons"):
            await shop.repaint(hand(BO), work, mask=PNG)
        await shop.house.store.rules.ban(SERVER, BO.id, by=ADA, now=1.0)
        # Said before Discord is asked about the channel.
        with pytest.raises(BannedError):
            await shop.repaint(hand(BO), work, mask=PNG)
        shop.porter.people.add(BO.id)
        with pytest.raises(BannedError):
            await shop.repaint(hand(BO), work, mask=PNG)
        assert await shop.house.store.waiting() == []

    async def test_quotas_hold_also_those_of_the_channel(self, shop: Shop) -> None:
        work = await shop.hang()
        rules = shop.house.store.rules
        three = Amount(Unit.PICTURES, Period.DAY, 3)
        await rules.change_line(
            SERVER, EVERYONE, lambda _: Allowance(amounts=(three,)), by=ADA, now=1.0
        )
        with pytest.raises(QuotaError):
            await shop.repaint(hand(BO), work, mask=PNG + b"kept?")
        assert await shop.house.store.waiting() == []

    async def test_what_is_in_no_channel_is_not_repainted_from_here(self, shop: Shop) -> None:
        work = await shop.hang(Showing.UNLISTED, server_id=0)
        with pytest.raises(RefusedError, match="no channel"):
            await shop.repaint(hand(), work, region="left")

    async def test_nothing_and_no_picture_are_said_to_be_so(self, shop: Shop) -> None:
        work = await shop.hang()
        with pytest.raises(RefusedError, match="Say which part"):
            await shop.repaint(hand(), work)
        with pytest.raises(PictureError):
            await shop.repaint(hand(), work, mask=b"no picture")

    async def test_what_is_made_of_a_guarded_picture_is_guarded(self, shop: Shop) -> None:
        shop.porter.closed = True
        job = await shop.repaint(hand(), await shop.hang(age_rated=True), region="left")
        assert (job.place.age_rated, job.place.closed) == (True, True)
