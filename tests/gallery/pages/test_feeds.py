"""Feeds: for programs that are not logged in, whoever has them."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as XML

import pytest

from storage.opening import Storage
from tests.gallery.conftest import HERE, Browser
from tests.gallery.pages.reading import works
from tests.gallery.seed import ADA, EMIL, HARBOUR, NORTH

MEDIA = "{http://search.yahoo.com/mrss/}content"


async def test_the_first_page_says_where_its_feeds_are(browser: Browser) -> None:
    text = (await browser.get("/")).text
    found = re.findall(r'<link rel="alternate" type="([^"]+)"[^>]* href="([^"]+)">', text)
    assert found == [
        ("application/rss+xml", "/feed.xml"),
        ("application/feed+json", "/feed.json"),
    ]


async def test_an_rss_reader_finds_what_is_new(browser: Browser, storage: Storage) -> None:
    hung = works((await browser.get("/")).text)
    answer = await browser.get("/feed.xml")
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=300"
    channel = XML.fromstring(answer.content).find("channel")
    assert channel is not None
    items = channel.findall("item")
    assert [item.findtext("link") for item in items] == [f"{HERE}/p/{id}" for id in hung]
    work = await storage.works.get(hung[0])
    assert items[0].findtext("description") == work.text
    picture = items[0].find(MEDIA)
    assert picture is not None
    assert picture.attrib["url"] == f"{HERE}/p/{work.id}.png"
    assert picture.attrib["width"] == str(work.width)


async def test_a_json_reader_finds_the_same(browser: Browser) -> None:
    hung = works((await browser.get("/")).text)
    feed = json.loads((await browser.get("/feed.json")).content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{HERE}/feed.json"
    assert [item["id"] for item in feed["items"]] == [f"{HERE}/p/{id}" for id in hung]
    assert feed["items"][0]["date_published"].endswith("Z")


async def test_a_feed_shows_a_member_no_more_than_anybody(
    browser: Browser, storage: Storage
) -> None:
    public = (await browser.get("/feed.json")).content
    await browser.log_in(ADA)
    await browser.submit("/age-rated", {"adult": "on", "back": "/"})
    assert (await browser.get("/feed.json")).content == public


@pytest.mark.parametrize("kind", ["xml", "json"])
async def test_people_and_servers_have_feeds_of_what_they_show_everyone(
    browser: Browser, kind: str
) -> None:
    assert (await browser.get(f"/u/{ADA.id}/feed.{kind}")).status_code == 200
    answer = await browser.get(f"/s/{HARBOUR}/feed.{kind}")
    assert "Harbour" in answer.text
    await browser.log_in(EMIL)
    for path in (f"/s/{NORTH}", "/s/99", "/u/99"):
        assert (await browser.get(f"{path}/feed.{kind}")).status_code == 404


async def test_letters_that_xml_does_not_have_are_left_out() -> None:
    from gallery.pages.feeds import _add

    parent = XML.Element("item")
    _add(parent, "title", "a\x00b\x1b<c>&\ud800 \ufffe d\n")
    assert XML.fromstring(XML.tostring(parent)).findtext("title") == "ab<c>&  d\n"
