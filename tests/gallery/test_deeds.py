"""What a visitor does to a picture by the forms of its page, and who may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.jobs import Job, Owner, State
from core.membership import Standing
from core.request import Kind, Visibility
from core.works import Showing
from storage.opening import Storage
from tests.builders import ADA, BO, CHANNEL
from tests.fakes.memory_membership import MemoryMembership
from tests.fakes.pictures import PNG
from tests.gallery.conftest import Browser
from tests.gallery.makers import made

HERE = CHANNEL.server_id
CY = Owner(3, "cy")
TICKET = "0123456789abcdef01234567"


@pytest.fixture
def town() -> MemoryMembership:
    """ada and bo are members, bo moderates; cy is a stranger."""
    return MemoryMembership(
        {
            (ADA.id, HERE): Standing(name="ada", member=True),
            (BO.id, HERE): Standing(name="bo", member=True, moderates=True),
        },
        {HERE: "Harbour"},
    )


@pytest.fixture
async def job(storage: Storage) -> Job:
    """ada's two pictures, shown to the members of her server."""
    return await made(storage, pictures=2, message_id=55)


def page_of(job: Job, number: int = 1) -> str:
    return f"/p/{job.id}-{number}"


DEEDS = ("like", "showing", "delete", "report", "vary")


class TestRights:
    @pytest.mark.parametrize("deed", DEEDS)
    async def test_a_stranger_learns_nothing(self, browser: Browser, job: Job, deed: str) -> None:
        await browser.log_in(CY)
        missing = await browser.submit(f"/p/{'f' * 20}-1/{deed}", {}, "/takedown")
        there = await browser.submit(f"{page_of(job)}/{deed}", {}, "/takedown")
        assert (missing.status_code, there.status_code) == (404, 404)

    @pytest.mark.parametrize("deed", DEEDS)
    async def test_who_is_not_logged_in_is_asked_to(
        self, browser: Browser, job: Job, deed: str
    ) -> None:
        answer = await browser.submit(f"{page_of(job)}/{deed}", {}, "/takedown")
        assert answer.status_code == 403

    @pytest.mark.parametrize("deed", DEEDS)
    async def test_a_form_from_elsewhere_does_nothing(
        self, browser: Browser, storage: Storage, job: Job, deed: str
    ) -> None:
        await browser.log_in(ADA)
        answer = await browser.post(f"{page_of(job)}/{deed}", data={"likes": "1"})
        assert answer.status_code == 403
        assert len(await storage.jobs.images(job.id)) == 2
        assert await storage.jobs.waiting() == []


async def test_a_like_is_a_form_and_for_scripts_an_answer(
    browser: Browser, storage: Storage, job: Job
) -> None:
    await browser.log_in(BO)
    path = f"{page_of(job)}/like"
    answer = await browser.submit(path, {"likes": "1"}, "/takedown")
    assert (answer.status_code, answer.headers["location"]) == (303, page_of(job))
    assert await storage.album.likes(job.id, 1, BO.id)
    asked = {"accept": "application/json"}
    answer = await browser.submit(path, {"likes": "0"}, "/takedown", headers=asked)
    assert answer.json() == {"likes": False, "count": 0}


class TestShowing:
    async def test_the_owner_chooses(self, browser: Browser, storage: Storage, job: Job) -> None:
        await browser.log_in(ADA)
        path = f"{page_of(job)}/showing"
        await browser.submit(path, {"showing": "private"}, "/takedown")
        assert (await storage.works.get(f"{job.id}-1")).showing is Showing.PRIVATE
        assert (await storage.works.get(f"{job.id}-2")).showing is Showing.SERVER

    @pytest.mark.parametrize("wanted", ["public", "everybody", ""])
    async def test_not_more_than_the_server_allows(
        self, browser: Browser, storage: Storage, job: Job, wanted: str
    ) -> None:
        await browser.log_in(ADA)
        path = f"{page_of(job)}/showing"
        assert (await browser.submit(path, {"showing": wanted}, "/takedown")).status_code == 403
        assert (await storage.works.get(f"{job.id}-1")).showing is Showing.SERVER

    async def test_a_moderator_does_not(self, browser: Browser, job: Job) -> None:
        await browser.log_in(BO)
        path = f"{page_of(job)}/showing"
        assert (await browser.submit(path, {"showing": "private"}, "/takedown")).status_code == 403


class TestDeletion:
    async def test_it_is_asked_first_and_says_how_many(
        self, browser: Browser, storage: Storage, job: Job
    ) -> None:
        await browser.log_in(ADA)
        path = f"{page_of(job)}/delete"
        assert "all 2 pictures of the job" in (await browser.get(path)).text
        assert len(await storage.jobs.images(job.id)) == 2
        answer = await browser.submit(path, {}, path)
        assert answer.headers["location"] == "/mine"
        assert await storage.jobs.images(job.id) == []
        assert await storage.notices.keys() == [f"gone:{CHANNEL.channel_id}:55"]
        assert (await browser.get(path)).status_code == 410

    async def test_a_moderator_is_told_whose_it_is(
        self, browser: Browser, storage: Storage, job: Job
    ) -> None:
        await browser.log_in(BO)
        path = f"{page_of(job)}/delete"
        assert "as a moderator" in (await browser.get(path)).text
        assert (await browser.submit(path, {}, path)).status_code == 303
        assert await storage.jobs.images(job.id) == []

    async def test_other_members_do_not(
        self, browser: Browser, storage: Storage, job: Job, town: MemoryMembership
    ) -> None:
        town.standings[CY.id, HERE] = Standing(name="cy", member=True)
        await browser.log_in(CY)
        path = f"{page_of(job)}/delete"
        assert (await browser.get(path)).status_code == 404
        assert (await browser.submit(path, {}, "/takedown")).status_code == 403
        assert len(await storage.jobs.images(job.id)) == 2


async def test_a_report_reaches_those_in_charge(
    browser: Browser, storage: Storage, job: Job
) -> None:
    await browser.log_in(BO)
    path = f"{page_of(job, 2)}/report"
    assert (await browser.submit(path, {"reason": " "}, path)).status_code == 403
    answer = await browser.submit(path, {"reason": "not <b>mine</b>"}, path)
    assert "The admins of this server have your report." in answer.text
    (report,) = await storage.reports.page(HERE)
    assert (report.job_id, report.number, report.by.id) == (job.id, 2, BO.id)


class TestVaryingAPart:
    async def test_a_mask_becomes_a_job_in_the_pictures_channel(
        self, browser: Browser, storage: Storage, job: Job
    ) -> None:
        await browser.log_in(BO)
        path = f"{page_of(job)}/vary"
        text = (await browser.get(path)).text
        assert text.count('name="cell"') == 16 and 'name="prompt"' not in text
        mask = {"mask": ("mask.png", PNG + b"painted", "image/png")}
        answer = await browser.submit(path, {"ticket": TICKET}, path, files=mask)
        (waiting,) = await storage.jobs.waiting()
        assert answer.headers["location"] == f"/jobs/{waiting.id}"
        new = await storage.jobs.get(waiting.id)
        assert (new.owner.id, new.request.kind) == (BO.id, Kind.REGION)
        place = new.place
        assert (place.server_id, place.channel_id, place.reply_to) == (
            HERE,
            CHANNEL.channel_id,
            55,
        )
        assert new.request.edit is not None and new.request.edit.mask is not None
        told = await browser.get(answer.headers["location"])
        assert "Number 1 in the queue" in told.text
        assert f"discord.com/channels/{HERE}/{CHANNEL.channel_id}" in told.text

    async def test_cells_and_words_need_no_script(
        self, browser: Browser, storage: Storage, job: Job
    ) -> None:
        await browser.log_in(BO)
        path = f"{page_of(job)}/vary"
        fields = {"ticket": TICKET, "cell": "1", "words": "bottom"}
        await browser.submit(path, fields, path)
        await browser.submit(path, fields, path)
        (waiting,) = await storage.jobs.waiting()
        edit = (await storage.jobs.get(waiting.id)).request.edit
        assert edit is not None and len(edit.parts) == 2 and edit.mask is None

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, "Say which part"),
            ({"cell": "99"}, "Say which part"),
            ({"words": "the moon"}, "names no part"),
            ({"words": "left", "ticket": "made up"}, "could not be read"),
            ({"words": "left", "prompt": "a fox --nonsense"}, "nonsense"),
        ],
    )
    async def test_what_is_wrong_is_said_on_the_same_page(
        self, browser: Browser, storage: Storage, job: Job, fields: dict[str, str], words: str
    ) -> None:
        await browser.log_in(BO)
        path = f"{page_of(job)}/vary"
        answer = await browser.submit(path, {"ticket": TICKET, **fields}, path)
        assert answer.status_code in (400, 403)
        assert words in answer.text and 'role="alert"' in answer.text
        assert await storage.jobs.waiting() == []

    async def test_a_file_that_is_no_picture_is_refused(
        self, browser: Browser, storage: Storage, job: Job
    ) -> None:
        await browser.log_in(BO)
        path = f"{page_of(job)}/vary"
        mask = {"mask": ("mask.png", b"GARBAGE", "image/png")}
        answer = await browser.submit(path, {"ticket": TICKET}, path, files=mask)
        assert "not a picture" in answer.text
        assert await storage.jobs.waiting() == []

    async def test_a_file_that_is_too_large_is_not_even_read(
        self, browser: Browser, job: Job
    ) -> None:
        await browser.log_in(BO)
        path = f"{page_of(job)}/vary"
        mask = {"mask": ("mask.png", PNG + bytes(5_000_000), "image/png")}
        assert (await browser.submit(path, {"ticket": TICKET}, path, files=mask)).status_code == 413

    async def test_who_is_shut_out_may_not(
        self, browser: Browser, storage: Storage, job: Job
    ) -> None:
        await storage.works.show(f"{job.id}-1", Showing.UNLISTED)
        await storage.rules.ban(HERE, BO.id, by=ADA, now=1.0)
        await browser.log_in(BO)
        path = f"{page_of(job)}/vary"
        fields = {"ticket": TICKET, "words": "left"}
        assert (await browser.submit(path, fields, "/takedown")).status_code == 403
        assert await storage.jobs.waiting() == []

    async def test_remix_mode_asks_for_the_prompt_too(
        self, browser: Browser, storage: Storage, job: Job
    ) -> None:
        await storage.wishes.change(BO.id, lambda wishes: replace(wishes, remix=True))
        await browser.log_in(BO)
        path = f"{page_of(job)}/vary"
        assert "a red lighthouse" in (await browser.get(path)).text.split('name="prompt"')[1]
        fields = {"ticket": TICKET, "words": "left", "prompt": "a blue boat"}
        await browser.submit(path, fields, path)
        (waiting,) = await storage.jobs.waiting()
        assert (await storage.jobs.get(waiting.id)).request.text == "a blue boat"


class TestAJobsPage:
    async def test_it_tells_how_the_job_goes(
        self, browser: Browser, storage: Storage, job: Job
    ) -> None:
        await browser.log_in(ADA)
        text = (await browser.get(f"/jobs/{job.id}")).text
        assert "It is done." in text and f"/p/{job.id}-2" in text
        answer = await browser.get(f"/jobs/{job.id}", headers={"accept": "application/json"})
        assert answer.json() == {"told": "It is done.", "ended": True}
        assert job.state is State.DONE

    async def test_it_is_its_owners_alone(
        self, browser: Browser, storage: Storage, job: Job
    ) -> None:
        await browser.log_in(BO)
        assert (await browser.get(f"/jobs/{job.id}")).status_code == 404
        assert (await browser.get("/jobs/nothing")).status_code == 404


async def test_a_private_picture_is_nobodys_business(browser: Browser, storage: Storage) -> None:
    job = await made(storage, visibility=Visibility.STEALTH)
    await browser.log_in(BO)
    for deed in ("vary", "report", "delete"):
        assert (await browser.get(f"{page_of(job)}/{deed}")).status_code == 404
