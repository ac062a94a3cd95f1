"""What moderators and admins see of their server on the web, and what nobody else does."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from core.allowance import EVERYONE, Allowance, Amount, Subject, Unit
from core.jobs import Actor, Job, Owner
from core.membership import Standing
from core.periods import Period
from core.reports import Verdict
from core.showcase import Showcase
from gallery.app import build_app
from gallery.deps import Deps
from storage.opening import Storage
from tests.builders import ADA, BO, CHANNEL, NOON
from tests.fakes.memory_membership import MemoryMembership
from tests.gallery.conftest import Browser, browsing
from tests.gallery.makers import made

HERE, ELSEWHERE = CHANNEL.server_id, 99
CY, DORA = Owner(3, "cy"), Owner(4, "dora")
DESK = f"/admin/{HERE}"
ADMINS_PAGES = ("/use", "/use.csv", f"/use/{ADA.id}", "/limits", "/showcases", "/log")


@pytest.fixture
def town() -> MemoryMembership:
    """bo administers, cy moderates, ada is a plain member, dora administers another server."""
    return MemoryMembership(
        {
            (ADA.id, HERE): Standing(name="ada", member=True),
            (BO.id, HERE): Standing(name="bo", member=True, administers=True),
            (CY.id, HERE): Standing(name="cy", member=True, moderates=True),
            (DORA.id, ELSEWHERE): Standing(name="dora", member=True, administers=True),
        },
        {HERE: "Harbour", ELSEWHERE: "Studio North"},
    )


async def reported(browser: Browser, job: Job, reason: str = "spam") -> int:
    await browser.deps.complaints.take(Actor(ADA, server_id=HERE), job.id, reason, 1)
    (newest, *_) = await browser.deps.bench.page(Actor(CY, operator=True), HERE)
    return newest.id


class TestRights:
    @pytest.mark.parametrize("path", ["", *ADMINS_PAGES, "/reports"])
    @pytest.mark.parametrize("who", [ADA, DORA])
    async def test_nobody_else_learns_that_there_is_a_desk(
        self, browser: Browser, storage: Storage, path: str, who: Owner
    ) -> None:
        await made(storage)
        await browser.log_in(who)
        assert (await browser.get(DESK + path)).status_code == 404

    @pytest.mark.parametrize("path", ["", *ADMINS_PAGES, "/reports"])
    async def test_a_visitor_is_asked_to_log_in(self, browser: Browser, path: str) -> None:
        answer = await browser.get(DESK + path)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/login")

    @pytest.mark.parametrize("path", ADMINS_PAGES)
    async def test_a_moderator_judges_reports_and_no_more(
        self, browser: Browser, path: str
    ) -> None:
        await browser.log_in(CY)
        assert (await browser.get(DESK + path)).status_code == 403
        assert (await browser.get(DESK)).headers["location"] == f"{DESK}/reports"
        assert (await browser.get(DESK + "/reports")).status_code == 200

    @pytest.mark.parametrize("server_id", [2**63, 10**30, 0])
    async def test_servers_there_are_not_are_not_there(
        self, browser: Browser, server_id: int
    ) -> None:
        await browser.log_in(BO)
        assert (await browser.get(f"/admin/{server_id}/use")).status_code == 404

    async def test_a_member_with_the_admin_role_is_an_admin(
        self, browser: Browser, storage: Storage, town: MemoryMembership
    ) -> None:
        await storage.rules.change_house(
            HERE, lambda house: replace(house, admin_role=7), by=BO, now=1.0
        )
        town.standings[ADA.id, HERE] = Standing(name="ada", member=True, role_ids=(7,))
        await browser.log_in(ADA)
        assert (await browser.get(DESK + "/use")).status_code == 200

    async def test_who_leaves_is_no_admin_any_more(
        self, browser: Browser, town: MemoryMembership
    ) -> None:
        await browser.log_in(BO)
        assert (await browser.get(DESK + "/use")).status_code == 200
        town.standings[BO.id, HERE] = Standing()
        assert (await browser.get(DESK + "/use")).status_code == 404


async def test_everybody_finds_the_servers_they_are_in_charge_of(
    browser: Browser, storage: Storage
) -> None:
    await reported(browser, await made(storage))
    for who, words in ((BO, "You administer it."), (CY, "You moderate it.")):
        await browser.log_in(who)
        text = (await browser.get("/admin")).text
        assert "Harbour" in text and words in text and "Open reports: 1" in text
        assert "Studio North" not in text
    await browser.log_in(ADA)
    assert "No server of yours" in (await browser.get("/admin")).text


class TestUse:
    async def test_the_use_of_a_month_is_a_chart_and_a_table(
        self, browser: Browser, storage: Storage
    ) -> None:
        await made(storage, ADA, gpu_ms=90_000, pictures=4)
        await made(storage, BO, gpu_ms=30_000, at=NOON - 3 * 86400)
        await made(storage, DORA, replace(CHANNEL, server_id=ELSEWHERE))
        await browser.log_in(BO)
        text = (await browser.get(DESK + "/use")).text
        assert text.count('class="column"') == 31
        assert "GPU time in the last 30 days" in text
        assert "<title>15 Jan: 1.5</title>" in text and "<title>12 Jan: 0.5</title>" in text
        assert text.index(">ada<") < text.index(">bo</bdi></a>")
        assert "dora" not in text
        pictures = (await browser.get(DESK + "/use?time=week&unit=pictures")).text
        assert "Pictures in the last 7 days" in pictures
        assert "<title>15 Jan: 4</title>" in pictures

    async def test_it_is_read_in_chinese_too(self, browser: Browser, storage: Storage) -> None:
        await made(storage, ADA)
        await browser.log_in(BO)
        text = (await browser.get(DESK + "/use", headers={"accept-language": "zh-CN"})).text
        assert "最近 30 天的 GPU 时间" in text and "01月15日" in text and "按成员" in text

    @pytest.mark.parametrize("query", ["time=century", "unit=tears"])
    async def test_what_cannot_be_counted_is_not_there(self, browser: Browser, query: str) -> None:
        await browser.log_in(BO)
        assert (await browser.get(f"{DESK}/use?{query}")).status_code == 404

    async def test_a_member_has_a_page_with_what_is_left(
        self, browser: Browser, storage: Storage
    ) -> None:
        await made(storage, ADA, pictures=4)
        ten = Allowance(amounts=(Amount(Unit.PICTURES, Period.DAY, 10),))
        await storage.rules.change_line(HERE, EVERYONE, lambda _: ten, by=BO, now=NOON)
        await storage.rules.ban(HERE, ADA.id, by=BO, now=NOON)
        await browser.log_in(BO)
        text = (await browser.get(f"{DESK}/use/{ADA.id}")).text
        assert "6 pictures" in text and "10 pictures per day" in text
        assert 'class="limit"' in text and "Shut out from making pictures here." in text
        assert (await browser.get(f"{DESK}/use/{DORA.id}")).status_code == 404

    async def test_the_same_is_a_file_for_a_spreadsheet(
        self, browser: Browser, storage: Storage
    ) -> None:
        await made(storage, Owner(ADA.id, "=SUM(1)"), pictures=4)
        await browser.log_in(BO)
        answer = await browser.get(DESK + "/use.csv?time=week")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["content-disposition"]
        _, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert row[1:] == ["1", "'=SUM(1)", "1", "4", "60.000"]


class Named:
    """A Discord that says what roles and channels are called."""

    async def roles(self, server_id: int) -> dict[int, str]:
        return {7: "Patron", server_id: "@everyone"}

    async def channels(self, server_id: int) -> dict[int, str]:
        return {555: "wall <b>of</b> fame"}


async def test_roles_and_channels_go_by_their_names(storage: Storage, deps: Deps) -> None:
    rules = storage.rules
    ten = Allowance(amounts=(Amount(Unit.PICTURES, Period.DAY, 10),))
    await rules.change_line(HERE, Subject.role(7), lambda _: ten, by=BO, now=NOON)
    await rules.change_line(HERE, Subject.channel(555), lambda _: ten, by=BO, now=NOON)
    await storage.showcases.add(Showcase(id=0, server_id=HERE, channel_id=555), by=BO, now=NOON)
    named = replace(deps, directory=Named())
    async with browsing(build_app(named), named) as browser:
        await browser.log_in(BO)
        text = (await browser.get(DESK + "/limits")).text
        assert "@Patron" in text and "#wall &lt;b&gt;of&lt;/b&gt; fame" in text
        assert "#wall" in (await browser.get(DESK + "/showcases")).text
        assert (
            "set @Patron: nothing → 10 pictures per day" in (await browser.get(DESK + "/log")).text
        )


async def test_links_lead_to_the_discord_that_easel_is_on(storage: Storage, deps: Deps) -> None:
    sandbox = "http://127.0.0.1:8866"
    there = replace(deps, site=replace(deps.site, discord=sandbox))
    job, own = await made(storage, message_id=55), await made(storage, BO, message_id=56)
    await storage.showcases.add(Showcase(id=0, server_id=HERE, channel_id=555), by=BO, now=NOON)
    async with browsing(build_app(there), there) as browser:
        number = await reported(browser, job)
        await browser.log_in(BO)
        for path, where in (
            (f"{DESK}/reports/{number}", f"{CHANNEL.channel_id}/55"),
            (f"{DESK}/showcases", "555"),
            (f"/jobs/{own.id}", f"{CHANNEL.channel_id}/56"),
        ):
            text = (await browser.get(path)).text
            assert f'href="{sandbox}/channels/{HERE}/{where}"' in text, path
            assert "discord.com" not in text


async def test_all_that_is_set_is_listed_in_words(browser: Browser, storage: Storage) -> None:
    rules = storage.rules
    ten = Allowance(amounts=(Amount(Unit.PICTURES, Period.DAY, 10),))
    await rules.change_line(HERE, Subject.role(7), lambda _: ten, by=BO, now=NOON)
    await rules.grant(HERE, EVERYONE, Unit.PICTURES, 5, expires_at=None, by=BO, now=NOON)
    await rules.change_house(
        HERE, lambda h: replace(h, paused=True, forced_flags="--no <b>"), by=BO, now=NOON
    )
    await browser.log_in(BO)
    text = (await browser.get(DESK + "/limits")).text
    for words in ("role 7", "10 pictures per day", "no limits", "everybody: 5 pictures", "Paused"):
        assert words in text
    assert "--no &lt;b&gt;" in text
    assert text.index("everybody") < text.index("role 7")


class TestLog:
    async def test_it_says_who_did_what_in_pages(self, browser: Browser, storage: Storage) -> None:
        for number in range(60):
            await storage.rules.ban(HERE, 1000 + number, by=BO, now=NOON + number)
        await browser.log_in(BO)
        newest = (await browser.get(DESK + "/log")).text
        assert newest.count("<time") == 50
        assert "shut member 1059 out" in newest and "member 1009" not in newest
        older = newest.split('rel="next" href="')[1].split('"')[0]
        rest = (await browser.get(older)).text
        assert rest.count("<time") == 10 and "shut member 1009 out" in rest

    @pytest.mark.parametrize("before", ["x", "-1", "9" * 30])
    async def test_a_made_up_page_is_not_there(self, browser: Browser, before: str) -> None:
        await browser.log_in(BO)
        assert (await browser.get(f"{DESK}/log?before={before}")).status_code == 404


class TestReports:
    async def test_a_moderator_looks_and_dismisses(
        self, browser: Browser, storage: Storage
    ) -> None:
        job = await made(storage, message_id=55)
        number = await reported(browser, job, "<script>alert(1)</script>")
        await browser.log_in(CY)
        listed = (await browser.get(DESK + "/reports")).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in listed and "<script>alert" not in listed
        page = f"{DESK}/reports/{number}"
        case = (await browser.get(page)).text
        assert "Reported by" in case and f"/{CHANNEL.channel_id}/55" in case
        assert (await browser.submit(page + "/dismiss", {"why": " "}, page)).status_code == 403
        answer = await browser.submit(page + "/dismiss", {"why": "all is well"}, page)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{DESK}/reports")
        assert "No report waits." in (await browser.get(DESK + "/reports")).text
        assert "Dismissed" in (await browser.get(DESK + "/reports?closed=1")).text
        closed = (await browser.get(page)).text
        assert "all is well" in closed and "Take the picture down" not in closed
        assert len(await storage.jobs.images(job.id)) == 1

    async def test_taking_down_deletes_closes_and_is_logged(
        self, browser: Browser, storage: Storage
    ) -> None:
        job = await made(storage, pictures=4, message_id=55)
        await reported(browser, job)
        number = await reported(browser, job)
        await browser.log_in(BO)
        page = f"{DESK}/reports/{number}"
        assert "deletes all pictures of this job: 4." in (await browser.get(page)).text
        await browser.submit(page + "/take-down", {"why": "a real person"}, page)
        assert await storage.jobs.images(job.id) == []
        assert await storage.reports.count(HERE) == 0
        assert (await storage.reports.get(number)).verdict is Verdict.TAKEN_DOWN
        assert await storage.notices.keys() == [f"gone:{CHANNEL.channel_id}:55"]
        assert "took down the pictures of job" in (await browser.get(DESK + "/log")).text
        assert "The picture is gone." in (await browser.get(page)).text

    async def test_a_report_belongs_to_its_server(
        self, browser: Browser, storage: Storage, town: MemoryMembership
    ) -> None:
        number = await reported(browser, await made(storage))
        town.standings[DORA.id, HERE] = Standing(member=True)
        await browser.log_in(DORA)
        page = f"/admin/{ELSEWHERE}/reports/{number}"
        assert (await browser.get(page)).status_code in (403, 404)
        answer = await browser.submit(page + "/dismiss", {"why": "mine now"}, "/admin")
        assert answer.status_code in (403, 404)
        assert await storage.reports.count(HERE) == 1

    async def test_without_the_forms_token_nothing_happens(
        self, browser: Browser, storage: Storage
    ) -> None:
        number = await reported(browser, await made(storage))
        await browser.log_in(BO)
        answer = await browser.post(f"{DESK}/reports/{number}/take-down", data={"why": "gone"})
        assert answer.status_code == 403
        assert await storage.reports.count(HERE) == 1


class TestShowcases:
    async def test_an_admin_changes_and_removes_one(
        self, browser: Browser, storage: Storage
    ) -> None:
        new = Showcase(id=0, server_id=HERE, channel_id=555, topic="boats", likes=3)
        showcase = await storage.showcases.add(new, by=BO, now=NOON)
        await browser.log_in(BO)
        page = DESK + "/showcases"
        one = f"{page}/{showcase.id}"
        assert 'value="boats"' in (await browser.get(page)).text
        await browser.submit(one, {"topic": "<lamps>", "likes": "5"}, page)
        (changed,) = await storage.showcases.of_server(HERE)
        assert (changed.topic, changed.likes) == ("<lamps>", 5)
        wrong = await browser.submit(one, {"topic": "", "likes": "many"}, page)
        assert (wrong.status_code, "is a number" in wrong.text) == (403, True)
        assert (await browser.submit(one + "/remove", {}, page)).status_code == 403
        await browser.submit(one + "/remove", {"sure": "1"}, page)
        assert await storage.showcases.of_server(HERE) == []
        log = (await browser.get(DESK + "/log")).text
        assert "made channel 555 a showcase no more" in log

    async def test_another_servers_showcase_is_out_of_reach(
        self, browser: Browser, storage: Storage
    ) -> None:
        new = Showcase(id=0, server_id=ELSEWHERE, channel_id=5)
        showcase = await storage.showcases.add(new, by=DORA, now=NOON)
        await browser.log_in(BO)
        path = f"{DESK}/showcases/{showcase.id}"
        answer = await browser.submit(path + "/remove", {"sure": "1"}, "/admin")
        assert answer.status_code == 404
        assert len(await storage.showcases.of_server(ELSEWHERE)) == 1
