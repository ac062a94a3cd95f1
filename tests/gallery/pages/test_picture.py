"""A picture's own page: what it tells, and to whom."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from core.edits import Box, Edit, Op, Painter
from core.request import Source
from gallery.pages.picture import facts
from storage.opening import Storage
from tests.builders import job, request, work
from tests.gallery.conftest import HERE, Browser
from tests.gallery.pages.reading import heading, links, works
from tests.gallery.seed import ADA, EMIL, HARBOUR, NORTH, Seeded


async def first(browser: Browser) -> str:
    return works((await browser.get("/")).text)[0]


async def of_server(storage: Storage, seeded: Seeded, server_id: int) -> str:
    for id in seeded.works:
        if (await storage.works.get(id)).server_id == server_id:
            return id
    raise AssertionError(server_id)


async def test_it_tells_the_words_the_flags_and_who_made_it(
    browser: Browser, storage: Storage
) -> None:
    id = await first(browser)
    work = await storage.works.get(id)
    text = (await browser.get(f"/p/{id}")).text
    words, _, flags = work.text.partition(" --")
    assert heading(text) == words
    chips = [html.unescape(one) for one in re.findall(r'<li class="chip code">([^<]*)<', text)]
    assert " ".join(chips) == f"--{flags}"
    assert f'<a href="/u/{work.owner.id}">{work.owner.name}</a>' in text
    assert '<a href="/s/10">Harbour</a>' in text
    assert html.escape(work.text) in text, "the line to copy"
    for fact in (work.model, f"{work.width} × {work.height}", str(work.seed)):
        assert f"<dd>{fact}</dd>" in text


async def test_the_way_back_to_discord_is_for_its_members(
    browser: Browser, storage: Storage, seeded: Seeded
) -> None:
    id = await of_server(storage, seeded, NORTH)
    work = await storage.works.get(id)
    await browser.log_in(ADA)
    text = (await browser.get(f"/p/{id}")).text
    assert f"https://discord.com/channels/{NORTH}/{work.channel_id}/{work.message_id}" in text


async def test_what_is_not_shown_to_somebody_is_not_there_for_them(
    browser: Browser, storage: Storage, seeded: Seeded
) -> None:
    hidden = [seeded.by["private"], seeded.by["age-rated"]]
    hidden.append(await of_server(storage, seeded, NORTH))
    never = "There is no such picture, or it is not shown to you."
    for path in ("", "/verify", "/alike"):
        for id in (*hidden, "0000000000000000ffff-1", "nonsense", "-"):
            answer = await browser.get(f"/p/{id}{path}")
            assert answer.status_code == 404, (id, path)
            assert heading(answer.text) == never
    await browser.log_in(EMIL)
    assert (await browser.get(f"/p/{hidden[0]}")).status_code == 404
    await browser.log_in(ADA)
    for id in hidden:
        assert (await browser.get(f"/p/{id}")).status_code == 200


async def test_what_was_deleted_is_gone_for_everybody(browser: Browser, seeded: Seeded) -> None:
    for _ in range(2):
        assert (await browser.get(f"/p/{seeded.by['deleted']}")).status_code == 410
        await browser.log_in(ADA)


async def test_only_what_anyone_may_see_has_a_preview_elsewhere(
    browser: Browser, seeded: Seeded
) -> None:
    id = await first(browser)
    text = (await browser.get(f"/p/{id}")).text
    assert f'<meta property="og:image" content="{HERE}/p/{id}.png">' in text
    assert "noindex" not in text
    await browser.log_in(ADA)
    for name in ("private", "unlisted", "age-rated"):
        text = (await browser.get(f"/p/{seeded.by[name]}")).text
        assert "og:" not in text
        assert '<meta name="robots" content="noindex">' in text


async def test_its_family_is_a_tree_with_this_one_marked(browser: Browser, seeded: Seeded) -> None:
    id = seeded.by["family"]
    text = (await browser.get(f"/p/{id}")).text
    tree = text[text.index('<ul class="tree">') :]
    assert re.findall(r'<a href="/p/([^"]+)" aria-current="true">', tree) == [id]
    titles = re.findall(r'<span class="note">([^<]+)</span>', tree)
    assert titles == ["Imagined", "Variations (Strong)", "Variations (Strong)"]


async def test_neighbours_lead_through_all_that_hangs(browser: Browser) -> None:
    hung = works((await browser.get("/")).text)
    page = (await browser.get(f"/p/{hung[1]}")).text
    assert links(page, "next") == [f"/p/{hung[2]}"]
    assert links(page, "prev") == [f"/p/{hung[0]}"]
    assert links((await browser.get(f"/p/{hung[0]}")).text, "prev") == []


async def test_a_small_picture_is_shown_larger_by_a_whole_number(
    browser: Browser, storage: Storage
) -> None:
    id = await first(browser)
    work = await storage.works.get(id)
    text = (await browser.get(f"/p/{id}")).text
    found = re.search(r'<img src="/p/[^"]+\.png" width="(\d+)" height="(\d+)"[^>]*enlarged', text)
    assert found is not None
    times = int(found[1]) / work.width
    assert times == int(found[2]) / work.height == int(times) > 1


async def test_a_file_that_is_as_it_was_made_is_genuine(browser: Browser) -> None:
    answer = await browser.get(f"/p/{await first(browser)}/verify")
    assert heading(answer.text) == "Genuine and unaltered"
    assert answer.text.count('<li class="yes">') == 3


async def test_a_file_that_was_changed_is_told_of(browser: Browser, storage: Storage) -> None:
    one, other = works((await browser.get("/")).text)[:2]
    place = await storage.blobs.local((await storage.works.get(one)).blob)
    place.write_bytes(await storage.blobs.get((await storage.works.get(other)).blob))
    text = (await browser.get(f"/p/{one}/verify")).text
    assert heading(text) == "Not as it was made"
    assert "The file was changed since it was made" in text
    assert "The record tells of another picture" in text
    place.write_bytes(b"no picture at all")
    text = (await browser.get(f"/p/{one}/verify")).text
    assert "The file says nothing of how it was made." in text


async def test_more_like_it_shows_what_lists_would(
    browser: Browser, storage: Storage, seeded: Seeded
) -> None:
    hung = works((await browser.get("/")).text)
    likeness = browser.deps.alike._likeness  # type: ignore[attr-defined]
    likeness.found = [hung[3], seeded.by["private"], hung[1], seeded.by["unlisted"]]
    text = (await browser.get(f"/p/{hung[0]}/alike")).text
    assert works(text) == [hung[3], hung[1]]
    assert f'data-load="/p/{hung[0]}/alike"' in (await browser.get(f"/p/{hung[0]}")).text


async def test_the_server_of_a_picture_is_where_its_pictures_are(
    browser: Browser, storage: Storage
) -> None:
    hung = works((await browser.get(f"/s/{HARBOUR}")).text)
    assert set(hung) == set(works((await browser.get("/")).text))


def test_it_tells_what_enlarged_it() -> None:
    edit = Edit(op=Op.ENLARGE, upscaler="sharp")
    plain, large = (
        {fact.name: fact.value for fact in facts(work(), job(request=one))}
        for one in (request(upscaler="soft"), request(source=Source("key", 0.2), edit=edit))
    )
    assert "Upscaler" not in plain
    assert large["Upscaler"] == "sharp"


def test_it_tells_which_model_painted_and_how() -> None:
    painter = Painter(model="fill", steps=40, guidance=9.0, sampler="euler-a")
    edit = Edit(op=Op.REGION, parts=(Box(0, 0, 1, 0.5),), painter=painter)
    asked = request(steps=24, guidance=4.0, source=Source("key", 1.0))
    plain, painted = (
        {fact.name: fact.value for fact in facts(work(), job(request=one))}
        for one in (asked, replace(asked, edit=edit))
    )
    assert (plain["Steps"], plain["Guidance"]) == ("24", "4")
    assert "Painted by" not in plain
    assert (painted["Model"], painted["Painted by"]) == ("postcard", "fill")
    assert (painted["Steps"], painted["Guidance"], painted["Sampler"]) == ("40", "9", "Euler a")
