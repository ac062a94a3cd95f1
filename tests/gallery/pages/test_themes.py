"""Themes that were decided hang in the gallery, for whoever may see their pictures."""

from __future__ import annotations

import re

import pytest

from core.themes import Phase, Theme
from core.works import Showing
from storage.opening import Storage
from tests.builders import ADA, NOON
from tests.gallery.conftest import Browser
from tests.gallery.pages.reading import heading, works
from tests.gallery.seed import BO, DORA, EMIL, HARBOUR, Seeded


async def begun(storage: Storage, words: str = "ships & fog <b>") -> Theme:
    new = Theme(
        id=0,
        server_id=HARBOUR,
        channel_id=90,
        words=words,
        starts_at=NOON - 900,
        votes_from=NOON - 600,
        ends_at=NOON - 300,
        most=5,
    )
    return await storage.themes.start(new, by=ADA, now=NOON)


async def enter(storage: Storage, theme: Theme, *ids: str) -> None:
    for id in ids:
        job_id, _, number = id.rpartition("-")
        await storage.themes.enter(
            theme.id, job_id, int(number), lambda theme, there: None, now=NOON
        )


async def decide(storage: Storage, theme: Theme, *places: int) -> None:
    """One vote for each of these places, then it is over."""
    await storage.themes.turn(theme.id, Phase.VOTING)
    for member, place in enumerate(places, 100):
        await storage.themes.vote(theme.id, place, member, lambda theme, entry: None)
    await storage.themes.turn(theme.id, Phase.OVER)


@pytest.fixture
async def theme(storage: Storage, browser: Browser, seeded: Seeded) -> Theme:
    found = await begun(storage)
    hung = works((await browser.get("/")).text)
    await enter(storage, found, *hung[:4], seeded.by["private"])
    return found


async def test_nothing_is_told_before_the_votes_are_counted(
    browser: Browser, storage: Storage, theme: Theme
) -> None:
    assert (await browser.get(f"/themes/{theme.id}")).status_code == 404
    assert "No theme was decided yet" in (await browser.get("/themes")).text
    await storage.themes.turn(theme.id, Phase.VOTING)
    assert (await browser.get(f"/themes/{theme.id}")).status_code == 404


async def test_winners_stand_first_with_their_votes(
    browser: Browser, storage: Storage, theme: Theme
) -> None:
    await decide(storage, theme, 2, 2, 1)
    entries = {one.place: one for one in await storage.themes.entries(theme.id)}
    text = (await browser.get(f"/themes/{theme.id}")).text
    assert heading(text) == "ships & fog <b>"
    podium = re.findall(r'<li class="rank(\d)"><a href="/p/([^"]+)"', text)
    ids = [f"{entries[place].job_id}-{entries[place].number}" for place in (2, 1)]
    assert podium == [("1", ids[0]), ("2", ids[1])]
    assert "Votes: 2" in text
    assert len(works(text)) == 2, "who won hangs once"


async def test_what_is_private_meanwhile_does_not_hang(
    browser: Browser, storage: Storage, theme: Theme, seeded: Seeded
) -> None:
    await decide(storage, theme, 1, 2, 3, 4)
    first = next(one for one in await storage.themes.entries(theme.id) if one.place == 1)
    id = f"{first.job_id}-{first.number}"
    assert id in (await browser.get(f"/themes/{theme.id}")).text
    await storage.works.show(id, Showing.PRIVATE)
    text = (await browser.get(f"/themes/{theme.id}")).text
    assert id not in text
    assert seeded.by["private"] not in text
    overview = (await browser.get("/themes")).text
    assert "ships &amp; fog &lt;b&gt;" in overview
    assert f'href="/themes/{theme.id}"' in overview
    assert "Harbour" in overview


async def test_a_theme_whose_pictures_are_not_shown_is_not_there(
    browser: Browser, storage: Storage, seeded: Seeded
) -> None:
    theme = await begun(storage, "secrets")
    id = seeded.by["unlisted"]
    await storage.works.show(id, Showing.PUBLIC)
    await enter(storage, theme, id)
    await decide(storage, theme, 1)
    await storage.works.show(id, Showing.UNLISTED)
    for person in (None, BO, DORA, EMIL):
        if person is not None:
            await browser.log_in(person)
        assert (await browser.get(f"/themes/{theme.id}")).status_code == 404
        assert "secrets" not in (await browser.get("/themes")).text
    assert (await browser.get("/themes/99")).status_code == 404
