"""Feeds: what is new and public, for programs that follow it. RSS 2.0 and JSON Feed 1.1.

They show what anyone may see and nothing else, whoever asks: a feed is read by programs that are
not logged in, and copied to places that nobody knows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as XML

from starlette.responses import Response

from core.works import ANYBODY, Query, Work
from gallery.ask import Ask, Way
from gallery.errors import NotHereError
from gallery.pages.dates import stamp
from gallery.pages.tiles import shortened

IN_A_FEED = 50
TITLE = 100
"""Characters."""

FRESH_SECONDS = 300
"""How long a reader may keep a feed before it asks again."""

_ATOM = "http://www.w3.org/2005/Atom"
_MEDIA = "http://search.yahoo.com/mrss/"


async def rss(ask: Ask) -> Response:
    works, title, home, own = await _wanted(ask, "rss")
    XML.register_namespace("atom", _ATOM)
    XML.register_namespace("media", _MEDIA)
    root = XML.Element("rss", version="2.0")
    channel = XML.SubElement(root, "channel")
    _add(channel, "title", title)
    _add(channel, "link", home)
    _add(channel, "description", title)
    XML.SubElement(channel, f"{{{_ATOM}}}link", href=own, rel="self", type="application/rss+xml")
    for work in works:
        item = XML.SubElement(channel, "item")
        page = ask.address("picture", work=work.id)
        _add(item, "title", shortened(work.text, TITLE))
        _add(item, "link", page)
        XML.SubElement(item, "guid", isPermaLink="true").text = page
        _add(item, "description", work.text)
        _add(item, "pubDate", format_datetime(datetime.fromtimestamp(work.created_at, UTC)))
        XML.SubElement(
            item,
            f"{{{_MEDIA}}}content",
            url=ask.address("picture_file", work=work.id),
            medium="image",
            width=str(work.width),
            height=str(work.height),
        )
    body = XML.tostring(root, encoding="utf-8", xml_declaration=True)
    return _answer(body, "application/rss+xml")


async def feed(ask: Ask) -> Response:
    works, title, home, own = await _wanted(ask, "json")
    items = [_item(ask, work) for work in works]
    value = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": home,
        "feed_url": own,
        "items": items,
    }
    return _answer(json.dumps(value, ensure_ascii=False).encode(), "application/feed+json")


def _item(ask: Ask, work: Work) -> dict[str, Any]:
    page, image = ask.address("picture", work=work.id), ask.address("picture_file", work=work.id)
    return {
        "id": page,
        "url": page,
        "title": shortened(work.text, TITLE),
        "content_text": work.text,
        "image": image,
        "date_published": stamp(work.created_at),
        "authors": [{"name": work.owner.name, "url": ask.address("person", person=work.owner.id)}],
        "attachments": [{"url": image, "mime_type": "image/png"}],
    }


async def _wanted(ask: Ask, kind: str) -> tuple[Sequence[Work], str, str, str]:
    """The works of a feed, its title, and the addresses of its page and of itself. Raises
    NotHereError for a person or server that shows nothing to everyone."""
    parts = ask.request.path_params
    query = Query(owner_id=parts.get("person"), server_id=parts.get("server"))
    page = await ask.deps.works.find(query, ANYBODY, limit=IN_A_FEED)
    if not parts:
        title, home = "Easel", ask.address("explore")
    elif not page.works:
        raise NotHereError
    elif "person" in parts:
        title, home = page.works[0].owner.name, ask.address("person", **parts)
    else:
        title, home = await ask.deps.server_name(parts["server"]), ask.address("server", **parts)
    of = "person_" if "person" in parts else "server_" if "server" in parts else ""
    return page.works, title or "Easel", home, ask.address(f"{of}feed_{kind}", **parts)


def _add(parent: XML.Element, name: str, text: str) -> None:
    # What XML has no way to write would make the feed unreadable.
    XML.SubElement(parent, name).text = "".join(filter(_may_stand, text))


def _may_stand(letter: str) -> bool:
    code = ord(letter)
    if code < 0x20:
        return letter in "\t\n\r"
    return not 0xD800 <= code < 0xE000 and code not in (0xFFFE, 0xFFFF)


def _answer(body: bytes, kind: str) -> Response:
    headers = {"cache-control": f"public, max-age={FRESH_SECONDS}"}
    return Response(body, media_type=f"{kind}; charset=utf-8", headers=headers)


WAYS = (
    Way(path="/feed.xml", page=rss, name="feed_rss"),
    Way(path="/feed.json", page=feed, name="feed_json"),
    Way(path="/u/{person:int}/feed.xml", page=rss, name="person_feed_rss"),
    Way(path="/u/{person:int}/feed.json", page=feed, name="person_feed_json"),
    Way(path="/s/{server:int}/feed.xml", page=rss, name="server_feed_rss"),
    Way(path="/s/{server:int}/feed.json", page=feed, name="server_feed_json"),
)
