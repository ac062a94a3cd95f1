"""The first page: what is new, and what is liked most."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from core.sentences import say
from core.works import Order, Query
from gallery.ask import Ask, Way
from gallery.errors import NotHereError
from gallery.pages.pager import pager
from gallery.pages.tiles import tiles

ON_A_PAGE = 40
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Span:
    """`days` None: since ever."""

    title: str
    days: int | None


SPANS = {
    "day": Span(say("Day"), 1),
    "week": Span(say("Week"), 7),
    "month": Span(say("Month"), 30),
    "all": Span(say("All time"), None),
}
"""By what stands in the address."""


async def new(ask: Ask) -> Response:
    return await _explore(ask, Query(age_rated=ask.viewer.adult))


async def top(ask: Ask) -> Response:
    name = ask.part("span")
    if name not in SPANS:
        raise NotHereError
    days = SPANS[name].days
    # In whole hours, so that the pages that follow are of the same list.
    now = ask.deps.clock.now() // 3600 * 3600
    since = None if days is None else now - days * DAY
    query = Query(order=Order.TOP, since=since, age_rated=ask.viewer.adult)
    return await _explore(ask, query, name)


async def _explore(ask: Ask, query: Query, span: str = "") -> Response:
    page = await ask.deps.works.find(query, ask.viewer, ask.query("after"), ON_A_PAGE)
    return ask.page(
        "explore.html",
        tiles=tiles(ask, page.works),
        pager=pager(ask, page),
        span=span,
        spans=SPANS,
    )


WAYS = (
    Way(path="/", page=new, name="explore"),
    Way(path="/top/{span}", page=top, name="top"),
)
