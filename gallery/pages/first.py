"""The first page."""

from __future__ import annotations

from starlette.responses import Response

from gallery.ask import Ask, Way


async def first(ask: Ask) -> Response:
    return ask.page("first.html")


WAYS = (Way(path="/", page=first, name="first"),)
