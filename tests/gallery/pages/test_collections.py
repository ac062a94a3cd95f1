"""Collections on the web: made, filled, shown and removed."""

from __future__ import annotations

import re

from tests.gallery.conftest import Browser
from tests.gallery.pages.reading import heading, works
from tests.gallery.seed import ADA, BO, Seeded


async def made(browser: Browser, name: str = "Harbours", showing: str = "private") -> str:
    """Its path."""
    fields = {"name": name, "showing": showing}
    answer = await browser.submit("/collections", fields, "/collections")
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_a_collection_is_made_filled_and_shown(browser: Browser) -> None:
    await browser.log_in(ADA)
    path = await made(browser)
    hung = works((await browser.get("/")).text)
    for id in (hung[2], hung[0]):
        page = f"/p/{id}/collect"
        answer = await browser.submit(page, {"in": path.rpartition("/")[2]}, page)
        assert answer.headers["location"] == f"/p/{id}"
    text = (await browser.get(path)).text
    assert heading(text) == "Harbours"
    assert works(text) == [hung[2], hung[0]]
    assert "2 pictures" in (await browser.get("/collections")).text


async def test_a_new_one_is_made_beside_the_picture(browser: Browser) -> None:
    await browser.log_in(ADA)
    page = f"/p/{works((await browser.get('/')).text)[0]}/collect"
    await browser.submit(page, {"name": "Found by the way"}, page)
    text = (await browser.get(page)).text
    assert re.search(r'value="\w+" checked>Found by the way', text)
    await browser.submit(page, {}, page)
    assert "checked" not in (await browser.get(page)).text


async def test_a_private_one_is_not_there_for_others(browser: Browser, seeded: Seeded) -> None:
    await browser.log_in(ADA)
    path = await made(browser)
    page = f"/p/{seeded.by['private']}/collect"
    await browser.submit(page, {"in": path.rpartition("/")[2]}, page)
    await browser.log_in(BO)
    assert (await browser.get(path)).status_code == 404
    for what in ("change", "remove"):
        answer = await browser.submit(f"{path}/{what}", {"name": "mine"}, "/collections")
        assert answer.status_code == 404
    await browser.log_in(ADA)
    await browser.submit(f"{path}/change", {"name": "Harbours", "showing": "public"}, path)
    await browser.log_in(BO)
    text = (await browser.get(path)).text
    assert heading(text) == "Harbours"
    assert works(text) == [], "a collection shows nobody what they may not see"
    answer = await browser.submit(f"{path}/change", {"name": "mine"}, "/collections")
    assert answer.status_code == 403


async def test_it_is_named_anew_and_removed(browser: Browser) -> None:
    await browser.log_in(ADA)
    path = await made(browser)
    await browser.submit(f"{path}/change", {"name": "Ports", "showing": "unlisted"}, path)
    text = (await browser.get(path)).text
    assert heading(text) == "Ports"
    assert "Whoever has its address" in text
    answer = await browser.submit(f"{path}/remove", {}, path)
    assert answer.headers["location"] == "/collections"
    assert (await browser.get(path)).status_code == 404


async def test_a_wrong_name_or_showing_is_told_of(browser: Browser) -> None:
    await browser.log_in(ADA)
    for fields in ({"name": " "}, {"name": "x", "showing": "server"}, {"name": "x" * 81}):
        answer = await browser.submit("/collections", fields, "/collections")
        assert answer.status_code == 403
    await made(browser, "twice")
    answer = await browser.submit("/collections", {"name": "Twice"}, "/collections")
    assert "already" in heading(answer.text)
