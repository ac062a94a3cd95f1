"""The first page: what hangs there, for whom, and where it goes on."""

from __future__ import annotations

import re

import pytest

from storage.opening import Storage
from tests.gallery.conftest import Browser
from tests.gallery.pages.reading import links, works
from tests.gallery.seed import ADA, ATTIC, EMIL, HARBOUR, NORTH, Seeded


async def servers_of(storage: Storage, ids: list[str]) -> set[int]:
    return {(await storage.works.get(id)).server_id for id in ids}


async def test_anybody_sees_what_is_shown_to_everyone(
    browser: Browser, storage: Storage, seeded: Seeded
) -> None:
    hung = works((await browser.get("/")).text)
    assert hung
    assert await servers_of(storage, hung) == {HARBOUR}
    assert not {seeded.by[name] for name in ("private", "unlisted", "age-rated")} & set(hung)


async def test_a_member_sees_what_their_servers_show_them(
    browser: Browser, storage: Storage
) -> None:
    await browser.log_in(ADA)
    assert await servers_of(storage, works((await browser.get("/")).text)) == {HARBOUR, NORTH}
    await browser.log_in(EMIL)
    seen = await servers_of(storage, works((await browser.get("/")).text))
    assert seen == {HARBOUR}
    assert ATTIC not in seen


async def test_a_page_goes_on_where_it_ended(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = works((await browser.get("/")).text)
    monkeypatch.setattr("gallery.pages.explore.ON_A_PAGE", 4)
    path, seen = "/", list[str]()
    while path:
        text = (await browser.get(path)).text
        seen += works(text)
        path = next(iter(links(text, "next")), "")
    assert seen == whole
    assert len(whole) > 8


async def test_every_picture_keeps_its_room_and_says_what_it_is(browser: Browser) -> None:
    text = (await browser.get("/")).text
    images = re.findall(r"<img [^>]*>", text)
    assert len(images) == len(works(text))
    for image in images:
        assert re.search(r'width="\d+" height="\d+"', image)
        assert re.search(r'alt="[^"]+"', image)
    assert [at for at, image in enumerate(images) if "lazy" not in image] == list(range(12))


async def test_the_most_liked_come_first_within_a_time(browser: Browser, storage: Storage) -> None:
    counts = dict[str, list[int]]()
    for span in ("day", "week", "month", "all"):
        hung = works((await browser.get(f"/top/{span}")).text)
        counts[span] = [(await storage.works.get(id)).likes for id in hung]
        assert counts[span] == sorted(counts[span], reverse=True)
    assert len(counts["week"]) <= len(counts["month"]) <= len(counts["all"])
    assert max(counts["all"]) > 0


async def test_there_is_no_other_time(browser: Browser) -> None:
    assert (await browser.get("/top/never")).status_code == 404


async def test_a_made_up_place_in_the_list_is_refused(browser: Browser) -> None:
    answer = await browser.get("/?after=x'--")
    assert answer.status_code == 403
    assert "That page is not one of this list" in answer.text


async def test_whoever_turned_them_on_sees_age_rated_pictures(
    browser: Browser, seeded: Seeded
) -> None:
    await browser.log_in(ADA)
    before = await browser.get("/")
    assert seeded.by["age-rated"] not in works(before.text)
    await browser.submit("/age-rated", {"adult": "on", "back": "/"})
    browser.deps.clock.advance(11)  # type: ignore[attr-defined]
    assert seeded.by["age-rated"] in works((await browser.get("/")).text)


async def test_an_empty_gallery_says_what_will_hang_there(
    browser: Browser, storage: Storage, seeded: Seeded
) -> None:
    for job in seeded.jobs:
        await storage.album.delete(job.id, job.created_at + 100)
    text = (await browser.get("/")).text
    assert "Nothing hangs here yet" in text
    assert works(text) == []
