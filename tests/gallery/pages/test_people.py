"""What people and servers show, and what is one's own."""

from __future__ import annotations

import pytest

from storage.opening import Storage
from tests.gallery.conftest import Browser
from tests.gallery.pages.reading import heading, works
from tests.gallery.seed import ADA, EMIL, HARBOUR, NORTH, Seeded


async def test_a_person_shows_what_the_visitor_may_see(
    browser: Browser, storage: Storage, seeded: Seeded
) -> None:
    text = (await browser.get(f"/u/{ADA.id}")).text
    assert heading(text) == "ada"
    for id in works(text):
        work = await storage.works.get(id)
        assert (work.owner.id, work.server_id, work.showing.value) == (ADA.id, HARBOUR, "public")
    assert "Private" not in text
    await browser.log_in(ADA)
    own = (await browser.get(f"/u/{ADA.id}")).text
    assert seeded.by["private"] in works(own)
    assert "Private</span>" in own


async def test_nobody_learns_of_people_and_servers_that_show_them_nothing(
    browser: Browser,
) -> None:
    strangers = {(await browser.get(path)).text for path in ("/u/424242", f"/s/{NORTH}", "/s/999")}
    assert {heading(text) for text in strangers} == {
        "There is no such page, or it is not shown to you."
    }
    await browser.log_in(EMIL)
    assert (await browser.get(f"/s/{NORTH}")).status_code == 404
    await browser.log_in(ADA)
    assert heading((await browser.get(f"/s/{NORTH}")).text) == "Studio North"


async def test_who_made_nothing_has_a_page_for_themselves(
    browser: Browser, storage: Storage, seeded: Seeded
) -> None:
    for job in seeded.jobs:
        await storage.album.delete(job.id, job.created_at + 100)
    await browser.log_in(EMIL)
    answer = await browser.get(f"/u/{EMIL.id}")
    assert (answer.status_code, heading(answer.text)) == (200, "You")
    assert "Nothing hangs here yet" in answer.text
    assert "What you make on Discord appears here as soon as it is done." in answer.text
    assert "Nothing made yet" in (await browser.get("/mine")).text
    assert "No likes yet" in (await browser.get("/likes")).text


@pytest.mark.parametrize("order", ["", "?order=top"])
async def test_a_page_has_orders(browser: Browser, storage: Storage, order: str) -> None:
    hung = works((await browser.get(f"/s/{HARBOUR}{order}")).text)
    likes = [(await storage.works.get(id)).likes for id in hung]
    assert (likes == sorted(likes, reverse=True)) is bool(order)
    assert (await browser.get(f"/s/{HARBOUR}?order=sideways")).status_code == 404


@pytest.mark.parametrize("path", ["/mine", "/likes", "/collections"])
async def test_what_is_ones_own_is_for_who_is_logged_in(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next=%2F{path[1:]}")


async def test_my_history_has_all_of_it_in_each_order(
    browser: Browser, storage: Storage, seeded: Seeded
) -> None:
    await browser.log_in(ADA)
    text = (await browser.get("/mine")).text
    new, old = works(text), works((await browser.get("/mine?order=old")).text)
    assert new == old[::-1]
    assert {seeded.by[name] for name in ("private", "unlisted", "age-rated")} <= set(new)
    assert f"{len(new)} pictures, whoever may see them." in text


async def test_likes_are_those_that_one_may_still_see(
    browser: Browser, storage: Storage, seeded: Seeded
) -> None:
    await browser.log_in(EMIL)
    public = works((await browser.get("/")).text)[0]
    job_id, _, number = public.rpartition("-")
    await storage.album.like(job_id, int(number), EMIL.id, 1.0, likes=True)
    hidden = seeded.by["private"].split("-")[0]
    await storage.album.like(hidden, 1, EMIL.id, 2.0, likes=True)
    liked = works((await browser.get("/likes")).text)
    assert public in liked
    assert seeded.by["private"] not in liked
